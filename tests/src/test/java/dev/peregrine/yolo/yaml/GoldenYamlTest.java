package dev.peregrine.yolo.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.LayerTable;
import dev.peregrine.testkit.TorchFormula;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.head.DecodedHeads;
import dev.peregrine.yolo.model.InputSize;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The yaml networks with weights made by a formula need no file to be checked: sums over the heads
 * before and after decoding. The numbers were computed by a program outside this project, which
 * used PyTorch's modules.
 *
 * <p><b>Formula</b> that of {@link ScaledBlocksTest}; conv biases {@code 0.1 u}.
 */
class GoldenYamlTest {
  private static final String LARGE = "dev.peregrine.tests.large";

  @ParameterizedTest
  @CsvSource({
    "yolov4-csp-yaml, 64, 550, 252, 49189.437468, 3.875191, 3.938521, 12.711618, 14.630138,"
        + " 9.394596 867.092623 -10.600404 215.996657 -5.883837 52.898499",
    "yolov4-p5-yaml, 64, 786, 336, 85493.667971, 3.507424, 3.958652, 13.40343, 17.70477,"
        + " -16.490250 1196.427599 8.900636 297.591040 -1.376879 75.473472",
    "yolov4-p6-yaml, 128, 989, 1360, 399130.807905, 4.069049, 3.726184, 13.038188, 18.015331,"
        + " 97.999190 4927.708480 116.062830 1288.516517 -5.105753 304.069059 -8.454317 73.387962",
    "yolov4-p7-yaml, 128, 1192, 1364, 401138.404791, 3.872343, 4.325936, 12.662424, 14.99886,"
        + " 186.164451 4539.236080 78.732847 1168.644971 28.703926 298.452156 9.411076 82.913350"
        + " 0.838617 18.250388"
  })
  void sumsOfTheHeads(
      String name,
      int side,
      int arrays,
      int boxes,
      double decoded,
      double x,
      double y,
      double width,
      double height,
      String levels) {
    assumeTrue(
        !name.contains("p7") || Boolean.getBoolean(LARGE),
        "takes 4 GB and more: run with -D" + LARGE + "=true");
    YamlModel model = (YamlModel) Models.named(name, 80).withInputSize(InputSize.square(side));
    Params params = params(model, arrays);
    float[] picture = FormulaWeights.CONGRUENTIAL.picture(side, side, 3);
    List<Tensor> raw = model.raw(params, Tensor.of(Shape.of(1, side, side, 3), picture));
    String[] sums = levels.split(" ", -1);
    assertThat(raw).hasSize(sums.length / 2);
    for (int i = 0; i < raw.size(); i++) {
      double[] level = LayerTable.channelsFirst(raw.get(i));
      double size = Double.parseDouble(sums[2 * i + 1]);
      double tolerance = 2e-3 + 1e-5 * size;
      assertThat(Arrays.stream(level).sum())
          .as("level %d", i)
          .isCloseTo(Double.parseDouble(sums[2 * i]), within(tolerance));
      assertThat(Arrays.stream(level).map(Math::abs).sum())
          .as("level %d", i)
          .isCloseTo(size, within(tolerance));
    }
    List<Tensor> heads = raw.stream().map(Activations::logistic).toList();
    Tensor all = DecodedHeads.of(model.heads(), heads, side, side);
    assertThat(all.shape()).isEqualTo(Shape.of(1, boxes, 85));
    double[] rows = all.doubles();
    assertThat(Arrays.stream(rows).sum()).isCloseTo(decoded, within(2e-6 * decoded));
    assertThat(Arrays.copyOf(rows, 4))
        .containsExactly(new double[] {x, y, width, height}, within(1e-4));
  }

  private static Params params(YamlModel model, int arrays) {
    Params params = Models.blank(model);
    StateDict names = new StateDict(model);
    int array = 0;
    for (StateDict.Entry entry : names.entries()) {
      if (!entry.path().isEmpty()) {
        names.put(params, entry, values(entry, TorchFormula.congruential(array++)));
      }
    }
    assertThat(array).isEqualTo(arrays);
    return params;
  }

  private static float[] values(StateDict.Entry entry, DoubleSupplier u) {
    List<Integer> shape = entry.shape();
    float[] values = new float[shape.stream().mapToInt(i -> i).reduce(1, Math::multiplyExact)];
    double fanIn = shape.size() == 4 ? (double) shape.get(1) * shape.get(2) * shape.get(3) : 0;
    String leaf = entry.path().substring(entry.path().lastIndexOf('.') + 1);
    for (int i = 0; i < values.length; i++) {
      double next = u.getAsDouble();
      values[i] =
          (float)
              switch (leaf) {
                case "weight" -> next * Math.sqrt(2 / fanIn);
                case "gamma" -> 1 + 0.1 * next;
                case "mean" -> 0.05 * next;
                case "variance" -> 1 + 0.3 * next;
                default -> 0.1 * next;
              };
    }
    return values;
  }
}
