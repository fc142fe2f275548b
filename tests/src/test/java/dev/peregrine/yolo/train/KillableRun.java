package dev.peregrine.yolo.train;

import static dev.peregrine.yolo.run.Safety.OnNonFinite.ROLLBACK;

import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.testkit.CfgTokens;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.recipe.DarknetRecipe;
import dev.peregrine.yolo.recipe.Hyper;
import dev.peregrine.yolo.recipe.Hyperparameters;
import dev.peregrine.yolo.recipe.Method;
import dev.peregrine.yolo.recipe.Recipe;
import dev.peregrine.yolo.recipe.ScaledRecipe;
import dev.peregrine.yolo.run.Safety;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small run in a process of its own, which prints the bits of each loss and can be killed at any
 * time.
 */
final class KillableRun {
  static final int EPOCHS = 3;

  /** Most epochs of the runs that are killed often; they run out of patience before. */
  static final int OFTEN = 12;

  /** Epochs without a better score that end them. */
  static final int PATIENCE = 3;

  private KillableRun() {}

  public static void main(String[] arguments) {
    Path data = Path.of(arguments[0]);
    Path folder = Path.of(arguments[1]);
    String device = arguments[2];
    Listener printer =
        new Listener() {
          @Override
          public void onBatch(Trainer<?> trainer, Progress progress) {
            double loss = progress.losses().get("loss");
            System.out.println(
                "loss "
                    + progress.iteration()
                    + " "
                    + Long.toHexString(Double.doubleToLongBits(loss)));
            System.out.flush();
          }
        };
    boolean often = arguments[3].startsWith("often-");
    Recipe recipe = recipe(arguments[3]);
    TrainingRun run =
        often
            ? run(
                data,
                folder,
                Devices.open(device),
                recipe,
                printer,
                OFTEN,
                new Safety(PATIENCE, ROLLBACK, 2))
            : run(data, folder, device, recipe, printer);
    if (arguments.length > 4) {
      run.resume(TrainingRun.checkpoint(folder));
    } else {
      run.start();
    }
  }

  /** Recipes in which whatever a run depends on changes from step to step. */
  static Recipe recipe(String name) {
    Hyperparameters darknet = Hyperparameters.of(Recipe.Kind.DARKNET);
    return switch (name) {
      case "darknet" -> DarknetRecipe.usual();
      case "darknet-late" ->
          DarknetRecipe.of(
              darknet.with(Hyper.EMA_ALPHA, 0.9).with(Hyper.RANDOM, 1).with(Hyper.WARMUP, 2),
              DarknetSettings.V4);
      case "scaled" -> scaled(Method.SGD);
      case "scaled-adamw" -> scaled(Method.ADAMW);
      case "often-scaled" -> recipe("scaled");
      // Mosaics, random sizes and a rate a hundred times too high, which ends in rollbacks.
      case "often-diverging" ->
          DarknetRecipe.of(
              darknet.with(Hyper.RANDOM, 1).with(Hyper.LR0, 0.3).with(Hyper.WARMUP, 0),
              DarknetSettings.V4);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** Three mini-batches a step and four an epoch, so that gradients wait from one to the next. */
  private static Recipe scaled(Method method) {
    return new ScaledRecipe(
        Hyperparameters.of(Recipe.Kind.SCALED).with(Hyper.NOMINAL_BATCH, 12).with(Hyper.WARMUP, 4),
        TorchSettings.SCRATCH,
        IouLoss.CIOU,
        true,
        2,
        method);
  }

  static TrainingRun run(Path data, Path folder, String device, Recipe recipe, Listener listener) {
    return run(data, folder, Devices.open(device), recipe, listener, EPOCHS);
  }

  static TrainingRun run(
      Path data, Path folder, Device device, Recipe recipe, Listener listener, int epochs) {
    return run(data, folder, device, recipe, listener, epochs, Safety.USUAL);
  }

  private static TrainingRun run(
      Path data,
      Path folder,
      Device device,
      Recipe recipe,
      Listener listener,
      int epochs,
      Safety safety) {
    DataSet train = DataSet.load(data, Split.TRAIN);
    DataSet val = DataSet.load(data, Split.VAL);
    int classes = train.names().size();
    DetectionModel model =
        epochs == OFTEN ? small(classes) : Models.named("yolov4-tiny@0.125", classes);
    TrainingSettings settings =
        new TrainingSettings(
            recipe,
            InputSize.square(64),
            epochs,
            4,
            true,
            recipe instanceof ScaledRecipe,
            1,
            0,
            1,
            safety,
            5);
    return new TrainingRun(
        model,
        Models.initialize(model, 5),
        train,
        val,
        settings,
        folder,
        device,
        List.of(listener));
  }

  /** Four small convolutions, so that starting, not computing, takes the time of a killed run. */
  private static DetectionModel small(int classes) {
    String text =
        CfgTokens.cfg(
            64,
            64,
            "anchors=8,8, 16,12, 24,30\nnum=3\nclasses=" + classes + "\n",
            List.of(
                "C 8 3/2 leaky",
                "C 8 3/2 leaky",
                "C 8 3/2 leaky",
                "C " + 3 * (5 + classes) + " 1 linear!",
                "Y 0,1,2"));
    return new CfgModel(CfgFile.parse(text, "small.cfg"));
  }

  /** Starts a run in a process of its own, which prints its losses. */
  static Process start(Path errors, Path data, Path run, String... rest) throws IOException {
    return start(errors, List.of(), data, run, rest);
  }

  /** Starts a run in a process of a Java with further options. */
  static Process start(Path errors, List<String> options, Path data, Path run, String... rest)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "--add-modules",
            "jdk.incubator.vector",
            "-XX:+UseSerialGC",
            "-Djava.awt.headless=true",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            KillableRun.class.getName(),
            data.toString(),
            run.toString()));
    command.addAll(List.of(rest));
    return new ProcessBuilder(command).redirectError(errors.toFile()).start();
  }
}
