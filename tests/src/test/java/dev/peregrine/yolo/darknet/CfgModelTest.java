package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.testkit.CfgTokens;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.LayerTable;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class CfgModelTest {
  private final CfgModel small = new CfgModel(SmallCfg.cfg());

  private static <T> T onReference(Supplier<T> code) {
    return Ops.on(Devices.reference(), code);
  }

  private static Tensor picture(FormulaWeights recipe, int height, int width) {
    return onReference(
        () -> Tensor.of(Shape.of(1, height, width, 3), recipe.picture(height, width, 3)));
  }

  private static Params params(CfgFile cfg, FormulaWeights recipe) {
    return onReference(() -> recipe.params(cfg));
  }

  @Test
  void describesItself() {
    assertThat(small.name()).isEqualTo("small");
    assertThat(small.classes()).isEqualTo(2);
    assertThat(small.inputSize()).isEqualTo(new InputSize(32, 64));
    assertThat(small.heads()).containsExactly(small.cfg().heads().getFirst().head());
    // 2 at the stem, 4 across, 8 after the pool
    assertThat(small.maxStride()).isEqualTo(8);
  }

  @Test
  void everyLayerHasTheExtentsOfTheCfg() {
    Params params = params(small.cfg(), FormulaWeights.SPLIT_MIX);
    List<Tensor> outputs = small.layers(params, picture(FormulaWeights.SPLIT_MIX, 32, 64));
    assertThat(outputs).hasSize(10);
    for (Layer layer : small.cfg().layers()) {
      FeatureMap map = layer.output();
      assertThat(outputs.get(layer.index()).shape())
          .as(layer.toString())
          .isEqualTo(Shape.of(1, map.height(), map.width(), map.channels()));
    }
    assertThat(params.count()).isEqualTo(small.cfg().parameters());
  }

  @Test
  void takesOtherSizesAndBatchesThanTheCfgs() {
    Params params = params(small.cfg(), FormulaWeights.SPLIT_MIX);
    Tensor two = onReference(() -> Tensor.of(Shape.of(2, 48, 32, 3), new float[2 * 48 * 32 * 3]));
    assertThat(small.forward(params, two).getFirst().shape()).isEqualTo(Shape.of(2, 24, 8, 14));
  }

  @Test
  void routeTakesOneGroupOfEachSource() {
    List<Tensor> outputs =
        small.layers(
            params(small.cfg(), FormulaWeights.SPLIT_MIX),
            picture(FormulaWeights.SPLIT_MIX, 32, 64));
    float[] first = outputs.get(3).floats();
    float[] second = outputs.get(1).floats();
    float[] joined = outputs.get(4).floats();
    for (int cell = 0; cell < 16 * 16; cell++) {
      for (int c = 0; c < 8; c++) {
        assertThat(joined[cell * 16 + c]).isEqualTo(first[cell * 16 + 8 + c]);
        assertThat(joined[cell * 16 + 8 + c]).isEqualTo(second[cell * 16 + 8 + c]);
      }
    }
  }

  @Test
  void shortcutAddsOnlyTheChannelsThatBothHave() {
    CfgFile wider =
        CfgFile.parse(
            CfgTokens.cfg(
                8,
                8,
                "classes=2\nnum=1\nanchors=4,4\n",
                List.of("C 3 1 leaky", "C 5 1 linear", "S -2 linear", "C 7 1 linear!", "Y 0")),
            "wider.cfg");
    List<Tensor> outputs =
        new CfgModel(wider)
            .layers(
                params(wider, FormulaWeights.SPLIT_MIX), picture(FormulaWeights.SPLIT_MIX, 8, 8));
    float[] narrow = outputs.get(0).floats();
    float[] wide = outputs.get(1).floats();
    float[] sum = outputs.get(2).floats();
    for (int i = 0; i < sum.length; i++) {
      int channel = i % 5;
      float added = channel < 3 ? narrow[i / 5 * 3 + channel] : 0;
      assertThat(sum[i]).isEqualTo(wide[i] + added);
    }
  }

  @Test
  void aHeadShowsActivatedNumbersAndReturnsRawOnes() {
    Params params = params(small.cfg(), FormulaWeights.SPLIT_MIX);
    Tensor image = picture(FormulaWeights.SPLIT_MIX, 32, 64);
    double[] raw = small.forward(params, image).getFirst().doubles();
    double[] shown = small.layers(params, image).getLast().doubles();
    for (int i = 0; i < raw.length; i++) {
      int entry = i % 7;
      double logistic = 1 / (1 + Math.exp(-raw[i]));
      double expected =
          switch (entry) {
            case 0, 1 -> 1.05 * logistic - 0.025;
            case 2, 3 -> raw[i];
            default -> logistic;
          };
      assertThat(shown[i]).isCloseTo(expected, within(1e-6));
    }
  }

  @Test
  void newCoordinatesAreActivatedAlready() {
    CfgModel model = new CfgModel(SmallCfg.with("scale_x_y=1.05", "scale_x_y=2\nnew_coords=1"));
    Params params = params(model.cfg(), FormulaWeights.SPLIT_MIX);
    Tensor image = picture(FormulaWeights.SPLIT_MIX, 32, 64);
    double[] raw = model.forward(params, image).getFirst().doubles();
    double[] shown = model.layers(params, image).getLast().doubles();
    for (int i = 0; i < raw.length; i++) {
      double expected = i % 7 < 2 ? 2 * raw[i] - 0.5 : raw[i];
      assertThat(shown[i]).isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void refusesAPictureOfOtherChannels() {
    Tensor grey = onReference(() -> Tensor.of(Shape.of(1, 32, 64, 1), new float[32 * 64]));
    assertThatThrownBy(() -> small.forward(Params.create(0), grey))
        .isInstanceOf(ShapeException.class)
        .hasMessage("small: image is [1, 32, 64, 1] but must be [N, H, W, 3]");
  }

  @Test
  void dropoutClearsValuesWhileTrainingOnly() {
    Params params = params(small.cfg(), FormulaWeights.SPLIT_MIX);
    Tensor image = picture(FormulaWeights.SPLIT_MIX, 32, 64);
    assertThat(small.layers(params, image).get(7).floats())
        .containsExactly(small.layers(params, image).get(6).floats());
    List<Tensor> outputs = small.layers(params.training(true).step(1, 0), image);
    float[] before = outputs.get(6).floats();
    float[] after = outputs.get(7).floats();
    int cleared = 0;
    for (int i = 0; i < after.length; i++) {
      cleared += after[i] == 0 && before[i] != 0 ? 1 : 0;
      assertThat(after[i] == 0 || after[i] == before[i] * (float) (1 / 0.75)).isTrue();
    }
    assertThat((double) cleared / after.length).isCloseTo(0.25, within(0.05));
  }

  @Test
  void refusesACfgWithoutAHead() {
    CfgFile backbone =
        CfgFile.parse(CfgTokens.cfg(8, 8, "", List.of("C 8 3 leaky")), "backbone.cfg");
    assertThatThrownBy(() -> new CfgModel(backbone))
        .hasMessage("backbone.cfg: has no [yolo] layer, so it is no detector");
  }

  /** The numbers were computed in double precision by a program outside this project. */
  @Test
  void tinyWithCongruentialWeightsIsGolden() {
    CfgFile cfg = CfgFile.parse(CfgTokens.yolov4Tiny(80), "yolov4-tiny.cfg").withInputSize(64, 64);
    assertThat(cfg.parameters()).isEqualTo(6_056_606);
    Params params = params(cfg, FormulaWeights.CONGRUENTIAL).to(DType.F64, Devices.reference());
    assertThat(params.entries()).hasSize(99);
    Tensor image = onReference(() -> picture(FormulaWeights.CONGRUENTIAL, 64, 64).to(DType.F64));
    List<Tensor> outputs = new CfgModel(cfg).layers(params, image);
    double[] coarse = LayerTable.channelsFirst(outputs.get(30));
    assertThat(Arrays.stream(coarse).sum()).isCloseTo(499.114254, within(1e-3));
    assertThat(Arrays.stream(coarse).map(Math::abs).sum()).isCloseTo(500.744435, within(1e-3));
    assertThat(Arrays.copyOf(coarse, 4))
        .containsExactly(new double[] {0.477041, 0.475656, 0.47761, 0.470468}, within(2e-6));
    double[] fine = LayerTable.channelsFirst(outputs.get(37));
    assertThat(Arrays.stream(fine).sum()).isCloseTo(1989.482013, within(4e-3));
    assertThat(Arrays.stream(fine).map(Math::abs).sum()).isCloseTo(1994.222595, within(4e-3));
    assertThat(Arrays.copyOf(fine, 4))
        .containsExactly(new double[] {0.495082, 0.4932, 0.494315, 0.49562}, within(2e-6));
    assertThat(Arrays.copyOfRange(fine, fine.length - 2, fine.length))
        .containsExactly(new double[] {0.514552, 0.516749}, within(2e-6));
  }

  @Test
  void shorthandWritesTheOfficialNetwork() {
    CfgFile official = CfgFile.read(Reference.require("cfg/darknet/yolov4-tiny.cfg"));
    CfgFile written = CfgFile.parse(CfgTokens.yolov4Tiny(80), "yolov4-tiny.cfg");
    assertThat(written.layers())
        .usingRecursiveComparison()
        .ignoringFieldsMatchingRegexes(".*line")
        .ignoringFields("options")
        .isEqualTo(official.layers());
    assertThat(new CfgModel(official).heads()).isEqualTo(new YoloV4Tiny(80).heads());
    assertThat(new CfgModel(official).maxStride()).isEqualTo(new YoloV4Tiny(80).maxStride());
  }
}
