package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What single sections compute, by their definition. */
class CfgLayersTest {
  private static final String NET = "[net]\nwidth=4\nheight=4\nchannels=2\n";
  private static final String KEEP = "[maxpool]\nsize=1\nstride=1\n";

  /** An image whose value says where it stands: {@code 100 y + 10 x + c}. */
  private static Tensor image() {
    float[] values = new float[4 * 4 * 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = 100 * (i / 8) + 10 * (i / 2 % 4) + i % 2;
    }
    return Tensor.of(Shape.of(1, 4, 4, 2), values);
  }

  private static Tensor last(String sections, Params params) {
    CfgNetwork network = new CfgNetwork(CfgFile.parse(NET + sections, "layers.cfg"));
    return network.forward(params, image()).getFirst();
  }

  private static double at(Tensor map, int y, int x, int c) {
    int width = map.shape().dim(2);
    return map.floats()[(y * width + x) * map.shape().channels() + c];
  }

  @Test
  void reorgMovesEachPixelOfABlockIntoChannels() {
    Tensor out = last("[reorg3d]\nstride=2\n", Params.create(0));
    assertThat(out.shape()).isEqualTo(Shape.of(1, 2, 2, 8));
    for (int k = 0; k < 8; k++) {
      int offset = k / 2;
      double expected = 100 * (2 + offset / 2) + 10 * (offset % 2) + k % 2;
      assertThat(at(out, 1, 0, k)).as("channel %d", k).isEqualTo(expected);
    }
  }

  @Test
  void localAvgPoolDividesByTheCellsInside() {
    Tensor out = last("[local_avgpool]\nsize=3\nstride=2\n", Params.create(0));
    assertThat(out.shape()).isEqualTo(Shape.of(1, 2, 2, 2));
    // the window starts one cell before the map: rows and columns 0 and 1
    assertThat(at(out, 0, 0, 1)).isEqualTo(55 + 1);
    assertThat(at(out, 1, 1, 0)).isEqualTo(220);
  }

  @Test
  void scaleChannelsMultipliesByOneNumberAChannel() {
    Tensor out = last(KEEP + "[avgpool]\n[scale_channels]\nfrom=-2\n", Params.create(0));
    assertThat(at(out, 1, 2, 0)).isEqualTo(120 * 165.0);
    assertThat(at(out, 1, 2, 1)).isEqualTo(121 * 166.0);
  }

  @Test
  void samMultipliesCellByCell() {
    Tensor out = last(KEEP + KEEP + "[sam]\nfrom=-2\nactivation=linear\n", Params.create(0));
    assertThat(at(out, 3, 1, 1)).isEqualTo(311.0 * 311);
  }

  @Test
  void softmaxEndsAClassifier() {
    Tensor out = last("[avgpool]\n[softmax]\ngroups=1\n[cost]\ntype=sse\n", Params.create(0));
    assertThat(out.shape()).isEqualTo(Shape.of(1, 1, 1, 2));
    assertThat(at(out, 0, 0, 1)).isCloseTo(1 / (1 + Math.exp(-1)), within(1e-6));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "per_feature, none, 2, -1, 2, -1",
    "per_layer, relu, 2, -1, 2, -1",
    "per_channel, avg_relu, 2, -1, 3, 1",
    "per_channel, softmax, 2, -1, 3, 1"
  })
  void shortcutWeighsItsSummands(
      String type, String normalization, float a0, float b0, float a1, float b1) {
    String shortcut =
        "[shortcut]\nfrom=-2\nactivation=linear\nweights_type=%s\nweights_normalization=%s\n"
            .formatted(type, normalization);
    CfgFile cfg = CfgFile.parse(NET + KEEP + "[upsample]\nstride=1\nscale=2\n" + shortcut, "w.cfg");
    boolean perChannel = type.equals("per_channel");
    Params params = Params.create(0);
    LayerWeights weights = new LayerWeights(cfg.weighted().getFirst());
    float[] numbers = perChannel ? new float[] {a0, a1, b0, b1} : new float[] {a0, b0};
    assertThat(weights.weights()).hasSameSizeAs(numbers);
    System.arraycopy(numbers, 0, weights.weights(), 0, numbers.length);
    DarknetWeights.put(params, weights);
    Tensor out = new CfgNetwork(cfg).forward(params, image()).getFirst();
    for (int c = 0; c < 2; c++) {
      double[] w = balanced(normalization, c == 0 ? a0 : a1, c == 0 ? b0 : b1);
      double x = 230 + c;
      assertThat(at(out, 2, 3, c)).isCloseTo(w[0] * 2 * x + w[1] * x, within(2e-3));
    }
  }

  private static double[] balanced(String normalization, double a, double b) {
    double p = a;
    double q = b;
    switch (normalization) {
      case "none" -> {
        return new double[] {a, b};
      }
      case "softmax" -> {
        p = Math.exp(a - Math.max(a, b));
        q = Math.exp(b - Math.max(a, b));
      }
      default -> {
        p = Math.max(a, 0);
        q = Math.max(b, 0);
      }
    }
    double sum = 1e-4 + p + q;
    return new double[] {p / sum, q / sum};
  }

  @Test
  void weightsOfAShortcutStandInTheFile(@TempDir Path folder) throws IOException {
    String text =
        NET
            + "[conv]\nfilters=2\nactivation=linear\n"
            + "[conv]\nfilters=2\nactivation=mish\nbatch_normalize=1\n"
            + "[shortcut]\nfrom=-2\nweights_type=per_channel\n"
            + "[conv]\nfilters=3\nactivation=linear\n";
    CfgFile cfg = CfgFile.parse(text, "w.cfg");
    assertThat(cfg.parameters()).isEqualTo((4 + 2) + (4 + 4) + 4 + (6 + 3));
    Params params = DarknetWeights.create(cfg, 7);
    new CfgNetwork(cfg).forward(params, image());
    assertThat(params.count()).isEqualTo(cfg.parameters());
    Path file = folder.resolve("w.weights");
    DarknetWeights.save(params, cfg, file, WeightsFile.Header.current(0));
    assertThat(file).hasSize(20 + 4 * cfg.storedFloats());
    Params again = DarknetWeights.read(cfg, file);
    assertThat(again.entry("layer.2.weights").value().floats()).containsOnly(1f);
    assertThat(names(again)).isEqualTo(names(params));
  }

  private static List<String> names(Params params) {
    return params.entries().stream().map(Params.Entry::path).toList();
  }

  @Test
  void warnsOfKeysOfTrainingThatAreNotFollowed() {
    CfgFile cfg = CfgFile.parse(NET.replace("\nheight", "\ncontrastive=1\nheight") + KEEP, "a.cfg");
    assertThat(cfg.warnings())
        .containsExactly("a.cfg:3: contrastive in [net] is not followed: training goes without it");
  }

  @Test
  void warnsOnceOfKeysThatChangeNothing() {
    String idle = NET.replace("\nheight", "\nmax_epochs=1\nloss_scale=2\nmax_epochs=3\nheight");
    assertThat(CfgFile.parse(idle + KEEP, "a.cfg").warnings())
        .containsExactly(
            "a.cfg:5: max_epochs=3 in [net] is given twice; the first one counts",
            "a.cfg:3: max_epochs in [net] has no effect here, nor has it in 1 more",
            "a.cfg:4: loss_scale in [net] has no effect here");
  }
}
