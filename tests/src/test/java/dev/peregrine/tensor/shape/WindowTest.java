package dev.peregrine.tensor.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
  // size, stride, padding on each side, dilation, input, output
  @ParameterizedTest
  @CsvSource({
    "3, 1, 1, 1, 13, 13",
    "3, 2, 1, 1, 416, 208",
    "3, 2, 1, 1, 13, 7",
    "1, 1, 0, 1, 1, 1",
    "1, 2, 0, 1, 13, 7",
    "2, 2, 0, 1, 13, 6",
    "2, 3, 0, 1, 9, 3",
    "5, 1, 2, 1, 1, 1",
    "13, 1, 6, 1, 7, 7",
    "3, 1, 2, 2, 7, 7",
    "3, 1, 0, 3, 7, 1",
    "7, 1, 0, 1, 7, 1",
  })
  void theOutputSizeFormula(int size, int stride, int pad, int dilation, int in, int out) {
    Window window = Window.of(size).stride(stride).pad(pad).dilation(dilation);
    assertThat(window.outHeight(in)).isEqualTo(out);
    assertThat(window.outWidth(in)).isEqualTo(out);
    int covered = 0;
    // The same by counting the places where the window fits.
    for (int i = 0; i + dilation * (size - 1) < in + 2 * pad; i += stride) {
      covered++;
    }
    assertThat(out).isEqualTo(covered);
  }

  @Test
  void heightAndWidthAreSeparate() {
    Window window = new Window(3, 2, 2, 1, 1, 0, 0, 1, 1, 2);
    assertThat(window.outHeight(9)).isEqualTo((9 + 1 - 3) / 2 + 1);
    assertThat(window.outWidth(9)).isEqualTo(9 + 1 - 3 + 1);
    assertThat(Window.of(2).stride(2).pad(0, 0, 1, 1).outHeight(13)).isEqualTo(7);
  }

  @Test
  void sameKeepsTheSizeOfOddKernels() {
    for (int size : new int[] {1, 3, 5, 7, 13}) {
      assertThat(Window.same(size, 1).outHeight(10)).isEqualTo(10);
    }
  }

  @Test
  void theTextNamesWhatIsNotOrdinary() {
    assertThat(Window.of(3)).hasToString("3x3");
    assertThat(Window.same(3, 2)).hasToString("3x3/2 p1");
    assertThat(Window.of(3).dilation(2).pad(2)).hasToString("3x3 p2 d2");
    assertThat(Window.of(2).stride(2).pad(0, 0, 1, 1)).hasToString("2x2/2 p0,0,1,1");
    assertThat(new Window(1, 3, 1, 2, 0, 1, 0, 1, 1, 2)).hasToString("1x3/1x2 p0,1,0,1 d1x2");
  }

  @Test
  void impossibleWindowsAreRefused() {
    assertThatThrownBy(() -> Window.of(0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("window: kernel 0x0 and stride 1x1 must be at least 1");
    assertThatThrownBy(() -> Window.of(3).stride(0))
        .hasMessage("window: kernel 3x3 and stride 0x0 must be at least 1");
    assertThatThrownBy(() -> Window.of(3).dilation(0))
        .hasMessage("window: dilation 0x0 must be at least 1");
    assertThatThrownBy(() -> Window.of(3).pad(0, -1, 0, 0))
        .hasMessage("window: padding 0, -1, 0, 0 must not be negative");
    assertThatThrownBy(() -> Window.of(3).dilation(2).outWidth(4))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "window: input width 4 with padding 0 is smaller than the window's reach 5; use a"
                + " larger input, more padding or a smaller kernel");
  }
}
