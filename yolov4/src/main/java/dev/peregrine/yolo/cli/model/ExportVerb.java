package dev.peregrine.yolo.cli.model;

import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.model.DetectionModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * {@link ConvertVerb} under the name that users of other programs type: it names the file itself.
 */
public final class ExportVerb implements Verb {
  /** What is written, under the names that users type. */
  enum Target {
    ONNX,
    SAFETENSORS,
    WEIGHTS,
    PTH
  }

  private static final Key<Target> FORMAT =
      Key.choice(
          "format", "onnx", Target.class, "what to write: onnx, safetensors, weights or pth");
  private static final Key<Path> TO =
      Key.path("to", "the file to write; the network's name in this folder unless given");

  @Override
  public String name() {
    return "export";
  }

  @Override
  public String summary() {
    return "writes a network for other programs, as convert does, and names the file itself";
  }

  @Override
  public String example() {
    return "./yolo export format=onnx model=yolov4-tiny.cfg weights=yolov4-tiny.weights";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        ShippedModel.MODEL,
        ModelLoader.WEIGHTS,
        ModelLoader.NAMES,
        ModelLoader.IMGSZ,
        ModelLoader.EPS,
        FORMAT,
        ConvertVerb.DECODE,
        TO);
  }

  @Override
  public int run(Call call) {
    ShippedModel.tell(call);
    String ending = "." + call.get(FORMAT).name().toLowerCase(Locale.ROOT);
    Path to =
        call.find(TO)
            .orElseGet(() -> {
              DetectionModel model = ModelLoader.network(call);
              return Path.of(model.name().replaceAll("[^A-Za-z0-9._-]", "_") + ending);
            });
    if (!to.toString().toLowerCase(Locale.ROOT).endsWith(ending)) {
      throw new UsageException(
          "to="
              + to
              + " is wrong: with format="
              + ending.substring(1)
              + " it must end in "
              + ending);
    }
    return ConvertVerb.convert(call, to, FloatFormat.F32);
  }
}
