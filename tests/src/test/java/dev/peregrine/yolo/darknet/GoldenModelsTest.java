package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.LayerTable;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Networks written in Java, with weights made by a formula, need no file to be checked: sums over
 * the activated heads, finest head first or last as the network has them. The numbers were computed
 * in double precision by a program outside this project.
 */
class GoldenModelsTest {
  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny, 64, 99, 0.477041, 499.114254 1989.482013",
    "yolov4-tiny-3l, 64, 111, 0.477041, 499.114254 1989.482013 7962.326345",
    "yolov4, 64, 541, 0.527255, 8002.852410 1992.303995 496.643634",
    "yolov4-csp, 64, 566, 0.460241, 8164.706249 2038.573991 510.835900",
    "yolov4x-mish, 64, 676, 0.463758, 8170.095038 2045.430979 507.247729",
    "csresnext50-panet-spp-original-optimal, 64, 476, 0.512104,"
        + " 7978.207678 1995.420722 497.359275",
    "yolov4-p5, 64, 806, 0.484421, 10844.882115 2716.130366 678.268733",
    "yolov4-p6, 128, 1013, 0.416108, 43619.487102 10868.298847 2728.941064 680.199121"
  })
  void sumsOfTheHeads(String name, int side, int arrays, double first, String heads) {
    DetectionModel model = Models.named(name, 80).withInputSize(InputSize.square(side));
    CfgFile cfg = CfgOfModel.of(model);
    Params params = Ops.on(Devices.cpu(), () -> FormulaWeights.CONGRUENTIAL.params(cfg));
    assertThat(params.entries()).hasSize(arrays);
    float[] picture = FormulaWeights.CONGRUENTIAL.picture(side, side, 3);
    Tensor image = Ops.on(Devices.cpu(), () -> Tensor.of(Shape.of(1, side, side, 3), picture));
    List<Tensor> layers = new CfgModel(cfg).layers(params, image);
    double[] sums = Arrays.stream(heads.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    assertThat(cfg.heads()).hasSameSizeAs(sums);
    for (int i = 0; i < sums.length; i++) {
      double[] head = LayerTable.channelsFirst(layers.get(cfg.heads().get(i).index()));
      assertThat(Arrays.stream(head).sum())
          .as("head %d", i)
          .isCloseTo(sums[i], within(0.02 * Math.max(1, sums[i] / 1e4)));
      if (i == 0) {
        assertThat(head[0]).isCloseTo(first, within(1e-4));
      }
    }
  }
}
