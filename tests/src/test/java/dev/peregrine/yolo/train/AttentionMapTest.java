package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.image.Image;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AttentionMapTest {
  private final Image picture = new Image(32, 16);
  private final float[] slopes = new float[2 * 32 * 16 * 3];

  private static float red(Image image, int x, int y) {
    return image.rgb()[3 * (y * image.width() + x)];
  }

  @Test
  void heatLiesWhereTheGradientPulls() {
    Arrays.fill(picture.rgb(), 0.5f);
    for (int y = 4; y < 8; y++) {
      for (int x = 20; x < 24; x++) {
        Arrays.fill(slopes, 3 * (y * 32 + x), 3 * (y * 32 + x) + 3, -0.01f);
      }
    }
    Arrays.fill(slopes, slopes.length / 2, slopes.length, 7); // of a further picture
    AttentionMap map = new AttentionMap(picture, slopes);
    Image heat = map.heat();
    assertThat(red(heat, 22, 6)).isGreaterThan(0.5f);
    assertThat(red(heat, 4, 12)).isLessThan(0.2f);
    assertThat(heat.rgb()[3 * (6 * 32 + 22) + 1]).isZero();
    assertThat(red(map.blended(), 22, 6)).isCloseTo(0.7f * red(heat, 22, 6) + 0.15f, within(1e-6f));
    assertThat(map.blended().rgb()[1]).isCloseTo(0.15f, within(1e-6f));
  }

  @Test
  void nothingPulledIsNoHeat() {
    assertThat(new AttentionMap(picture, slopes).heat().rgb()).containsOnly(0);
  }
}
