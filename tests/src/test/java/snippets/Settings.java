package snippets;

import dev.peregrine.tensor.device.Devices;
import dev.peregrine.yolo.Detector;
import java.nio.file.Path;

/** Darknet's files, another device, another threshold. */
public final class Settings {
  private Settings() {}

  public static Detector load(Path cfg, Path weights) {
    // @start region="settings"
    Detector detector =
        Detector.load(cfg, weights) // darknet's files, e.g. yolov4-tiny.cfg and .weights
            .on(Devices.open("cpu:2")) // two threads; "reference" is the device of plain loops
            .confidence(0.5);
    // @end
    return detector;
  }
}
