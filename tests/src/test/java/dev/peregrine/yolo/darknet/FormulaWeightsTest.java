package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.Reference;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormulaWeightsTest {
  private static String sha256(CfgFile cfg, List<LayerWeights> layers) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (WritableByteChannel sink =
          Channels.newChannel(new DigestOutputStream(OutputStream.nullOutputStream(), digest))) {
        WeightsFile.write(
            sink,
            WeightsFile.Header.current(0),
            cfg.convolutions(),
            layer -> layers.stream().filter(w -> w.layer() == layer).findFirst().orElseThrow());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (NoSuchAlgorithmException missing) {
      throw new AssertionError(missing);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4-tiny", "yolov4-tiny-3l", "yolov4-csp-s-mish"})
  void splitMixMakesTheVeryFileOfTheReferenceNumbers(String name) throws IOException {
    Path table = Reference.require("oracles/synthetic/" + name + ".tsv");
    String header = Files.readAllLines(table).getFirst();
    CfgFile cfg = CfgFile.read(Reference.require("cfg/darknet/" + name + ".cfg"));
    List<LayerWeights> layers = new ArrayList<>();
    FormulaWeights.SPLIT_MIX.fill(cfg, layers::add);
    assertThat(header)
        .contains("seed=42 weights_bytes=" + (20 + 4 * cfg.storedFloats()))
        .endsWith("weights_sha256=" + sha256(cfg, layers));
  }

  @Test
  // recipe: golden/formula-weights/recipe.py
  void splitMixOfTheSmallCfgIsGolden() {
    CfgFile cfg = SmallCfg.cfg();
    List<LayerWeights> layers = new ArrayList<>();
    FormulaWeights.SPLIT_MIX.fill(cfg, layers::add);
    assertThat(sha256(cfg, layers))
        .isEqualTo("639ae7f44cc7da001f1de7edc5a7271ad79b0278045f1b7b1da862ca2bcbf0f7");
  }

  @Test
  void congruentialStartsAsWrittenDown() {
    List<LayerWeights> layers = new ArrayList<>();
    FormulaWeights.CONGRUENTIAL.fill(SmallCfg.cfg(), layers::add);
    LayerWeights stem = layers.getFirst();
    // array 0 of the recipe: -0.41673708, -0.62875068, 0.38308975
    assertThat(stem.biases()[0]).isCloseTo(-0.041673708f, within(1e-8f));
    assertThat(stem.biases()[1]).isCloseTo(-0.062875068f, within(1e-8f));
    assertThat(stem.biases()[2]).isCloseTo(0.038308975f, within(1e-8f));
  }

  @Test
  void thousandthNumberOfTheCongruentialStream() {
    CfgFile wide =
        CfgFile.parse(
            "[net]\nwidth=8\nheight=8\nchannels=3\n[conv]\nfilters=1000\nactivation=linear\n",
            "wide.cfg");
    List<LayerWeights> layers = new ArrayList<>();
    FormulaWeights.CONGRUENTIAL.fill(wide, layers::add);
    assertThat(layers.getFirst().biases()[999]).isCloseTo(-0.012694287f, within(1e-8f));
  }

  @Test
  void splitMixPictureIsTheFormula() {
    float[] picture = FormulaWeights.SPLIT_MIX.picture(20, 30, 3);
    int x = 17;
    int y = 11;
    for (int c = 0; c < 3; c++) {
      int value = (x * x + 3 * y * y + x * y + 31 * c) % 256;
      assertThat(picture[(y * 30 + x) * 3 + c]).isEqualTo((float) (value / 255.0));
    }
  }

  @Test
  void congruentialPictureRunsChannelByChannel() {
    float[] flat = FormulaWeights.CONGRUENTIAL.picture(2, 3, 1);
    float[] picture = FormulaWeights.CONGRUENTIAL.picture(2, 3, 2);
    for (int cell = 0; cell < 6; cell++) {
      assertThat(picture[2 * cell]).isEqualTo(flat[cell]);
      assertThat(picture[2 * cell + 1]).isBetween(0f, 1f).isNotEqualTo(flat[cell]);
    }
  }
}
