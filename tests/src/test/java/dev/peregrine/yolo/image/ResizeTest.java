package dev.peregrine.yolo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.box.Box;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResizeTest {
  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny-voc, 416",
    "yolo-fastest-1.0-coco, 320",
    "yolo-fastest-1.1-coco, 320",
    "yolo-fastest-1.1-xl-coco, 320",
    "mobilenetv2-yolov3-nano-voc, 320",
    "yoloface-50k, 56"
  })
  void stretchIsDarknets(String network, int size) throws IOException {
    Path tensor = Reference.require("oracles/tensors/" + network + "/dog.input.f32");
    FloatBuffer expected =
        ByteBuffer.wrap(Files.readAllBytes(tensor)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    Path dog = Reference.require("images/dog.jpg");
    Image actual = Resize.STRETCH.apply(Images.read(dog), size, size);
    double sum = 0;
    double largest = 0;
    int plane = size * size;
    for (int i = 0; i < plane; i++) {
      for (int c = 0; c < 3; c++) {
        double difference = Math.abs(actual.rgb()[3 * i + c] - expected.get(c * plane + i));
        sum += difference;
        largest = Math.max(largest, difference);
      }
    }
    // Two JPEG decoders round differently: in a few hundred values by a grey level or two.
    assertThat(sum / (3 * plane)).isLessThan(0.1 / 255);
    assertThat(largest).isLessThan(4.0 / 255);
    assertThat(Resize.STRETCH.apply(Images.readBytes(dog), size, size).rgb())
        .isEqualTo(actual.rgb());
  }

  /** Against the two passes of darknet written down plainly. */
  @ParameterizedTest
  @CsvSource({
    "7, 5, 13, 11",
    "13, 11, 7, 5",
    "100, 60, 33, 61",
    "1, 1, 4, 4",
    "5, 1, 3, 2",
    "1, 5, 2, 3",
    "640, 480, 416, 416",
    "9, 9, 9, 9",
    "9, 9, 1, 1",
    "2, 3, 1, 7"
  })
  void stretchAgreesWithThePlainForm(int width, int height, int newWidth, int newHeight) {
    Image image = noise(width, height, 3);
    float[] part = new float[newWidth * height * 3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < newWidth; x++) {
        for (int c = 0; c < 3; c++) {
          float at = x * ((float) (width - 1) / (newWidth - 1));
          int low = x == newWidth - 1 ? width - 1 : (int) at;
          float dx = x == newWidth - 1 || width == 1 ? 0 : at - low;
          float a = image.rgb()[(y * width + low) * 3 + c];
          float b = image.rgb()[(y * width + Math.min(width - 1, low + 1)) * 3 + c];
          part[(y * newWidth + x) * 3 + c] = dx == 0 ? a : (1 - dx) * a + dx * b;
        }
      }
    }
    Image actual = Resize.STRETCH.apply(image, newWidth, newHeight);
    for (int y = 0; y < newHeight; y++) {
      for (int i = 0; i < newWidth * 3; i++) {
        float at = y * ((float) (height - 1) / (newHeight - 1));
        int low = y == newHeight - 1 ? height - 1 : (int) at;
        float dy = y == newHeight - 1 ? 0 : at - low;
        float a = part[low * newWidth * 3 + i];
        float b = part[Math.min(height - 1, low + 1) * newWidth * 3 + i];
        float expected = dy == 0 ? a : (1 - dy) * a + dy * b;
        assertThat(actual.rgb()[y * newWidth * 3 + i]).isEqualTo(expected);
      }
    }
  }

  @Test
  void letterboxBordersAreGreyAndContentIsTheStretchedPicture() {
    Image image = noise(100, 50, 1);
    Image out = Resize.LETTERBOX.apply(image, 64, 64);
    Image content = Resize.STRETCH.apply(image, 64, 32);
    for (int y = 0; y < 64; y++) {
      for (int i = 0; i < 64 * 3; i++) {
        float expected = y < 16 || y >= 48 ? 0.5f : content.rgb()[(y - 16) * 64 * 3 + i];
        assertThat(out.rgb()[y * 64 * 3 + i]).isEqualTo(expected);
      }
    }
    Image torch = Resize.TORCH_LETTERBOX.apply(image, 64, 64);
    assertThat(torch.rgb()[0]).isEqualTo(114 / 255f);
    assertThat(torch.rgb()[(15 * 64 + 63) * 3 + 2]).isEqualTo(114 / 255f);
    assertThat(torch.rgb()[16 * 64 * 3]).isNotEqualTo(114 / 255f);
  }

  @Test
  void letterboxUsesWholeNumbers() {
    // 773 x 512 in 416: 512 * 416 / 773 = 275.5 -> 275; the border of 141 is 70 above, 71 below.
    Placement p = Placement.letterbox(773, 512, 416, 416);
    assertThat(p.contentHeight()).isEqualTo(275);
    assertThat(p.top()).isEqualTo(70);
    // darknet's way back halves the border without rounding
    assertThat(p.padY()).isEqualTo(70.5);
    assertThat(p.scaleY()).isEqualTo(275 / 512.0);
    assertThat(p.toImage(0.5, 0.5, 1, 275 / 416.0)).isEqualTo(new Box(0, 0, 773, 512));
  }

  @Test
  void torchRoundsHalfToEven() {
    // 5 x 2 -> 64 x 25.6: 26 rows, 19 above and below
    Placement p = Placement.torchLetterbox(5, 2, 64, 64);
    assertThat(p.contentHeight()).isEqualTo(26);
    assertThat(p.top()).isEqualTo(19);
    assertThat(p.padY()).isEqualTo((64 - 25.6) / 2, within(1e-9));
    // odd rest: 64 - 43 = 21 -> round(10.4) = 10 above, 11 below
    assertThat(Placement.torchLetterbox(64, 43, 64, 64).top()).isEqualTo(10);
    // 12.5 -> 12 (even)
    assertThat(Placement.torchLetterbox(64, 25, 32, 32).contentHeight()).isEqualTo(12);
    // dog.jpg in the smallest input of multiples of 32: 640 x 480
    Placement rectangle = Placement.torchRectangle(768, 576, 640, 64);
    assertThat(rectangle.networkWidth()).isEqualTo(640);
    assertThat(rectangle.networkHeight()).isEqualTo(512);
    assertThat(rectangle.top()).isEqualTo(16);
  }

  @ParameterizedTest
  @EnumSource(Resize.class)
  void boxesFindTheWayBack(Resize resize) {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 2000; i++) {
      int width = random.nextInt(1, 2000);
      int height = random.nextInt(1, 2000);
      Placement p =
          resize.placement(width, height, 32 * random.nextInt(1, 40), 32 * random.nextInt(1, 40));
      assertThat(p.left()).isBetween(0, p.networkWidth() - p.contentWidth());
      assertThat(p.top()).isBetween(0, p.networkHeight() - p.contentHeight());
      double x = random.nextDouble();
      double y = random.nextDouble();
      assertThat(p.relativeX(p.networkX(x))).isCloseTo(x, within(1e-9));
      assertThat(p.relativeY(p.networkY(y))).isCloseTo(y, within(1e-9));
      double w = p.networkX(x + 0.25) - p.networkX(x - 0.25);
      double h = p.networkY(y + 0.25) - p.networkY(y - 0.25);
      Box box = p.toImage(p.networkX(x), p.networkY(y), w, h);
      assertThat(box.x1()).isCloseTo((float) ((x - 0.25) * width), within(1e-2f));
      assertThat(box.y2()).isCloseTo((float) ((y + 0.25) * height), within(1e-2f));
      assertThat(p.relativeWidth(w)).isCloseTo(0.5, within(1e-9));
      assertThat(p.relativeHeight(h)).isCloseTo(0.5, within(1e-9));
      // The picture's border falls on the content's border, up to the rounding to whole pixels.
      assertThat(p.networkX(0) * p.networkWidth()).isCloseTo(p.left(), within(1.01));
      assertThat(p.networkY(1) * p.networkHeight())
          .isCloseTo(p.top() + p.contentHeight(), within(1.01));
    }
  }

  /** A linear ramp stays the same ramp under half-pixel placement. */
  @ParameterizedTest
  @ValueSource(ints = {3, 10, 16, 23, 64})
  void halfPixelKeepsRamps(int size) {
    Image ramp = new Image(16, 1);
    for (int x = 0; x < 16; x++) {
      ramp.rgb()[3 * x] = (x + 0.5f) / 16;
    }
    Image out = Resampler.resample(ramp, Axis.halfPixel(16, size), Axis.halfPixel(1, 1), 0, 0, 0);
    for (int x = 0; x < size; x++) {
      double expected = Math.clamp((x + 0.5) / size, 0.5 / 16, 15.5 / 16);
      assertThat((double) out.rgb()[3 * x]).isCloseTo(expected, within(1e-6));
    }
  }

  @Test
  void cropFillsOutsideAndSlicesAndReverses() {
    Image image = new Image(2, 1, new float[] {1, 0, 0, 0, 1, 0});
    Axis axis = Axis.crop(2, -1, 4, 4);
    Axis row = Axis.halfPixel(1, 1);
    float[] grey = {.25f, .25f, .25f};
    assertThat(Resampler.resample(image, axis, row, grey).rgb())
        .containsExactly(.25f, .25f, .25f, 1, 0, 0, 0, 1, 0, .25f, .25f, .25f);
    assertThat(Resampler.resample(image, axis.reversed().slice(1, 3), row, grey).rgb())
        .containsExactly(0, 1, 0, 1, 0, 0);
    assertThat(Resampler.resample(ByteImage.of(image), axis, row, grey).rgb())
        .containsExactly(Resampler.resample(image, axis, row, grey).rgb());
    assertThatThrownBy(() -> Resampler.into(new Image(3, 1), 0, 0, image, axis, row, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not fit");
  }

  private static Image noise(int width, int height, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Image image = new Image(width, height);
    for (int i = 0; i < image.rgb().length; i++) {
      image.rgb()[i] = random.nextInt(256) / 255f;
    }
    return image;
  }
}
