package dev.peregrine.yolo.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.block.ScaledBlocks;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.LayerTable;
import dev.peregrine.testkit.TorchFormula;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The blocks in double precision, with weights and inputs made by a formula; the numbers were
 * computed by a program outside this project, which used PyTorch's modules.
 *
 * <p><b>Formula</b> each array in the order of the state dict has a stream u of its own: filters
 * {@code u sqrt(2 / fan_in)}, gamma {@code 1 + 0.1 u}, beta {@code 0.1 u}, mean {@code 0.05 u},
 * variance {@code 1 + 0.3 u}; the input, channel by channel, is {@code (u + 1) / 2} of stream 999.
 */
class ScaledBlocksTest {
  static Stream<Arguments> blocks() {
    return Stream.of(
        block(
            "conv",
            3,
            8,
            5,
            (p, x) -> ScaledBlocks.conv(p, x, 8, 3, 2),
            5.023273,
            33.118470,
            0.483641,
            0.343858,
            0.428547,
            0.4954),
        block(
            "bottleneck that adds",
            8,
            5,
            10,
            (p, x) -> ScaledBlocks.bottleneck(p, x, 8, 4, true),
            99.486823,
            101.852879,
            0.517841,
            0.026506,
            -0.006324,
            0.187409),
        block(
            "bottleneck",
            8,
            5,
            10,
            (p, x) -> ScaledBlocks.bottleneck(p, x, 8, 8, false),
            4.933549,
            22.251200,
            -0.149833,
            -0.096587,
            -0.008908,
            -0.040608),
        block(
            "bottleneckCsp",
            8,
            6,
            36,
            (p, x) -> ScaledBlocks.bottleneckCsp(p, x, 16, 2, true),
            6.992400,
            52.736419,
            0.047275,
            -0.028733,
            0.004341,
            0.087243),
        block(
            "bottleneckCsp2",
            16,
            6,
            35,
            (p, x) -> ScaledBlocks.bottleneckCsp2(p, x, 8, 2, false),
            -4.045869,
            19.765731,
            -0.066325,
            -0.040176,
            -0.061605,
            -0.030765),
        block(
            "sppCsp",
            16,
            7,
            35,
            (p, x) -> ScaledBlocks.sppCsp(p, x, 8),
            1.796249,
            42.766891,
            -0.063382,
            0.084347,
            0.082989,
            -0.014271));
  }

  private static Arguments block(
      String name,
      int channels,
      int side,
      int arrays,
      BiFunction<Params, Tensor, Tensor> block,
      double... golden) {
    return Arguments.of(name, channels, side, arrays, block, golden);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void isGolden(
      String name,
      int channels,
      int side,
      int arrays,
      BiFunction<Params, Tensor, Tensor> block,
      double[] golden) {
    double[] output = Ops.on(Devices.reference(), () -> run(channels, side, arrays, block)).clone();
    assertThat(Arrays.stream(output).sum()).isCloseTo(golden[0], within(1e-4));
    assertThat(Arrays.stream(output).map(Math::abs).sum()).isCloseTo(golden[1], within(1e-4));
    assertThat(Arrays.copyOf(output, 4))
        .containsExactly(Arrays.copyOfRange(golden, 2, 6), within(2e-6));
  }

  private static double[] run(
      int channels, int side, int arrays, BiFunction<Params, Tensor, Tensor> block) {
    Shape shape = Shape.of(1, side, side, channels);
    Params shapes = Params.symbolic();
    Tracer.trace(
        List.of(new Spec(DType.F32, shape)), in -> List.of(block.apply(shapes, in.getFirst())));
    List<Params.Entry> entries = new ArrayList<>(shapes.entries());
    entries.sort((a, b) -> ModuleOrder.compare(a.path(), b.path()));
    assertThat(entries).hasSize(arrays);
    Params params = Params.create(0, DType.F64);
    for (int i = 0; i < entries.size(); i++) {
      Params.Entry entry = entries.get(i);
      double[] values = values(entry, TorchFormula.congruential(i));
      params.get(
          entry.path(),
          entry.kind(),
          entry.value().shape(),
          (spec, _) -> Tensor.of(spec.shape(), values));
    }
    return LayerTable.channelsFirst(block.apply(params, input(shape)));
  }

  private static double[] values(Params.Entry entry, DoubleSupplier u) {
    Shape shape = entry.value().shape();
    double[] values = new double[shape.size()];
    if (shape.rank() == 4) {
      int out = shape.dim(3);
      int in = shape.dim(2);
      int cells = shape.dim(0) * shape.dim(1);
      for (int i = 0; i < values.length; i++) { // in the order out, in, height, width
        int target = i % cells * in * out + i / cells % in * out + i / cells / in;
        values[target] = u.getAsDouble() * Math.sqrt(2.0 / (in * cells));
      }
      return values;
    }
    String leaf = entry.path().substring(entry.path().lastIndexOf('.') + 1);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (leaf) {
            case "gamma" -> 1 + 0.1 * u.getAsDouble();
            case "mean" -> 0.05 * u.getAsDouble();
            case "variance" -> 1 + 0.3 * u.getAsDouble();
            default -> 0.1 * u.getAsDouble();
          };
    }
    return values;
  }

  private static Tensor input(Shape shape) {
    DoubleSupplier u = TorchFormula.congruential(999);
    int channels = shape.channels();
    int cells = shape.size() / channels;
    double[] values = new double[shape.size()];
    for (int c = 0; c < channels; c++) {
      for (int cell = 0; cell < cells; cell++) {
        values[cell * channels + c] = (u.getAsDouble() + 1) / 2;
      }
    }
    return Tensor.of(shape, values);
  }
}
