package dev.peregrine.yolo.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.onnx.OnnxReader.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are read back by a reader of the tests and computed by the operators' definitions. */
final class OnnxFileTest {
  private static final Shape PICTURE = Shape.of(2, 6, 5, 4);

  @TempDir private Path folder;

  private static Tensor random(long seed, int... extents) {
    Shape shape = Shape.of(extents);
    Random random = new Random(seed);
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(shape, values);
  }

  private static Graph trace(UnaryOperator<Tensor> function) {
    return Tracer.trace(
        List.of(new Spec(dev.peregrine.tensor.shape.DType.F32, PICTURE)),
        inputs -> List.of(function.apply(inputs.get(0))));
  }

  private OnnxReader.Model write(Graph graph, OnnxOptions options) {
    Path file = folder.resolve("net.onnx");
    OnnxFile.write(graph, options, file);
    return OnnxReader.read(file);
  }

  private static Array channelsFirst(Tensor tensor) {
    Tensor there =
        tensor.shape().rank() == 4 ? Ops.apply(new Permute(List.of(0, 3, 1, 2)), tensor) : tensor;
    return new Array(there.shape().toArray(), there.floats());
  }

  /** Writes a function, computes the file, and compares with the function itself. */
  private OnnxReader.Model check(UnaryOperator<Tensor> function) {
    return check(function, trace(function), OnnxOptions.of("test"));
  }

  private OnnxReader.Model check(UnaryOperator<Tensor> function, Graph graph, OnnxOptions options) {
    OnnxReader.Model model = write(graph, options);
    Tensor x = random(7, PICTURE.toArray());
    Array expected = channelsFirst(function.apply(x));
    Array found = OnnxEvaluator.run(model, Map.of("images", channelsFirst(x))).get("output0");
    assertThat(found.dims()).isEqualTo(expected.dims());
    assertThat(model.outputs().get("output0")).isEqualTo(expected.dims());
    assertThat(found.values()).containsExactly(expected.values(), within(2e-5f));
    Tensor run = OnnxRun.run(folder.resolve("net.onnx"), List.of(x)).getFirst();
    assertThat(channelsFirst(run).dims()).isEqualTo(expected.dims());
    assertThat(channelsFirst(run).values()).containsExactly(expected.values(), within(2e-5f));
    return model;
  }

  @Test
  void convolutionsAreChannelsFirst() {
    Tensor w = random(1, 3, 2, 4, 6);
    Tensor bias = random(2, 6);
    Window window = new Window(3, 2, 2, 1, 1, 0, 2, 1, 1, 2);
    OnnxReader.Model model = check(x -> Convolutions.conv2d(x, w, window, 1).plus(bias));
    assertThat(model.lines()).extracting(OnnxReader.Line::type).containsExactly("Conv");
    assertThat(model.lines().getFirst().inputs()).hasSize(3);
    assertThat(model.inputs().get("images")).containsExactly(2, 4, 6, 5);
  }

  @Test
  void groupsAndDepthwise() {
    Tensor grouped = random(1, 3, 3, 2, 6);
    Tensor depthwise = random(2, 3, 3, 1, 6);
    check(x ->
        Convolutions.conv2d(
            Convolutions.conv2d(x, grouped, Window.same(3, 1), 2),
            depthwise,
            Window.same(3, 2),
            6));
  }

  @Test
  void batchNormsFoldOrStay() {
    Tensor w = random(1, 1, 1, 4, 4);
    Tensor gamma = random(2, 4);
    Tensor beta = random(3, 4);
    Tensor mean = random(4, 4);
    Tensor variance = Tensor.of(Shape.of(4), 0.5f, 1, 2, 3);
    UnaryOperator<Tensor> norm = x -> Normalization.batchNorm(x, gamma, beta, mean, variance, 1e-5);
    assertThat(check(x -> norm.apply(Convolutions.conv2d(x, w, Window.of(1), 1))).lines())
        .extracting(OnnxReader.Line::type)
        .containsExactly("Conv");
    assertThat(check(norm).lines())
        .extracting(OnnxReader.Line::type)
        .containsExactly("BatchNormalization");
  }

  @ParameterizedTest
  @EnumSource(
      value = Unary.Kind.class,
      names = {"LOG", "SQRT", "ABS", "EXP", "ATAN"},
      mode = EnumSource.Mode.EXCLUDE)
  void functions(Unary.Kind kind) {
    check(x -> Activations.apply(kind, x.times(3)));
  }

  @ParameterizedTest
  @EnumSource(MishForm.class)
  void formsOfMish(MishForm form) {
    UnaryOperator<Tensor> mish = x -> Activations.apply(Unary.Kind.MISH, x.times(6));
    OnnxReader.Model model = check(mish, trace(mish), OnnxOptions.of("mish").mish(form));
    assertThat(model.operators()).isEqualTo(form == MishForm.OPERATOR ? 18 : 13);
  }

  @Test
  void poolingResizingAndMovement() {
    check(x -> Pooling.maxPool(x, new Window(2, 2, 2, 2, 0, 0, 1, 1, 1, 1)));
    check(x -> Pooling.maxPool(x, Window.same(5, 1)));
    check(x -> Pooling.avgPool(x, Window.same(3, 2)));
    check(x -> Pooling.upsample(x, 2));
    check(x -> Arrays.concat(-1, Arrays.slice(x, -1, 1, 2), x, Arrays.slice(x, -1, 0, 1)));
    check(x -> Arrays.concat(1, Arrays.slice(x, 1, 1, 2), x));
    check(x ->
        Ops.apply(new Slice(List.of(0, 1, 0, 1), List.of(2, 3, 2, 2), List.of(1, 2, 3, 2)), x));
    check(x -> Ops.apply(new Permute(List.of(0, 2, 1, 3)), x));
    check(x -> Ops.apply(new Permute(List.of(3, 0, 2, 1)), x));
    check(x -> x.reshape(2, 30, 4));
    check(x -> x.reshape(2, 15, 2, 4));
    check(x -> x.reshape(120, 2).reshape(4, 3, 5, 4));
  }

  @Test
  void arithmeticBroadcastsAsOurs() {
    Tensor channels = random(1, 4);
    Tensor columns = random(2, 5, 4);
    check(x -> x.times(channels).minus(columns).plus(2).dividedBy(Tensor.full(Spec.f32(1), 3)));
    check(x -> x.reshape(60, 4).times(channels));
    check(x -> x.plus(x.times(0.5)));
  }

  @Test
  void epiloguesAreWrittenOut() {
    Tensor w = random(1, 3, 3, 4, 4);
    Tensor bias = random(2, 4);
    UnaryOperator<Tensor> function =
        x ->
            Activations.apply(
                    Unary.Kind.MISH, Convolutions.conv2d(x, w, Window.same(3, 1), 1).plus(bias))
                .plus(x);
    check(function, Passes.inference().apply(trace(function)), OnnxOptions.of("fused"));
  }

  @Test
  void aWholeNetworkGivesTheSameHeads() {
    CfgFile cfg = CfgOfModel.of(Models.named("yolov4-tiny@0.125", 3));
    Params params = FormulaWeights.SPLIT_MIX.params(cfg);
    CfgModel net = new CfgModel(cfg);
    Graph graph =
        Tracer.trace(List.of(Spec.f32(1, 64, 32, 3)), in -> net.forward(params, in.get(0)));
    OnnxOptions options =
        new OnnxOptions(
            "tiny",
            MishForm.FAST,
            List.of("picture"),
            List.of("coarse", "fine"),
            Map.of("classes", "3"));
    OnnxReader.Model model = write(graph, options);
    assertThat(model.name()).isEqualTo("tiny");
    assertThat(model.metadata()).isEqualTo(Map.of("classes", "3"));
    Tensor x = Tensor.of(Shape.of(1, 64, 32, 3), FormulaWeights.SPLIT_MIX.picture(64, 32, 3));
    List<Tensor> heads = net.forward(params, x);
    Map<String, Array> found = OnnxEvaluator.run(model, Map.of("picture", channelsFirst(x)));
    assertThat(found.get("coarse").values())
        .containsExactly(channelsFirst(heads.get(0)).values(), within(1e-4f));
    assertThat(found.get("fine").values())
        .containsExactly(channelsFirst(heads.get(1)).values(), within(1e-4f));
  }

  @Test
  void theSameValueMayLeaveTwiceAndAnInputToo() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(3)),
            inputs -> {
              Tensor y = inputs.get(0).plus(1);
              return List.of(y, y, inputs.get(0), y.times(2));
            });
    OnnxReader.Model model = write(graph, OnnxOptions.of("twice"));
    Map<String, Array> found =
        OnnxEvaluator.run(model, Map.of("images", new Array(new int[] {3}, new float[] {1, 2, 3})));
    assertThat(found.get("output0").values()).containsExactly(2, 3, 4);
    assertThat(found.get("output1").values()).containsExactly(2, 3, 4);
    assertThat(found.get("output2").values()).containsExactly(1, 2, 3);
    assertThat(found.get("output3").values()).containsExactly(4, 6, 8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "images", "exp_0", "constant_0"})
  void aNameOfAnotherValueIsRefused(String name) {
    OnnxOptions options =
        new OnnxOptions("x", MishForm.FAST, List.of("images"), List.of("first", name), Map.of());
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(3)),
            in -> {
              Tensor y = Ops.apply(new Unary(Unary.Kind.EXP), in.get(0));
              Tensor half = Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(3), 1f, 2f, 3f));
              return List.of(y.times(half), in.get(0));
            });
    assertThatThrownBy(() -> OnnxFile.write(graph, options, folder.resolve("x.onnx")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("'" + name + "' cannot name");
    OnnxFile.write(
        graph,
        new OnnxOptions("x", MishForm.FAST, List.of("images"), List.of("add_1", "2"), Map.of()),
        folder.resolve("y.onnx"));
  }

  @Test
  void whatCannotBeWrittenIsNamedAndLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("old.onnx");
    Files.writeString(file, "old");
    assertThatThrownBy(() -> OnnxFile.write(trace(Reductions::sum), OnnxOptions.of("sum"), file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("'reduce_sum")
        .hasMessageContaining("cannot be written");
    Graph shapes =
        Tracer.trace(
            List.of(Spec.f32(3)), in -> List.of(in.get(0).plus(Tensor.symbolic(Spec.f32(3)))));
    assertThatThrownBy(() -> OnnxFile.write(shapes, OnnxOptions.of("shapes"), file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no numbers");
    OnnxOptions unnamed = new OnnxOptions("x", MishForm.FAST, List.of(), List.of(), Map.of());
    assertThatThrownBy(() -> OnnxFile.write(trace(x -> x.plus(1)), unnamed, file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("1 inputs");
    assertThat(Files.readString(file)).isEqualTo("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  /** Whatever the bytes are, a run ends in numbers or in a sentence. */
  @Test
  void aDamagedFileIsRefused() throws IOException {
    Tensor w = random(1, 1, 1, 4, 2);
    write(
        trace(x -> Activations.mish(Convolutions.conv2d(x, w, Window.of(1), 1))),
        OnnxOptions.of("test"));
    Path file = folder.resolve("net.onnx");
    byte[] whole = Files.readAllBytes(file);
    List<Tensor> inputs = List.of(random(7, PICTURE.toArray()));
    int refused = 0;
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      refused += refuses(file, inputs) ? 1 : 0;
    }
    // A message may end after any of its fields, so some are read as smaller files.
    assertThat(refused).isGreaterThan(whole.length / 2);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) 0x80;
      Files.write(file, damaged);
      refuses(file, inputs);
    }
    assertThatThrownBy(() -> OnnxRun.run(folder.resolve("none"), inputs))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("there is no such file");
  }

  private static boolean refuses(Path file, List<Tensor> inputs) {
    try {
      OnnxRun.run(file, inputs);
      return false;
    } catch (FormatException | dev.peregrine.tensor.shape.ShapeException expected) {
      return true;
    }
  }
}
