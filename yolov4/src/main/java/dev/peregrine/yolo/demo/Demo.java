package dev.peregrine.yolo.demo;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.YoloV4Tiny;
import dev.peregrine.yolo.plot.ContactSheet;
import dev.peregrine.yolo.plot.Mark;
import dev.peregrine.yolo.recipe.DarknetRecipe;
import dev.peregrine.yolo.recipe.Hyper;
import dev.peregrine.yolo.recipe.Hyperparameters;
import dev.peregrine.yolo.recipe.Recipe;
import dev.peregrine.yolo.train.TrainingRun;
import dev.peregrine.yolo.train.TrainingSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The whole way in a few minutes: paint pictures, train a scaled-down YOLOv4-tiny on them from
 * random weights, measure it on pictures held back, and draw what it finds.
 *
 * <p>The length of the training follows from the wanted minutes and the speed of the machine, which
 * a few steps measure first.
 */
public final class Demo {
  private static final String MODEL = "yolov4-tiny@0.25";
  private static final int SIDE = 128;
  private static final int TRAIN = 1500;
  private static final int VAL = 80;
  private static final int BATCH = 8;
  private static final int SHORTEST = 8;
  private static final int LONGEST = 60;
  private static final double RATE = 0.02;
  private static final int SHOWN = 16;

  private Demo() {}

  /**
   * What a demonstration ends with.
   *
   * @param scores the twelve COCO numbers on the pictures held back
   * @param folder the run's folder, with curves and weights
   * @param sheet found objects, drawn on the pictures held back
   */
  public record Result(CocoResult scores, Path folder, Path sheet) {}

  /** How a demonstration tells what it does. */
  public interface Guide {
    /**
     * Tells the next step.
     *
     * @param sentence one line
     */
    void say(String sentence);

    /**
     * Makes what watches the training.
     *
     * @return a listener
     */
    Listener watch();
  }

  /**
   * Runs the demonstration.
   *
   * @param out where everything goes
   * @param minutes of training that are wanted
   * @param seed of pictures and weights
   * @param device where to compute
   * @param guide who tells the user
   * @return scores and places
   */
  public static Result run(Path out, double minutes, long seed, Device device, Guide guide) {
    guide.say("Painting " + (TRAIN + VAL) + " pictures of shapes ...");
    Path data = new ShapesDataSet(TRAIN, VAL, SIDE, seed).write(out.resolve("data"));
    DataSet train = DataSet.load(data, Split.TRAIN);
    DataSet val = DataSet.load(data, Split.VAL);
    DetectionModel model = Models.named(MODEL, train.names().size(), YoloV4Tiny.anchors(SIDE));
    Params params = Models.initialize(model, seed);
    int batches = (TRAIN + BATCH - 1) / BATCH;
    double seconds = secondsPerStep(model, train, out, device, seed);
    int epochs = Math.clamp(Math.round(minutes * 60 / (seconds * batches)), SHORTEST, LONGEST);
    guide.say(
        "Training %s (%,d numbers) for %d epochs from random weights on %s ..."
            .formatted(MODEL, params.count(), epochs, device.description()));
    TrainingRun run =
        new TrainingRun(
            model, params, train, val, settings(epochs, seed), out, device, List.of(guide.watch()));
    CocoResult scores = Objects.requireNonNull(run.start());
    Detector detector =
        Detector.load(out.resolve("weights").resolve("best.safetensors")).on(device);
    Path sheet = out.resolve("found.png");
    draw(detector, val, sheet);
    return new Result(scores, out, sheet);
  }

  private static TrainingSettings settings(int epochs, long seed) {
    // Pictures are painted as they will be met, so nothing need be changed to have more of them.
    Hyperparameters hyper = Hyperparameters.of(Recipe.Kind.DARKNET).with(Hyper.LR0, RATE);
    return TrainingSettings.of(
            DarknetRecipe.of(hyper, DarknetSettings.NONE),
            InputSize.square(SIDE),
            epochs,
            BATCH,
            seed)
        .every(Math.max(1, epochs / 10), 60);
  }

  /**
   * Times a short run on a few pictures, after steps in which the machine code is still being made.
   */
  private static double secondsPerStep(
      DetectionModel model, DataSet train, Path out, Device device, long seed) {
    DataSet few = new DataSet(train.names(), train.samples().subList(0, 6 * BATCH));
    int epochs = 8;
    Stopwatch watch = new Stopwatch();
    new TrainingRun(
            model,
            Models.initialize(model, seed),
            few,
            null,
            settings(epochs, seed),
            out.resolve("calibration"),
            device,
            List.of(watch))
        .start();
    return watch.secondsPerStep();
  }

  private static final class Stopwatch implements Listener {
    private final List<Long> times = new ArrayList<>();

    @Override
    public void onBatch(Trainer<?> trainer, Progress progress) {
      times.add(System.nanoTime());
    }

    /** The mean of the second half, when the machine code is made. */
    double secondsPerStep() {
      int half = times.size() / 2;
      return (times.get(times.size() - 1) - times.get(half)) / 1e9 / (times.size() - 1 - half);
    }
  }

  private static void draw(Detector detector, DataSet val, Path sheet) {
    List<ContactSheet.Tile> tiles = new ArrayList<>();
    for (Sample sample : val.samples().subList(0, SHOWN)) {
      Image image = Images.read(sample.image());
      List<Detection> found = detector.detect(image);
      tiles.add(new ContactSheet.Tile("", image, found.stream().map(Mark::of).toList()));
    }
    Images.write(sheet, ContactSheet.of(tiles, SHOWN, 320));
  }
}
