package dev.peregrine.yolo.recipe;

import static dev.peregrine.yolo.recipe.Hyper.ANCHOR_T;
import static dev.peregrine.yolo.recipe.Hyper.BOX;
import static dev.peregrine.yolo.recipe.Hyper.CLS;
import static dev.peregrine.yolo.recipe.Hyper.CLS_PW;
import static dev.peregrine.yolo.recipe.Hyper.EMA;
import static dev.peregrine.yolo.recipe.Hyper.EMA_HORIZON;
import static dev.peregrine.yolo.recipe.Hyper.FL_GAMMA;
import static dev.peregrine.yolo.recipe.Hyper.LABEL_SMOOTHING;
import static dev.peregrine.yolo.recipe.Hyper.LR0;
import static dev.peregrine.yolo.recipe.Hyper.LRF;
import static dev.peregrine.yolo.recipe.Hyper.MOMENTUM;
import static dev.peregrine.yolo.recipe.Hyper.NOMINAL_BATCH;
import static dev.peregrine.yolo.recipe.Hyper.OBJ;
import static dev.peregrine.yolo.recipe.Hyper.OBJ_PW;
import static dev.peregrine.yolo.recipe.Hyper.OVERLAP_SHARE;
import static dev.peregrine.yolo.recipe.Hyper.WARMUP;
import static dev.peregrine.yolo.recipe.Hyper.WARMUP_BIAS;
import static dev.peregrine.yolo.recipe.Hyper.WARMUP_MOMENTUM;
import static dev.peregrine.yolo.recipe.Hyper.WEIGHT_DECAY;

import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Adam;
import dev.peregrine.nn.optim.CosineSchedule;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.Optimizer;
import dev.peregrine.nn.optim.Schedule;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.WeightAverage;
import dev.peregrine.yolo.augment.Augmentation;
import dev.peregrine.yolo.augment.TorchAugmentation;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.DetectionLoss;
import dev.peregrine.yolo.loss.ScaledLoss;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The recipe of Scaled-YOLOv4's PyTorch code: truths taught to neighbouring cells, Nesterov
 * momentum with a warm-up, half a cosine, steps of a nominal batch, a moving average, and mosaics.
 *
 * <p>The large networks are trained in two stages: with {@code firstStage} 300 and 450 epochs, 299
 * epochs of a schedule for 300, then 151 epochs of one for 450 with the zoom and the mixtures of
 * {@link TorchSettings#FINETUNE}.
 *
 * <p>Some numbers follow from the run unless they are given. The warm-up lasts three epochs and at
 * least 1000 mini-batches, but no more than a tenth of the run. A step of descent takes 64
 * pictures, but no more than leave the run {@value #STEPS} steps: the published runs have a hundred
 * times as many. A run of fewer than {@value #SHORT} steps of 64 pictures is none for descent:
 * {@link Method#AUTO} takes AdamW there. The moving average keeps what the last twentieth of a
 * short run found.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, section 4 and training code.
 *
 * @param hyper its numbers
 * @param augmentation what is done to training pictures
 * @param iouLoss what the box error is measured by
 * @param multiScale whether each batch has a size of its own, half to one and a half of the run's
 * @param firstStage epochs that the schedule of a first stage is made for, 0 for a run of one stage
 * @param method how gradients become steps
 */
public record ScaledRecipe(
    Hyperparameters hyper,
    TorchSettings augmentation,
    IouLoss iouLoss,
    boolean multiScale,
    int firstStage,
    Method method)
    implements Recipe {
  private static final int PUBLISHED_BATCH = 64;
  private static final int STEPS = 1000;
  private static final int SHORT = 2_000;
  private static final double DESCENT_RATE = 0.01;
  private static final double ADAM_RATE = 0.0015;
  private static final double DESCENT_BIAS_RATE = 0.1;
  private static final double AVERAGE = 0.9999;
  private static final double AVERAGE_HORIZON = 2000;
  private static final int LEAST_WARMUP = 1000;
  private static final double PUBLISHED_CLASSES = 80;

  /** Checks the ranges. */
  public ScaledRecipe {
    if (hyper.kind() != Kind.SCALED || firstStage < 0) {
      throw new IllegalArgumentException(
          "recipe: scaled takes numbers of its own kind, and a first stage of 0 epochs or more");
    }
  }

  /**
   * The usual recipe: the published numbers, CIoU, one size, one stage.
   *
   * @return the recipe
   */
  public static ScaledRecipe usual() {
    return new ScaledRecipe(
        Hyperparameters.of(Kind.SCALED),
        TorchSettings.SCRATCH,
        IouLoss.CIOU,
        false,
        0,
        Method.AUTO);
  }

  @Override
  public DetectionLoss loss(DetectionModel model) {
    ScaledLoss.Settings settings =
        new ScaledLoss.Settings(
            iouLoss,
            hyper.get(BOX),
            hyper.get(OBJ),
            hyper.get(CLS) * model.classes() / PUBLISHED_CLASSES,
            hyper.get(OBJ_PW),
            hyper.get(CLS_PW),
            hyper.get(ANCHOR_T),
            hyper.get(FL_GAMMA),
            hyper.get(LABEL_SMOOTHING),
            hyper.get(OVERLAP_SHARE));
    return new ScaledLoss(model.heads(), settings);
  }

  @Override
  public Optimizer optimizer(Course course) {
    double decay = hyper.get(WEIGHT_DECAY);
    return switch (method(course)) {
      case AUTO, SGD -> {
        Accumulation.Sum steps = accumulation(course);
        double pictures = (double) course.batch() * steps.batches(Long.MAX_VALUE);
        yield Sgd.nesterov(decay * pictures / PUBLISHED_BATCH);
      }
      case ADAM -> Adam.coupled(decay);
      case ADAMW -> Adam.decoupled(decay);
    };
  }

  /** What AUTO stands for in a run. */
  private Method method(Course course) {
    if (method != Method.AUTO) {
      return method;
    }
    double steps = (double) course.iterations() * course.batch() / PUBLISHED_BATCH;
    return steps < SHORT ? Method.ADAMW : Method.SGD;
  }

  private boolean descends(Course course) {
    return method(course) == Method.SGD;
  }

  @Override
  public Schedule schedule(Course course) {
    Schedule last = cosine(course, course.epochs());
    if (firstStage == 0) {
      return last;
    }
    Schedule first = cosine(course, firstStage);
    return iteration -> (isFirstStage(iteration / course.batches()) ? first : last).at(iteration);
  }

  @Override
  public ScaledRecipe settled(Course course) {
    Hyperparameters numbers =
        hyper.with(LR0, rate(course)).with(WARMUP_BIAS, warmupBiasRate(course));
    return new ScaledRecipe(numbers, augmentation, iouLoss, multiScale, firstStage, method);
  }

  private double rate(Course course) {
    return hyper.get(LR0, descends(course) ? DESCENT_RATE : ADAM_RATE);
  }

  private double warmupBiasRate(Course course) {
    return hyper.get(WARMUP_BIAS, descends(course) ? DESCENT_BIAS_RATE : 0);
  }

  private CosineSchedule cosine(Course course, int epochs) {
    return new CosineSchedule(
        rate(course),
        hyper.get(LRF),
        hyper.get(MOMENTUM),
        hyper.get(WARMUP_MOMENTUM),
        warmupBiasRate(course),
        warmup(course),
        epochs,
        course.batches());
  }

  private boolean isFirstStage(long epoch) {
    return epoch < firstStage - 1;
  }

  private long warmup(Course course) {
    long usual = Math.max(3L * course.batches(), LEAST_WARMUP);
    return (long) hyper.get(WARMUP, Math.min(usual, course.iterations() / 10));
  }

  @Override
  public Accumulation.Sum accumulation(Course course) {
    double most = (double) course.iterations() * course.batch() / STEPS;
    int least = Math.min(course.batch(), PUBLISHED_BATCH);
    int usual = descends(course) ? (int) Math.clamp(most, least, PUBLISHED_BATCH) : least;
    int nominal = (int) hyper.get(NOMINAL_BATCH, usual);
    return new Accumulation.Sum(nominal, course.batch(), warmup(course));
  }

  @Override
  public @Nullable WeightAverage average(Course course) {
    double iterations = Math.max(100, course.iterations());
    boolean descends = descends(course);
    double share = hyper.get(EMA, descends ? AVERAGE : Math.min(AVERAGE, 1 - 20 / iterations));
    double usual = Math.clamp(iterations / 50, 10, AVERAGE_HORIZON);
    double horizon = hyper.get(EMA_HORIZON, descends ? AVERAGE_HORIZON : usual);
    return share == 0 ? null : new Ema(share, horizon);
  }

  @Override
  public Augmentation augmentation(long epoch) {
    if (firstStage == 0 || isFirstStage(epoch)) {
      return new TorchAugmentation(augmentation);
    }
    TorchSettings second = TorchSettings.FINETUNE;
    return new TorchAugmentation(
        augmentation.with("scale", second.scale()).with("mixup", second.mixup()));
  }

  @Override
  public InputSize size(Course course, long iteration) {
    InputSize size = course.size();
    if (!multiScale) {
      return size;
    }
    int stride = course.stride();
    int longest = Math.max(size.height(), size.width());
    SplittableRandom random = new SplittableRandom(course.seed() * 0x9E3779B97F4A7C15L ^ iteration);
    int drawn = random.nextInt(longest / 2, longest * 3 / 2 + stride) / stride * stride;
    double factor = (double) Math.max(stride, drawn) / longest;
    return new InputSize(
        (int) Math.ceil(size.height() * factor / stride) * stride,
        (int) Math.ceil(size.width() * factor / stride) * stride);
  }

  @Override
  public boolean resamples() {
    return true;
  }
}
