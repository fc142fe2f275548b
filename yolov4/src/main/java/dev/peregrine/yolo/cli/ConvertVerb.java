package dev.peregrine.yolo.cli;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.onnx.OnnxFile;
import dev.peregrine.yolo.onnx.OnnxOptions;
import dev.peregrine.yolo.onnx.OnnxRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a network's numbers in another format and proves it: what was written is read again, and
 * both sides run on one input.
 */
final class ConvertVerb implements Verb {
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
  private static final Key<Integer> CLASSES =
      Key.whole("classes", "", 1, 100_000, "of a .cfg: how many classes it is to tell apart");
  private static final Key<String> ANCHORS =
      Key.text(
          "anchors",
          "",
          "of a .cfg: its anchors in pixels, such as 10,14,23,27,...; as many as before");
  private static final List<String> ENDINGS =
      List.of(".weights", ".safetensors", ".pt", ".pth", ".onnx", ".cfg");

  /** What another order of sums may change in an .onnx, as a share of the largest output. */
  private static final double ONNX_SHARE = 1e-3;

  /** How far outputs are apart at most, and how large they are. */
  private record Difference(double largest, double magnitude) {
    static Difference of(List<float[]> before, List<float[]> after) {
      if (before.size() != after.size()) {
        return new Difference(Double.POSITIVE_INFINITY, 0);
      }
      double largest = 0;
      double magnitude = 0;
      for (int head = 0; head < before.size(); head++) {
        float[] a = before.get(head);
        float[] b = after.get(head);
        if (a.length != b.length) {
          return new Difference(Double.POSITIVE_INFINITY, 0);
        }
        for (int i = 0; i < a.length; i++) {
          // The same bits are no difference, whatever they stand for; no number is one else.
          boolean same = Float.floatToIntBits(a[i]) == Float.floatToIntBits(b[i]);
          double apart = same ? 0 : Math.abs((double) a[i] - b[i]);
          largest = Math.max(largest, Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart);
          magnitude = Math.max(magnitude, Math.abs((double) a[i]));
        }
      }
      return new Difference(largest, magnitude);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "largest difference %s between the outputs of both sides on one input (outputs up to"
              + " %.6g)",
          largest == 0 ? "0" : String.format(Locale.ROOT, "%.3g", largest),
          magnitude);
    }
  }

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
        ModelLoader.MODEL,
        ModelLoader.WEIGHTS,
        ModelLoader.NAMES,
        ModelLoader.IMGSZ,
        TO,
        FORMAT,
        CLASSES,
        ANCHORS);
  }

  @Override
  public int run(Call call) {
    Path to = call.get(TO);
    String name = to.toString().toLowerCase(Locale.ROOT);
    if (ENDINGS.stream().noneMatch(name::endsWith)) {
      throw new UsageException(
          "to=" + to + " is wrong: it must end in one of " + String.join(", ", ENDINGS));
    }
    if (name.endsWith(".cfg")) {
      TextFiles.requireWritable(to);
      CfgFile cfg = adapted(call);
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
    if (call.has(CLASSES) || call.has(ANCHORS)) {
      throw new UsageException(
          "classes= and anchors= adapt a .cfg: numbers belong to those they were trained for");
    }
    return convert(call, to, call.get(FORMAT));
  }

  private static CfgFile adapted(Call call) {
    CfgFile cfg = CfgOfModel.of(ModelLoader.network(call));
    CfgFile counted = call.find(CLASSES).map(count -> CfgAdapter.classes(cfg, count)).orElse(cfg);
    return call.find(ANCHORS).map(text -> CfgAdapter.anchors(counted, text)).orElse(counted);
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
    Models.Trained trained = ModelLoader.trained(call);
    List<float[]> before = outputs(trained, device);
    List<float[]> after;
    if (onnx) {
      export(trained, to);
      after = OnnxRun.run(to, List.of(image(trained))).stream().map(Tensor::floats).toList();
    } else {
      WeightFiles.save(trained, WeightFiles.texts(source(call)), format, to);
      after = outputs(reread(trained, to), device);
    }
    Difference difference = Difference.of(before, after);
    call.print(
        String.format(
            Locale.ROOT, "%s -> %s: %,d bytes; %s", source(call), to, size(to), difference));
    // How much halves may change is for the caller to judge, unless nothing is left of them.
    double allowed =
        onnx
            ? ONNX_SHARE * Math.max(1, difference.magnitude())
            : format == FloatFormat.F32 ? 0 : Double.MAX_VALUE;
    if (difference.largest() > allowed) {
      throw new FormatException(
          to + ": does not give what " + source(call) + " gives; do not use it");
    }
    return Failure.NONE;
  }

  private static Path source(Call call) {
    return call.has(ModelLoader.WEIGHTS)
        ? call.get(ModelLoader.WEIGHTS)
        : Path.of(call.get(ModelLoader.MODEL));
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

  private static List<float[]> outputs(Models.Trained trained, Device device) {
    Plan plan =
        Detector.of(trained.model(), trained.params()).names(trained.names()).on(device).prepare(1);
    plan.write(0, image(trained).floats());
    plan.run();
    List<float[]> outputs = new ArrayList<>();
    for (Value output : plan.graph().outputs()) {
      float[] values = new float[output.spec().shape().size()];
      plan.read(outputs.size(), values);
      outputs.add(values);
    }
    return outputs;
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

  private static void export(Models.Trained trained, Path to) {
    DetectionModel model = trained.model();
    InputSize size = model.inputSize();
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, size.height(), size.width(), 3)),
            inputs -> model.forward(trained.params().training(false), inputs.getFirst()));
    OnnxOptions usual = OnnxOptions.of(model.name());
    Map<String, String> texts = Models.metadata(model, trained.names());
    OnnxFile.write(
        graph,
        new OnnxOptions(usual.name(), usual.mish(), usual.inputs(), usual.outputs(), texts),
        to);
  }
}
