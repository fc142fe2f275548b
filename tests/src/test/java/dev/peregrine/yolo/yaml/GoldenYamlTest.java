package dev.peregrine.yolo.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.LayerTable;
import dev.peregrine.testkit.TorchFormula;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.DecodedHeads;
import dev.peregrine.yolo.loss.LossResult;
import dev.peregrine.yolo.loss.ScaledLoss;
import dev.peregrine.yolo.model.InputSize;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The yaml networks with weights made by a formula need no file to be checked: sums over the heads
 * before and after decoding, the loss of three boxes and the sums of its gradients. The numbers
 * were computed by a program outside this project, which used PyTorch's modules.
 *
 * <p><b>Formula</b> that of {@link ScaledBlocksTest}; conv biases {@code 0.1 u}.
 */
class GoldenYamlTest {
  private static final String LARGE = "dev.peregrine.tests.large";

  /**
   * Box, objectness, classes and their sum, then sum and sum of absolute values of the gradient of
   * each level by its logits. The boxes and settings are those of {@link #lossAndGradients}.
   */
  private static final Map<String, double[]> LOSSES =
      Map.of(
          "yolov4-csp-yaml",
          new double[] {
            0.072083643,
            3.633848434,
            0.69373725,
            4.399669326,
            2.046509042,
            2.103294815,
            0.710988826,
            0.723604186,
            0.199452288,
            0.199452288
          },
          "yolov4-p6-yaml",
          new double[] {
            0.082530962,
            3.992679198,
            0.781460097,
            4.856670256,
            2.225303720,
            2.257554585,
            0.689474785,
            0.711150399,
            0.394158726,
            0.401748129,
            0.053461272,
            0.053461272
          });

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
    if (LOSSES.containsKey(name)) {
      lossAndGradients(model, raw, side, LOSSES.get(name));
    }
    List<Tensor> heads = raw.stream().map(Activations::logistic).toList();
    Tensor all = DecodedHeads.of(model.heads(), heads, side, side);
    assertThat(all.shape()).isEqualTo(Shape.of(1, boxes, 85));
    double[] rows = all.doubles();
    assertThat(Arrays.stream(rows).sum()).isCloseTo(decoded, within(2e-6 * decoded));
    assertThat(Arrays.copyOf(rows, 4))
        .containsExactly(new double[] {x, y, width, height}, within(1e-4));
  }

  /** The loss of three boxes on these heads, from the numbers of the heads in double precision. */
  private static void lossAndGradients(
      YamlModel model, List<Tensor> raw, int side, double[] expected) {
    List<Label> truths =
        List.of(
            new Label(3, 0.40, 0.55, 0.30, 0.20),
            new Label(17, 0.10, 0.92, 0.15, 0.12),
            new Label(56, 0.71, 0.33, 0.55, 0.60));
    List<Tensor> heads =
        raw.stream()
            .map(level -> {
              double[] z = level.doubles();
              return Ops.on(
                  Devices.reference(), () -> Activations.logistic(Tensor.of(level.shape(), z)));
            })
            .toList();
    LossResult loss =
        new ScaledLoss(model.heads(), ScaledLoss.Settings.PUBLISHED)
            .compute(heads, List.of(truths), side, side);
    double[] parts = {loss.box(), loss.objectness(), loss.classes(), loss.total()};
    for (int i = 0; i < parts.length; i++) {
      assertThat(parts[i]).as("part %d", i).isCloseTo(expected[i], within(2e-6 * expected[i]));
    }
    assertThat(expected).hasSize(parts.length + 2 * heads.size());
    for (int i = 0; i < heads.size(); i++) {
      double[] p = heads.get(i).doubles();
      double[] gradient = loss.gradients().get(i).doubles();
      for (int k = 0; k < p.length; k++) {
        gradient[k] *= p[k] * (1 - p[k]); // by the logit
      }
      double sum = Arrays.stream(gradient).sum();
      double size = Arrays.stream(gradient).map(Math::abs).sum();
      double tolerance = 5e-6 * expected[parts.length + 2 * i + 1];
      assertThat(sum)
          .as("gradient of level %d", i)
          .isCloseTo(expected[parts.length + 2 * i], within(tolerance));
      assertThat(size)
          .as("gradient of level %d", i)
          .isCloseTo(expected[parts.length + 2 * i + 1], within(tolerance));
    }
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
