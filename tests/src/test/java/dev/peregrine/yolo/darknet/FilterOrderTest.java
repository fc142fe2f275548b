package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FilterOrderTest {
  @Test
  void movesEachWeightToItsPlace() {
    int out = 3;
    int in = 2;
    int height = 2;
    int width = 4;
    float[] oihw = new float[out * in * height * width];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            oihw[((o * in + i) * height + y) * width + x] = 1000 * o + 100 * i + 10 * y + x;
          }
        }
      }
    }
    float[] hwio = FilterOrder.toChannelsLast(oihw, out, in, height, width);
    assertThat(hwio[0]).isEqualTo(0);
    assertThat(hwio[1]).isEqualTo(1000);
    assertThat(hwio[3]).isEqualTo(100);
    assertThat(hwio[6]).isEqualTo(1);
    assertThat(hwio[hwio.length - 1]).isEqualTo(2113);
    int next = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int i = 0; i < in; i++) {
          for (int o = 0; o < out; o++) {
            assertThat(hwio[next++]).isEqualTo(1000 * o + 100 * i + 10 * y + x);
          }
        }
      }
    }
    assertThat(FilterOrder.toChannelsFirst(hwio, out, in, height, width)).isEqualTo(oihw);
  }

  @Test
  void refusesAnotherLength() {
    assertThatThrownBy(() -> FilterOrder.toChannelsLast(new float[7], 2, 2, 1, 2))
        .hasMessage("filters: 7 numbers do not make 2 filters of 2 channels and 1 x 2 cells");
  }
}
