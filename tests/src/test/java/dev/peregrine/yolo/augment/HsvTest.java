package dev.peregrine.yolo.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.image.Image;
import java.awt.Color;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HsvTest {
  /** Against the JDK's own conversion. */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 1, 1", "1, 0.1, 1, 1", "1, -0.3, 1, 1", "1, 0, 1.5, 1", "1, 0, 0.5, 1",
    "1, 0, 1, 1.4", "1, 0, 1, 0.6", "1, 0.25, 1.3, 0.8", "1.015, 0, 0.7, 1.2", "0.98, 0, 1.7, 1"
  })
  void agreesWithTheModel(float hueFactor, float hueShift, float saturation, float value) {
    SplittableRandom random = new SplittableRandom(2);
    Image image = new Image(40, 50);
    int[][] bytes = new int[2000][3];
    for (int i = 0; i < 2000; i++) {
      for (int c = 0; c < 3; c++) {
        bytes[i][c] = i % 7 == 0 && c > 0 ? bytes[i][0] : random.nextInt(256) / (1 + i % 3);
        image.rgb()[3 * i + c] = bytes[i][c] / 255f;
      }
    }
    new Hsv(hueFactor, hueShift, saturation, value).apply(image, 0, 0, 40, 50);
    for (int i = 0; i < 2000; i++) {
      float[] hsb = Color.RGBtoHSB(bytes[i][0], bytes[i][1], bytes[i][2], null);
      // One more turn: the JDK gives black for a hue a rounding error below zero.
      int rgb =
          Color.HSBtoRGB(
              hsb[0] * hueFactor + hueShift + 1,
              Math.min(1, hsb[1] * saturation),
              Math.min(1, hsb[2] * value));
      assertThat(image.rgb()[3 * i] * 255).isCloseTo(rgb >> 16 & 255, within(0.75f));
      assertThat(image.rgb()[3 * i + 1] * 255).isCloseTo(rgb >> 8 & 255, within(0.75f));
      assertThat(image.rgb()[3 * i + 2] * 255).isCloseTo(rgb & 255, within(0.75f));
    }
  }

  @Test
  void onlyTheRectangleChanges() {
    Image image = new Image(4, 3);
    java.util.Arrays.fill(image.rgb(), 0.5f);
    new Hsv(1, 0, 1, 0.5f).apply(image, 1, 1, 3, 2);
    for (int i = 0; i < 12; i++) {
      boolean inside = i == 5 || i == 6;
      assertThat(image.rgb()[3 * i + 1]).isEqualTo(inside ? 0.25f : 0.5f);
    }
  }

  @Test
  void drawsStayInTheirRange() {
    SplittableRandom random = new SplittableRandom(9);
    int larger = 0;
    for (int i = 0; i < 4000; i++) {
      Hsv darknet = Hsv.darknet(random, .1, 1.5, 2);
      assertThat(Math.abs(darknet.hueShift())).isLessThan(.1f);
      assertThat(darknet.saturation()).isBetween(1 / 1.5f, 1.5f);
      assertThat(darknet.value()).isBetween(.5f, 2f);
      larger += darknet.value() > 1 ? 1 : 0;
      Hsv torch = Hsv.torch(random, .015, .7, .4);
      assertThat(torch.hueFactor()).isBetween(.985f, 1.015f);
      assertThat(torch.saturation()).isBetween(.3f, 1.7f);
      assertThat(torch.value()).isBetween(.6f, 1.4f);
    }
    assertThat(larger).isBetween(1800, 2200);
  }
}
