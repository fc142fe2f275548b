package dev.peregrine.yolo.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.testkit.Reference;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decoder against the JDK's, which rounds a little otherwise, and against darknet's. */
class BaselineJpegTest {
  private static final long ANY = 1_000_000;

  private static BufferedImage painted(int width, int height, int type) {
    BufferedImage picture = new BufferedImage(width, height, type);
    SplittableRandom random = new SplittableRandom(width * 1000L + height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int wave = (int) (127 + 120 * Math.sin(x * 0.7 + y * 0.3));
        int noise = random.nextInt(60);
        picture.setRGB(x, y, wave << 16 | (255 - wave) / 2 + noise << 8 | x * 5 % 256);
      }
    }
    return picture;
  }

  private static byte[] encoded(BufferedImage picture, boolean progressive) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriteParam settings = writer.getDefaultWriteParam();
    if (progressive) {
      settings.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    }
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), settings);
    }
    writer.dispose();
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({"5,3", "7,1", "8,8", "15,16", "16,17", "17,16", "33,31", "64,9", "100,75"})
  void coloursAreTheJdksButForRounding(int width, int height) throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_GRAY}) {
      byte[] file = encoded(painted(width, height, type), false);
      BufferedImage ours = BaselineJpeg.decode(file, ANY).orElseThrow();
      BufferedImage jdks = ImageIO.read(new ByteArrayInputStream(file));
      assertThat(ours.getWidth()).isEqualTo(width);
      assertThat(ours.getHeight()).isEqualTo(height);
      byte[] a = Pixels.bytes(ours);
      byte[] b = Pixels.bytes(jdks);
      long sum = 0;
      for (int i = 0; i < a.length; i++) {
        int away = Math.abs((a[i] & 0xff) - (b[i] & 0xff));
        assertThat(away).as("byte " + i).isLessThanOrEqualTo(4);
        sum += away;
      }
      assertThat((double) sum / a.length).isLessThan(0.25);
    }
  }

  @Test
  void otherKindsAreLeftToTheJdk() throws IOException {
    BufferedImage picture = painted(40, 30, BufferedImage.TYPE_INT_RGB);
    assertThat(BaselineJpeg.decode(encoded(picture, true), ANY)).as("progressive").isEmpty();
    byte[] plain = encoded(picture, false);
    assertThat(BaselineJpeg.decode(plain, 40 * 30)).isPresent();
    assertThat(BaselineJpeg.decode(plain, 40 * 30 - 1)).as("too large").isEmpty();
    assertThat(BaselineJpeg.decode(new byte[3], ANY)).isEmpty();
  }

  @Test
  void cutFilesAreNotTakenForWholeOnes() throws IOException {
    byte[] file = encoded(painted(90, 70, BufferedImage.TYPE_INT_RGB), false);
    for (int length = 2; length < file.length - 40; length += 7) {
      assertThat(BaselineJpeg.decode(Arrays.copyOf(file, length), ANY))
          .as(length + " of " + file.length + " bytes")
          .isEmpty();
    }
  }

  /** Whatever a byte is changed to: a picture of the right size, or none. */
  @Test
  void damageNeverBreaksOut() throws IOException {
    byte[] file = encoded(painted(40, 30, BufferedImage.TYPE_INT_RGB), false);
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = file.clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        damaged[random.nextInt(file.length)] = (byte) random.nextInt(256);
      }
      Optional<BufferedImage> picture = BaselineJpeg.decode(damaged, ANY);
      refused += picture.isEmpty() ? 1 : 0;
    }
    assertThat(refused).isBetween(300, 2990);
  }

  /** The input of darknet's network, made of the same file: the same floats, all of them. */
  @Test
  void darknetSeesTheSameBytes() throws IOException {
    byte[] file = Files.readAllBytes(Reference.require("images/dog.jpg"));
    FloatBuffer expected =
        ByteBuffer.wrap(
                Files.readAllBytes(
                    Reference.require("oracles/tensors/yolov4-tiny-voc/dog.input.f32")))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    assertThat(BaselineJpeg.decode(file, ANY)).isPresent();
    int size = 416;
    Image input = Resize.STRETCH.apply(Images.decode(file, "dog.jpg"), size, size);
    int different = 0;
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < size * size; i++) {
        different +=
            Math.abs(input.rgb()[3 * i + c] - expected.get(c * size * size + i)) > 2e-7 ? 1 : 0;
      }
    }
    assertThat(different).isZero();
  }
}
