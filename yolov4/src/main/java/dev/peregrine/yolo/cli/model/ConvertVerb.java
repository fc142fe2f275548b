package dev.peregrine.yolo.cli.model;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.NormEpsilon;
import dev.peregrine.yolo.Pretrained;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.onnx.OnnxDetector;
import dev.peregrine.yolo.onnx.OnnxDetector.Outputs;
import dev.peregrine.yolo.onnx.OnnxRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a network's numbers in another format and proves it: what was written is read again, and
 * both sides run on one input.
 */
public final class ConvertVerb implements Verb {
  private static final Key<Path> TO =
      Key.path(
              "to",
              "the file to write: .weights, .safetensors, .pt, .pth, .onnx, or .cfg for the"
                  + " network alone")
          .required();
  private static final Key<FloatFormat> FORMAT =
      Key.choice(
          "format",
          "f32",
          FloatFormat.class,
          "numbers in a .safetensors, .pt or .pth: f32, f16 or bf16");
  static final Key<Boolean> DECODE =
      Key.flag(
          "decode",
          false,
          "an .onnx ends in boxes, [1, boxes, 5 + classes] in pixels of the input, instead of"
              + " heads");
  private static final Key<Double> TO_EPS =
      Key.number(
          "to_eps",
          "",
          1e-9,
          0.1,
          "epsilon of the batch norms in the program that will read a .pt or .pth, such as 1e-4 of"
              + " ScaledYOLOv4 with a cfg; the network's own unless given");
  private static final List<String> ENDINGS =
      List.of(".weights", ".safetensors", ".pt", ".pth", ".onnx", ".cfg");

  /** What another order of sums, or another rounding of the variances, may change. */
  private static final double ROUNDED = 1e-3;

  @Override
  public String name() {
    return "convert";
  }

  @Override
  public String summary() {
    return "writes a network in another format and proves it by running both sides";
  }

  @Override
  public String example() {
    return "./yolo convert model=yolov4-tiny.cfg weights=yolov4-tiny.weights to=tiny.safetensors";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        ShippedModel.MODEL,
        ModelLoader.WEIGHTS,
        ModelLoader.NAMES,
        ModelLoader.IMGSZ,
        ModelLoader.EPS,
        TO,
        FORMAT,
        DECODE,
        TO_EPS,
        CfgAdapter.CLASSES,
        CfgAdapter.ANCHORS);
  }

  @Override
  public int run(Call call) {
    ShippedModel.tell(call);
    Path to = call.get(TO);
    String name = to.toString().toLowerCase(Locale.ROOT);
    if (ENDINGS.stream().noneMatch(name::endsWith)) {
      throw new UsageException(
          "to=" + to + " is wrong: it must end in one of " + String.join(", ", ENDINGS));
    }
    if (name.endsWith(".cfg")) {
      TextFiles.requireWritable(to);
      CfgFile cfg = CfgAdapter.adapt(call, CfgOfModel.of(ModelLoader.network(call)));
      TextFiles.write(to, cfg.toText());
      call.print(
          String.format(
              Locale.ROOT,
              "%s: the network without numbers, %d classes, input %s",
              to,
              cfg.heads().getLast().head().classes(),
              new CfgModel(cfg).inputSize()));
      return Failure.NONE;
    }
    if (call.has(CfgAdapter.CLASSES) || call.has(CfgAdapter.ANCHORS)) {
      throw new UsageException(
          "classes= and anchors= adapt a .cfg: numbers belong to those they were trained for");
    }
    return convert(call, to, call.get(FORMAT));
  }

  /** Writes the network of a call, its floats in some format, and compares both sides. */
  static int convert(Call call, Path to, FloatFormat format) {
    TextFiles.requireWritable(to);
    Device device = call.device();
    return Call.on(device, () -> convert(call, to, format, device));
  }

  private static int convert(Call call, Path to, FloatFormat format, Device device) {
    boolean onnx = to.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
    if (onnx && format != FloatFormat.F32) {
      throw new UsageException("format= is for .safetensors, .pt and .pth; an .onnx holds f32");
    }
    if (!onnx && call.find(DECODE).orElse(false)) {
      throw new UsageException("decode= is for an .onnx; other files hold no operations");
    }
    if (call.has(TO_EPS) && (onnx || WeightFiles.Format.of(to) != WeightFiles.Format.TORCH)) {
      throw new UsageException(
          "to_eps= is for .pt and .pth; who reads the others computes with the network's own"
              + " epsilon");
    }
    Models.Trained trained = ModelLoader.trained(call);
    Difference difference =
        onnx ? export(call, trained, to, device) : save(call, trained, to, format, device);
    call.print(
        String.format(
            Locale.ROOT, "%s -> %s: %,d bytes; %s", source(call), to, size(to), difference));
    // How much halves may change is for the caller to judge, unless nothing is left of them.
    boolean exact = !onnx && !call.has(TO_EPS);
    double off = exact ? difference.largest() : difference.share();
    double allowed = format != FloatFormat.F32 ? Double.MAX_VALUE : exact ? 0 : ROUNDED;
    if (off > allowed) {
      throw new FormatException(
          to + ": does not give what " + source(call) + " gives; do not use it");
    }
    return Failure.NONE;
  }

  private static Difference export(Call call, Models.Trained trained, Path to, Device device) {
    Outputs outputs = call.find(DECODE).orElse(false) ? Outputs.BOXES : Outputs.HEADS;
    OnnxDetector.write(trained, outputs, to);
    Tensor image = image(trained);
    return Difference.of(
        outputs(OnnxDetector.trace(trained, outputs), image, device),
        OnnxRun.run(to, List.of(image)).stream().map(Tensor::floats).toList());
  }

  private static Difference save(
      Call call, Models.Trained trained, Path to, FloatFormat format, Device device) {
    Tensor image = image(trained);
    List<float[]> before = outputs(OnnxDetector.trace(trained, Outputs.HEADS), image, device);
    Optional<Double> target = call.find(TO_EPS);
    double own = target.isPresent() ? NormEpsilon.of(trained.model()) : 0;
    target.ifPresent(epsilon -> NormEpsilon.move(trained.params(), own, epsilon));
    WeightFiles.save(trained, texts(call), format, to);
    Models.Trained read = reread(trained, to);
    target.ifPresent(epsilon -> NormEpsilon.move(read.params(), epsilon, own));
    return Difference.of(before, outputs(OnnxDetector.trace(read, Outputs.HEADS), image, device));
  }

  private static Path source(Call call) {
    return call.has(ModelLoader.WEIGHTS)
        ? call.get(ModelLoader.WEIGHTS)
        : Path.of(call.get(ModelLoader.MODEL));
  }

  /** What the source says of its numbers; those that come with the program lie in no file. */
  private static Map<String, String> texts(Call call) {
    return call.get(ModelLoader.MODEL).equals(Pretrained.NAME)
        ? Map.of()
        : WeightFiles.texts(source(call));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(file + " cannot be read", failure);
    }
  }

  /** What a file says, read as whoever gets it will: a safetensors file knows its network too. */
  private static Models.Trained reread(Models.Trained trained, Path to) {
    if (WeightFiles.Format.of(to) == WeightFiles.Format.SAFETENSORS) {
      return Models.load(to);
    }
    Params params = Models.blank(trained.model());
    WeightFiles.load(trained.model(), params, to, false);
    return new Models.Trained(trained.model(), params, trained.names());
  }

  private static List<float[]> outputs(Graph graph, Tensor image, Device device) {
    return Plan.prepare(graph, device).run(image).stream().map(Tensor::floats).toList();
  }

  /** A pattern that has every brightness and repeats nowhere near. */
  private static Tensor image(Models.Trained trained) {
    InputSize size = trained.model().inputSize();
    float[] pixels = new float[size.height() * size.width() * 3];
    int at = 0;
    for (int y = 0; y < size.height(); y++) {
      for (int x = 0; x < size.width(); x++) {
        for (int c = 0; c < 3; c++) {
          pixels[at++] = (x * x + 3 * y * y + x * y + 31 * c & 255) / 255f;
        }
      }
    }
    return Tensor.of(Shape.of(1, size.height(), size.width(), 3), pixels);
  }
}
