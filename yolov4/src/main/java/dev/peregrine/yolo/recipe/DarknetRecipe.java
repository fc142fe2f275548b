package dev.peregrine.yolo.recipe;

import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Adam;
import dev.peregrine.nn.optim.DarknetSchedule;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.LateEma;
import dev.peregrine.nn.optim.Optimizer;
import dev.peregrine.nn.optim.Schedule;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.WeightAverage;
import dev.peregrine.yolo.augment.Augmentation;
import dev.peregrine.yolo.augment.DarknetAugmentation;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.DarknetLoss;
import dev.peregrine.yolo.loss.DetectionLoss;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The recipe of the darknet program: one cell a truth, plain momentum, a burn-in and a policy,
 * jitter and mosaics, and sizes that change every ten steps where that is asked for.
 *
 * <p>What a head is taught (thresholds, normalisers, overlap) it says itself.
 *
 * <p>Beside darknet's late average ({@code ema_alpha}) runs may be evaluated by a moving average
 * from the start, as they are unless {@code ema} is 0; it reaches back over a twentieth of the run.
 *
 * <p><b>Source</b> AlexeyAB/darknet; Bochkovskiy, Wang and Liao 2020.
 *
 * @param hyper its numbers
 * @param augmentation what is done to training pictures
 * @param curve the learning rate after the burn-in
 * @param form which gradient the loss gives
 * @param iouLoss what the box error is measured by, or null for what each head says
 * @param sizeStep random sizes are multiples of this
 * @param adaptive Adam in the place of momentum, or null
 */
public record DarknetRecipe(
    Hyperparameters hyper,
    DarknetSettings augmentation,
    Curve curve,
    DarknetLoss.Form form,
    @Nullable IouLoss iouLoss,
    int sizeStep,
    @Nullable Adaptive adaptive)
    implements Recipe {
  private static final int EVERY = 10;
  private static final int LARGEST_AT_LAST = 100;
  private static final double USUAL_RANGE = 1.4;
  private static final int SETTLING = 1000;

  /** Part of what would fit that a grown batch takes. */
  private static final double SPARED = 0.8;

  /**
   * Darknet's Adam, whose first share is the momentum of the recipe.
   *
   * @param second share of the average square that is kept ({@code B2})
   * @param epsilon added to the root of the average square of a batch's sum ({@code eps})
   */
  public record Adaptive(double second, double epsilon) {
    /** What darknet takes where a cfg says {@code adam=1} alone. */
    public static final Adaptive USUAL = new Adaptive(0.999, 1e-6);
  }

  /** The learning rate of a run of some length. */
  @FunctionalInterface
  public interface Curve {
    /**
     * Makes the policy.
     *
     * @param iterations of the run
     * @param rate the base rate
     * @param last share of the rate that may be left at the end
     * @param seed of a policy that draws
     * @return the policy
     */
    DarknetSchedule.Policy over(long iterations, double rate, double last, long seed);
  }

  /** Checks the kind of the numbers. */
  public DarknetRecipe {
    if (hyper.kind() != Kind.DARKNET || sizeStep < 1) {
      throw new IllegalArgumentException(
          "recipe: darknet takes numbers of its own kind, and sizes in steps of 1 or more");
    }
  }

  /**
   * The usual recipe: that of {@code yolov4-tiny.cfg} with mosaics, on a curve that suits runs of
   * any length.
   *
   * @return the recipe
   */
  public static DarknetRecipe usual() {
    return of(Hyperparameters.of(Kind.DARKNET), DarknetSettings.TINY.with("mosaic", 0.5));
  }

  /**
   * The usual recipe with other numbers.
   *
   * @param hyper its numbers
   * @param augmentation what is done to training pictures
   * @return the recipe
   */
  public static DarknetRecipe of(Hyperparameters hyper, DarknetSettings augmentation) {
    return new DarknetRecipe(
        hyper, augmentation, DarknetPolicy.SGDR, DarknetLoss.Form.DARKNET, null, 32, null);
  }

  @Override
  public DetectionLoss loss(DetectionModel model) {
    return new DarknetLoss(model.heads().stream().map(this::taught).toList(), form);
  }

  /** A head with what this recipe says otherwise than the head itself. */
  private HeadSpec taught(HeadSpec head) {
    HeadTraining own = head.training();
    HeadTraining training =
        new HeadTraining(
            hyper.get(Hyper.IGNORE_THRESH, own.ignoreThreshold()),
            own.truthThreshold(),
            hyper.get(Hyper.IOU_THRESH, own.iouThreshold()),
            iouLoss == null ? own.iouLoss() : iouLoss,
            hyper.get(Hyper.IOU_NORMALIZER, own.iouNormalizer()),
            hyper.get(Hyper.OBJ_NORMALIZER, own.objectnessNormalizer()),
            own.classNormalizer(),
            hyper.get(Hyper.MAX_DELTA, own.maxDelta()),
            own.objectnessSmooth(),
            hyper.get(Hyper.LABEL_SMOOTHING, own.labelSmoothing()),
            own.focal(),
            own.similarity(),
            own.uncertaintyNormalizer());
    return head.with(training);
  }

  @Override
  public Optimizer optimizer(Course course) {
    double decay = hyper.get(Hyper.WEIGHT_DECAY);
    if (adaptive == null) {
      return Sgd.plain(decay);
    }
    // Darknet adds up the gradients of a batch where these are means.
    double nominal = Math.max(course.batch(), hyper.get(Hyper.NOMINAL_BATCH, course.batch()));
    return Adam.ofAll(decay, adaptive.second(), adaptive.epsilon() / nominal);
  }

  @Override
  public Schedule schedule(Course course) {
    double rate = hyper.get(Hyper.LR0);
    long usual = Math.min(1000, Math.max(10, course.iterations() / 20));
    return new DarknetSchedule(
        rate,
        hyper.get(Hyper.MOMENTUM),
        (long) hyper.get(Hyper.WARMUP, usual),
        hyper.get(Hyper.POWER),
        curve.over(course.iterations(), rate, hyper.get(Hyper.LRF), course.seed()));
  }

  @Override
  public Accumulation accumulation(Course course) {
    return new Accumulation.Mean((int) hyper.get(Hyper.NOMINAL_BATCH, course.batch()));
  }

  @Override
  public @Nullable WeightAverage average(Course course) {
    double alpha = hyper.get(Hyper.EMA_ALPHA);
    double nominal = hyper.get(Hyper.NOMINAL_BATCH, course.batch());
    // A step takes whole mini-batches, and the last one of an epoch what is left.
    long batchesOfStep = (long) Math.max(1, Math.ceil(nominal / course.batch()));
    long steps = Math.ceilDiv((long) course.batches(), batchesOfStep) * course.epochs();
    if (alpha > 0) {
      // A short run would settle before its average began.
      long settling = Math.min(SETTLING, steps / 10);
      return new LateEma(alpha, Math.max(1, steps / 2), Math.max(1, steps - settling));
    }
    double share = hyper.get(Hyper.EMA, Math.min(0.9999, 1 - 20.0 / Math.max(100, steps)));
    double horizon = hyper.get(Hyper.EMA_HORIZON, Math.clamp(steps / 50.0, 10, 2000));
    return share == 0 ? null : new Ema(share, horizon);
  }

  @Override
  public Augmentation augmentation(long epoch) {
    return new DarknetAugmentation(augmentation);
  }

  @Override
  public InputSize size(Course course, long iteration) {
    double random = hyper.get(Hyper.RANDOM);
    if (random == 0) {
      return course.size();
    }
    double range = random == 1 ? USUAL_RANGE : random;
    long drawn = iteration / EVERY;
    if (drawn == 0 || iteration > course.iterations() - LARGEST_AT_LAST) {
      return scaled(course.size(), range);
    }
    SplittableRandom source = new SplittableRandom(course.seed() * 0x9E3779B97F4A7C15L ^ drawn);
    double factor = 1 + (range - 1) * source.nextDouble();
    factor = source.nextBoolean() ? factor : 1 / factor;
    InputSize size = scaled(course.size(), factor);
    boolean grown = size.height() > course.size().height() || size.width() > course.size().width();
    return factor < 1 && grown ? course.size() : size;
  }

  /**
   * {@inheritDoc}
   *
   * <p><b>Formula</b> with {@code dynamic_minibatch}: the pictures that have the area of a batch at
   * the largest size, four fifths of them where that is still more than a batch.
   */
  @Override
  public int batch(Course course, long iteration) {
    double random = hyper.get(Hyper.RANDOM);
    if (random == 0 || hyper.get(Hyper.DYNAMIC_MINIBATCH) == 0) {
      return course.batch();
    }
    InputSize largest = scaled(course.size(), random == 1 ? USUAL_RANGE : random);
    long pictures = course.batch() * area(largest) / area(size(course, iteration));
    long reduced = (long) (pictures * SPARED);
    return (int) Math.max(course.batch(), reduced > course.batch() ? reduced : pictures);
  }

  private static long area(InputSize size) {
    return (long) size.height() * size.width();
  }

  private InputSize scaled(InputSize size, double factor) {
    return new InputSize(scaled(size.height(), factor), scaled(size.width(), factor));
  }

  private int scaled(int side, double factor) {
    return Math.max(1, (int) Math.round(factor * side / sizeStep + 1)) * sizeStep;
  }

  @Override
  public boolean resamples() {
    return false;
  }
}
