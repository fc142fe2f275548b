package dev.peregrine.yolo.train;

import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.List;

/**
 * A small run in a process of its own, which prints the bits of each loss and can be killed at any
 * time.
 */
final class KillableRun {
  static final int EPOCHS = 3;

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
    TrainingRun run = run(data, folder, device, printer);
    if (arguments.length > 3) {
      run.resume(TrainingRun.checkpoint(folder));
    } else {
      run.start();
    }
  }

  static TrainingRun run(Path data, Path folder, String device, Listener listener) {
    DataSet train = DataSet.load(data, Split.TRAIN);
    DataSet val = DataSet.load(data, Split.VAL);
    DetectionModel model = Models.named("yolov4-tiny@0.125", train.names().size());
    int batch = 4;
    long iterations = (train.size() + batch - 1L) / batch * EPOCHS;
    TrainingSettings d = TrainingSettings.darknet(InputSize.square(64), EPOCHS, batch, iterations);
    TrainingSettings settings =
        new TrainingSettings(
            d.size(),
            EPOCHS,
            batch,
            batch,
            d.rate(),
            d.finalShare(),
            d.momentum(),
            d.decay(),
            d.warmup(),
            d.emaDecay(),
            d.emaHorizon(),
            d.statisticsMomentum(),
            d.form(),
            d.augmentation(),
            1,
            0,
            5);
    return new TrainingRun(
        model,
        Models.initialize(model, 5),
        train,
        val,
        settings,
        folder,
        Devices.open(device),
        List.of(listener));
  }
}
