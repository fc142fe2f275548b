package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.CfgTokens;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DarknetWeightsTest {
  @TempDir private Path folder;
  private final CfgFile small = SmallCfg.cfg();

  private static <T> T onReference(Supplier<T> code) {
    return Ops.on(Devices.reference(), code);
  }

  /** A weights file of formula weights. */
  private Path file(CfgFile cfg, FormulaWeights recipe) {
    List<LayerWeights> layers = new ArrayList<>();
    recipe.fill(cfg, layers::add);
    Path file = folder.resolve("formula.weights");
    WeightsFile.write(
        file,
        WeightsFile.Header.current(64),
        cfg.convolutions(),
        layer -> layers.stream().filter(w -> w.layer() == layer).findFirst().orElseThrow());
    return file;
  }

  private static List<float[]> values(Params params) {
    return params.entries().stream().map(entry -> entry.value().floats()).toList();
  }

  @Test
  void readsIntoNamedParameters() {
    Path file = file(small, FormulaWeights.SPLIT_MIX);
    Params params = onReference(() -> DarknetWeights.read(small, file));
    assertThat(params.entries())
        .extracting(Params.Entry::path)
        .startsWith(
            "layer.0.weight",
            "layer.0.gamma",
            "layer.0.beta",
            "layer.0.mean",
            "layer.0.variance",
            "layer.1.weight",
            "layer.1.bias",
            "layer.5.weight");
    List<LayerWeights> layers = new ArrayList<>();
    WeightsFile.read(file, small, false, layers::add);
    LayerWeights stem = layers.getFirst();
    assertThat(params.entry("layer.0.gamma").value().floats()).isEqualTo(stem.scales());
    assertThat(params.entry("layer.0.beta").value().floats()).isEqualTo(stem.biases());
    assertThat(params.entry("layer.0.mean").value().floats()).isEqualTo(stem.means());
    assertThat(params.entry("layer.0.variance").value().floats()).isEqualTo(stem.variances());
    Tensor grouped = params.entry("layer.1.weight").value();
    assertThat(grouped.shape()).isEqualTo(Shape.of(3, 3, 2, 16));
    // filter 5, channel 1, row 2, column 0
    assertThat(grouped.floats()[((2 * 3 + 0) * 2 + 1) * 16 + 5])
        .isEqualTo(layers.get(1).weights()[(5 * 2 + 1) * 9 + 2 * 3]);
  }

  @Test
  void savesTheVeryBytesThatItRead() throws IOException {
    Path file = file(small, FormulaWeights.SPLIT_MIX);
    Params params = onReference(() -> DarknetWeights.read(small, file));
    Path again = folder.resolve("again.weights");
    DarknetWeights.save(params, small, again, WeightsFile.header(file));
    assertThat(Files.mismatch(file, again)).isEqualTo(-1);
    Params precise = params.to(DType.F64, Devices.reference());
    DarknetWeights.save(precise, small, again, WeightsFile.header(file));
    assertThat(Files.mismatch(file, again)).isEqualTo(-1);
  }

  @Test
  void makesTheSameArraysAsTheNetworkItself() {
    Params made = onReference(() -> DarknetWeights.create(small, 7));
    Params used = Params.create(7);
    onReference(() ->
        new CfgModel(small)
            .forward(used, Tensor.of(Shape.of(1, 32, 64, 3), new float[32 * 64 * 3])));
    assertThat(made.entries())
        .extracting(Params.Entry::path)
        .isEqualTo(used.entries().stream().map(Params.Entry::path).toList());
    assertThat(made.entries())
        .extracting(Params.Entry::kind)
        .isEqualTo(used.entries().stream().map(Params.Entry::kind).toList());
    assertThat(values(made)).usingRecursiveComparison().isEqualTo(values(used));
  }

  @Test
  void loadsIntoExistingParametersOfAnyType() {
    Path file = file(small, FormulaWeights.SPLIT_MIX);
    Params expected = onReference(() -> DarknetWeights.read(small, file));
    Params params = onReference(() -> DarknetWeights.create(small, 7));
    Params precise = params.to(DType.F64, Devices.reference());
    assertThat(DarknetWeights.load(params, small, file, false))
        .isEqualTo(new WeightsFile.Content(WeightsFile.Header.current(64), 10));
    assertThat(values(params)).usingRecursiveComparison().isEqualTo(values(expected));
    DarknetWeights.load(precise, small, file, false);
    assertThat(precise.entry("layer.8.bias").value().doubles())
        .isEqualTo(expected.entry("layer.8.bias").value().doubles());
  }

  @Test
  void backboneLeavesTheOtherLayersAsTheyAre() throws IOException {
    Path whole = file(small, FormulaWeights.SPLIT_MIX);
    Path backbone =
        Files.write(
            folder.resolve("small.conv.2"),
            Arrays.copyOf(Files.readAllBytes(whole), 20 + 4 * (248 + 304)));
    Params params = onReference(() -> DarknetWeights.create(small, 7));
    Params expected = onReference(() -> DarknetWeights.read(small, whole));
    float[] head = params.entry("layer.8.weight").value().floats();
    assertThat(DarknetWeights.load(params, small, backbone, true).layers()).isEqualTo(2);
    assertThat(params.entry("layer.8.weight").value().floats()).isEqualTo(head);
    assertThat(params.entry("layer.1.weight").value().floats())
        .isEqualTo(expected.entry("layer.1.weight").value().floats());
  }

  @Test
  void theNetworkWrittenInJavaGivesTheSameNumbers() {
    CfgFile cfg = CfgFile.parse(CfgTokens.yolov4Tiny(3), "yolov4-tiny.cfg");
    Path file = file(cfg, FormulaWeights.SPLIT_MIX);
    Tensor image =
        onReference(
            () -> Tensor.of(Shape.of(1, 32, 64, 3), FormulaWeights.SPLIT_MIX.picture(32, 64, 3)));
    YoloV4Tiny written = new YoloV4Tiny(3);
    Params own = Params.create(1);
    onReference(() -> written.forward(own, image));
    DarknetWeights.load(own, cfg, file, false);
    Params walked = onReference(() -> DarknetWeights.read(cfg, file));
    List<Tensor> expected = new CfgModel(cfg).forward(walked, image);
    List<Tensor> actual = written.forward(own, image);
    assertThat(actual).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(actual.get(i).floats()).isEqualTo(expected.get(i).floats());
    }
  }

  @Test
  void refusesParametersThatDoNotExistYet() {
    Path file = file(small, FormulaWeights.SPLIT_MIX);
    assertThatThrownBy(() -> DarknetWeights.load(Params.create(0), small, file, false))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "small.cfg: its network has 14 arrays of numbers, but the parameters have 0: run the"
                + " network once so that they exist");
  }

  @Test
  void refusesParametersOfAnotherNetwork() {
    Path file = file(small, FormulaWeights.SPLIT_MIX);
    Params params = onReference(() -> DarknetWeights.create(SmallCfg.with("groups=4", ""), 7));
    List<float[]> before = values(params);
    assertThatThrownBy(() -> DarknetWeights.load(params, small, file, false))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "small.cfg:21: layer 1 has weight [3, 3, 2, 16], but the parameters have"
                + " layer.1.weight [3, 3, 8, 16] there: another network");
    assertThat(values(params)).usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void aDamagedFileChangesNothing() throws IOException {
    Path whole = file(small, FormulaWeights.SPLIT_MIX);
    Path damaged =
        Files.write(
            folder.resolve("damaged.weights"), Arrays.copyOf(Files.readAllBytes(whole), 2000));
    Params params = onReference(() -> DarknetWeights.create(small, 7));
    List<float[]> before = values(params);
    assertThatThrownBy(() -> DarknetWeights.load(params, small, damaged, true))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("ends in layer 1");
    assertThat(values(params)).usingRecursiveComparison().isEqualTo(before);
  }
}
