package dev.peregrine.yolo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.testkit.Reference;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
  @TempDir Path folder;

  @Test
  void pngKeepsEveryByte() {
    Image image = smooth(13, 7);
    Path file = folder.resolve("a.png");
    Images.write(file, image);
    Image back = Images.read(file);
    assertThat(back.width()).isEqualTo(13);
    assertThat(back.height()).isEqualTo(7);
    assertClose(back, image, 0.5 / 255 + 1e-6);
    assertThat(Images.readBytes(file).rgb()).isEqualTo(ByteImage.of(image).rgb());
  }

  @Test
  void jpegKeepsSmoothPictures() {
    Image image = smooth(64, 48);
    Path file = folder.resolve("a.JPG");
    Images.write(file, image);
    assertClose(Images.read(file), image, 0.03);
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void greyIsNotBrightened() throws IOException {
    BufferedImage grey = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(1, 0, 0, 128);
    for (String kind : List.of("png", "bmp", "jpeg")) {
      BufferedImage flat = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
      for (int i = 0; i < 64; i++) {
        flat.getRaster().setSample(i % 8, i / 8, 0, 128);
      }
      Path file = folder.resolve("grey." + kind);
      ImageIO.write(flat, kind, file.toFile());
      assertThat(Images.read(file).rgb()).containsOnly(128 / 255f);
    }
    assertThat(Images.fromBufferedImage(grey).rgb()[3]).isEqualTo(128 / 255f);
  }

  @Test
  void sixteenBitsArePreserved() throws IOException {
    BufferedImage deep = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(0, 0, 0, 1000);
    deep.getRaster().setSample(1, 0, 0, 65535);
    Path file = folder.resolve("deep.png");
    ImageIO.write(deep, "png", file.toFile());
    assertThat(Images.read(file).rgb())
        .containsExactly(1000 / 65535f, 1000 / 65535f, 1000 / 65535f, 1, 1, 1);
    assertThat(Images.readBytes(file).rgb()[0]).isEqualTo((byte) 4);
  }

  @Test
  void paletteAndTransparencyGiveTheColourBelow() throws IOException {
    byte[] red = {0, (byte) 200};
    byte[] green = {10, 50};
    byte[] blue = {20, 30};
    BufferedImage palette =
        new BufferedImage(
            2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, green, blue, 0));
    palette.getRaster().setSample(1, 0, 0, 1);
    Path file = folder.resolve("palette.png");
    ImageIO.write(palette, "png", file.toFile());
    assertThat(ByteImage.of(Images.read(file)).rgb())
        .containsExactly(0, 10, 20, (byte) 200, 50, 30);

    BufferedImage alpha = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    alpha.setRGB(0, 0, 0x40_C8_32_1E);
    ImageIO.write(alpha, "png", folder.resolve("alpha.png").toFile());
    assertThat(Images.readBytes(folder.resolve("alpha.png")).rgb())
        .containsExactly((byte) 200, 50, 30);
    // Through JPEG the transparent picture is written opaque.
    Images.write(folder.resolve("alpha.jpg"), alpha);
    assertThat(Images.readBytes(folder.resolve("alpha.jpg")).rgb()[0] & 0xff)
        .isCloseTo(200, within(4));
  }

  @Test
  void webpIsRead() throws IOException {
    Path file = folder.resolve("a.webp");
    Files.write(file, plainWebp(5, 3, 200, 50, 30));
    ByteImage image = Images.readBytes(file);
    assertThat(image.width()).isEqualTo(5);
    assertThat(image.height()).isEqualTo(3);
    for (int i = 0; i < 15; i++) {
      assertThat(Arrays.copyOfRange(image.rgb(), 3 * i, 3 * i + 3))
          .containsExactly((byte) 200, 50, 30);
    }
  }

  /** Four inks, stored inverted with Adobe's note, as image editors do. */
  @Test
  void cmykJpegHasTheRightColours() throws IOException {
    WritableRaster inks = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
    for (int i = 0; i < 256; i++) {
      inks.setPixel(i % 16, i / 16, new int[] {200, 50, 30, 255});
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(inks, null, null), null);
    }
    writer.dispose();
    byte[] adobe = {
      (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
    };
    Path file = folder.resolve("cmyk.jpg");
    Files.write(file, insert(bytes.toByteArray(), adobe));
    byte[] rgb = Images.readBytes(file).rgb();
    assertThat(rgb[0] & 0xff).isCloseTo(200, within(3));
    assertThat(rgb[1] & 0xff).isCloseTo(50, within(3));
    assertThat(rgb[2] & 0xff).isCloseTo(30, within(3));
  }

  @Test
  void progressiveJpegIsRead() throws IOException {
    Image image = smooth(40, 30);
    Files.write(folder.resolve("p.jpg"), jpeg(Images.toBufferedImage(image), true));
    assertClose(Images.read(folder.resolve("p.jpg")), image, 0.04);
  }

  /** Where the red corner and the green right neighbour of a 3 x 2 picture come to lie. */
  @ParameterizedTest
  @CsvSource({
    "1, 3, 2, 0, 0, 2, 0", "2, 3, 2, 2, 0, 0, 0", "3, 3, 2, 2, 1, 0, 1", "4, 3, 2, 0, 1, 2, 1",
    "5, 2, 3, 0, 0, 0, 2", "6, 2, 3, 1, 0, 1, 2", "7, 2, 3, 1, 2, 1, 0", "8, 2, 3, 0, 2, 0, 0"
  })
  void cameraOrientationIsApplied(
      int orientation, int width, int height, int redX, int redY, int greenX, int greenY)
      throws IOException {
    // 3 x 2 cells of 16 x 16 pixels, so that JPEG's own blur stays away from the cells' middles.
    Image image = new Image(48, 32);
    fill(image, 0, 0, 0);
    fill(image, 32, 0, 1);
    byte[] encoded = jpeg(Images.toBufferedImage(image), false);
    Path file = folder.resolve("turned.jpg");
    Files.write(file, withExif(encoded, orientation));
    Image read = Images.read(file);
    assertThat(read.width()).isEqualTo(16 * width);
    assertThat(read.height()).isEqualTo(16 * height);
    assertThat(at(read, 16 * redX + 8, 16 * redY + 8, 0)).isGreaterThan(0.9f);
    assertThat(at(read, 16 * redX + 8, 16 * redY + 8, 1)).isLessThan(0.1f);
    assertThat(at(read, 16 * greenX + 8, 16 * greenY + 8, 1)).isGreaterThan(0.9f);
    ByteImage bytes = Images.readBytes(file);
    assertClose(bytes.toImage(), read, 1e-6);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.2, 0.5, 0.9, 0.999})
  void truncatedJpegIsRefused(double part) throws IOException {
    for (boolean progressive : new boolean[] {false, true}) {
      byte[] whole = jpeg(Images.toBufferedImage(noise(80, 60)), progressive);
      Path file = folder.resolve("cut.jpg");
      Files.write(file, Arrays.copyOf(whole, (int) (whole.length * part)));
      assertThatThrownBy(() -> Images.read(file))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("cut.jpg")
          .hasMessageContaining("truncated JPEG");
    }
  }

  @Test
  void truncatedPngIsRefused() throws IOException {
    Path file = folder.resolve("a.png");
    Images.write(file, noise(30, 30));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> Images.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("damaged PNG");
  }

  @Test
  void badFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> Images.read(folder.resolve("none.jpg")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("none.jpg does not exist");
    assertThatThrownBy(() -> Images.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is a folder");
    Path text = folder.resolve("text.jpg");
    Files.writeString(text, "this is no picture at all");
    assertThatThrownBy(() -> Images.read(text))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("text.jpg is not a picture");
    Files.writeString(text, "");
    assertThatThrownBy(() -> Images.read(text)).isInstanceOf(FormatException.class);
  }

  @Test
  void hugePicturesAreRefusedBeforeDecoding() throws IOException {
    Path file = folder.resolve("huge.png");
    Images.write(file, smooth(4, 4));
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).putInt(16, 60_000).putInt(20, 60_000);
    Files.write(file, bytes);
    assertThatThrownBy(() -> Images.read(file)).isInstanceOf(FormatException.class);
    Path small = folder.resolve("small.png");
    Images.write(small, smooth(20, 30));
    assertThatThrownBy(() -> Images.read(small, 599))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("20 x 30 pixels, more than the limit of 599");
    assertThat(Images.read(small, 600).width()).isEqualTo(20);
  }

  @Test
  void unwritableTargetsAreNamed() {
    assertThatThrownBy(() -> Images.write(folder.resolve("no/such/a.png"), smooth(2, 2)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("cannot be written");
    assertThatThrownBy(() -> Images.write(folder.resolve("a.xyz"), smooth(2, 2)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(".png, .jpg or .jpeg");
  }

  @Test
  void referencePicturesAreRead() throws IOException {
    try (Stream<Path> files = Files.list(Reference.require("images"))) {
      for (Path file : files.toList()) {
        Image image = Images.read(file);
        assertThat(image.width()).as(file.toString()).isBetween(400, 1000);
      }
    }
    assertThat(Images.read(Reference.require("images/bus.jpg")).height()).isEqualTo(1080);
  }

  @Test
  void wrongLengthIsRefused() {
    assertThatThrownBy(() -> new Image(2, 2, new float[11]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("12 values");
    assertThatThrownBy(() -> new ByteImage(0, 2, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static float at(Image image, int x, int y, int channel) {
    return image.rgb()[(y * image.width() + x) * 3 + channel];
  }

  private static void fill(Image image, int left, int top, int channel) {
    for (int y = top; y < top + 16; y++) {
      for (int x = left; x < left + 16; x++) {
        image.rgb()[(y * image.width() + x) * 3 + channel] = 1;
      }
    }
  }

  private static byte[] withExif(byte[] jpeg, int orientation) throws IOException {
    ByteBuffer exif = ByteBuffer.allocate(36);
    exif.putShort((short) 0xffe1).putShort((short) 34);
    exif.put("Exif\0\0MM".getBytes(StandardCharsets.US_ASCII)).putShort((short) 42).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation).putShort((short) 0);
    return insert(jpeg, exif.array());
  }

  /** A segment put behind a JPEG file's first marker. */
  private static byte[] insert(byte[] jpeg, byte[] segment) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.write(segment);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  /**
   * The smallest lossless WebP: each of the five prefix codes has one symbol, so pixels take no
   * bits. Bits are written from the lowest up.
   */
  private static byte[] plainWebp(int width, int height, int red, int green, int blue) {
    BitSet bits = new BitSet();
    int at = 0;
    // extents less one, no alpha, version 0, no transform, no colour cache, no grouping
    long[][] fields = {
      {width - 1, 14},
      {height - 1, 14},
      {0, 1},
      {0, 3},
      {0, 1},
      {0, 1},
      {0, 1},
      {1, 1},
      {0, 1},
      {1, 1},
      {green, 8},
      {1, 1},
      {0, 1},
      {1, 1},
      {red, 8},
      {1, 1},
      {0, 1},
      {1, 1},
      {blue, 8},
      {1, 1},
      {0, 1},
      {1, 1},
      {255, 8},
      {1, 1},
      {0, 1},
      {0, 1},
      {0, 1}
    };
    for (long[] field : fields) {
      for (int i = 0; i < field[1]; i++) {
        bits.set(at++, (field[0] >> i & 1) == 1);
      }
    }
    byte[] stream = Arrays.copyOf(bits.toByteArray(), 21);
    ByteBuffer file = ByteBuffer.allocate(42).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(34);
    file.put("WEBPVP8L".getBytes(StandardCharsets.US_ASCII)).putInt(22);
    return file.put((byte) 0x2f).put(stream).array();
  }

  private static byte[] jpeg(BufferedImage picture, boolean progressive) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam settings = writer.getDefaultWriteParam();
    settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    settings.setCompressionQuality(0.95f);
    if (progressive) {
      settings.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), settings);
    }
    writer.dispose();
    return bytes.toByteArray();
  }

  private static Image smooth(int width, int height) {
    Image image = new Image(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = (y * width + x) * 3;
        image.rgb()[at] = x / (float) width;
        image.rgb()[at + 1] = y / (float) height;
        image.rgb()[at + 2] = 0.5f;
      }
    }
    return image;
  }

  private static Image noise(int width, int height) {
    java.util.SplittableRandom random = new java.util.SplittableRandom(5);
    Image image = new Image(width, height);
    for (int i = 0; i < image.rgb().length; i++) {
      image.rgb()[i] = random.nextFloat();
    }
    return image;
  }

  private static void assertClose(Image actual, Image expected, double tolerance) {
    assertThat(actual.width()).isEqualTo(expected.width());
    for (int i = 0; i < expected.rgb().length; i++) {
      assertThat((double) actual.rgb()[i]).isCloseTo(expected.rgb()[i], within(tolerance));
    }
  }
}
