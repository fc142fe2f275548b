package dev.peregrine.yolo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.FormatException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every format that is read, against the colours that Pillow 12.3.0 (libjpeg-turbo, libwebp,
 * libtiff) reads from the same bytes.
 *
 * <p>{@code pictures.tsv} was made by Pillow from two painted pictures of 24 x 16 pixels: {@code
 * (10 x mod 256, 15 y mod 256, x y mod 200 + 20)} for the exact formats and {@code (40 + 7 x, 220 -
 * 9 y, 90 + 3 x + 2 y)} for the others. Formats without loss must agree exactly; the tolerance of
 * the others is in grey levels.
 */
class PictureFormatsTest {
  private static final int[][] PLACES = {{0, 0}, {12, 8}, {23, 15}, {5, 11}};

  @TempDir Path folder;

  record Picture(String name, int tolerance, int[][] colours, byte[] file) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Picture> pictures() throws IOException {
    try (InputStream in = PictureFormatsTest.class.getResourceAsStream("pictures.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(PictureFormatsTest::picture)
              .toList()
              .stream();
    }
  }

  private static Picture picture(String line) {
    String[] parts = line.split("\t", -1);
    int[][] colours =
        Arrays.stream(parts[2].split(" "))
            .map(c -> Arrays.stream(c.split(",")).mapToInt(Integer::parseInt).toArray())
            .toArray(int[][]::new);
    return new Picture(
        parts[0], Integer.parseInt(parts[1]), colours, Base64.getDecoder().decode(parts[3]));
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void coloursAreThoseOfTheReference(Picture picture) throws IOException {
    Path file = Files.write(folder.resolve("picture.bin"), picture.file());
    ByteImage image = Images.readBytes(file);
    assertThat(image.width()).isEqualTo(24);
    assertThat(image.height()).isEqualTo(16);
    for (int i = 0; i < PLACES.length; i++) {
      for (int c = 0; c < 3; c++) {
        int at = (PLACES[i][1] * 24 + PLACES[i][0]) * 3 + c;
        assertThat(image.rgb()[at] & 0xff)
            .as("channel %d at (%d, %d)", c, PLACES[i][0], PLACES[i][1])
            .isCloseTo(picture.colours()[i][c], within(picture.tolerance()));
      }
    }
    assertThat(Images.looksWhole(file))
        .as("a TIFF has no end to look at")
        .isEqualTo(!picture.name().startsWith("tiff"));
    assertThat(PictureHeader.find(file)).contains(new PictureHeader(24, 16, 1));
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void cutFilesAreRefusedOrWhole(Picture picture) throws IOException {
    // Half a file: whatever the format, one sentence that names the file; never another exception.
    Path file =
        Files.write(
            folder.resolve("half.bin"), Arrays.copyOf(picture.file(), picture.file().length / 2));
    assertThatThrownBy(() -> Images.readBytes(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("half.bin is a");
    assertThat(Images.looksWhole(file)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void limitsHoldBeforeDecoding(Picture picture) throws IOException {
    Path file = Files.write(folder.resolve("large.bin"), picture.file());
    assertThatThrownBy(() -> Images.read(file, 383))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("24 x 16 pixels, more than the limit of 383");
    assertThat(Images.read(file, 384).width()).isEqualTo(24);
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void damagedFilesNeverGiveAnotherException(Picture picture) throws IOException {
    java.util.SplittableRandom random = new java.util.SplittableRandom(3);
    Path file = folder.resolve("damaged.bin");
    for (int i = 0; i < 40; i++) {
      byte[] bytes = picture.file().clone();
      for (int j = 0; j < 3; j++) {
        bytes[random.nextInt(8, bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, bytes);
      try {
        assertThat(Images.read(file, 10_000_000).width()).isPositive();
      } catch (FormatException told) {
        assertThat(told).hasMessageContaining("damaged.bin");
      }
    }
  }

  /** YCCK: brightness and differences of the inks, and black, as Photoshop writes JPEG. */
  @Test
  void ycckJpegHasTheRightColours() throws IOException {
    // Red 200, green 50, blue 30 without black: JFIF's transform of the inks 55, 205, 225; the
    // black
    // is stored as light.
    int luma = (int) Math.round(0.299 * 55 + 0.587 * 205 + 0.114 * 225);
    int blue = (int) Math.round(128 - 0.168736 * 55 - 0.331264 * 205 + 0.5 * 225);
    int red = (int) Math.round(128 + 0.5 * 55 - 0.418688 * 205 - 0.081312 * 225);
    byte[] rgb = Images.readBytes(fourBands("ycck.jpg", new int[] {luma, blue, red, 255}, 2)).rgb();
    assertThat(rgb[0] & 0xff).isCloseTo(200, within(3));
    assertThat(rgb[1] & 0xff).isCloseTo(50, within(3));
    assertThat(rgb[2] & 0xff).isCloseTo(30, within(3));
    // Half black halves the light.
    rgb = Images.readBytes(fourBands("dark.jpg", new int[] {luma, blue, red, 128}, 2)).rgb();
    assertThat(rgb[0] & 0xff).isCloseTo(100, within(4));
    rgb = Images.readBytes(fourBands("cmyk.jpg", new int[] {200, 50, 30, 128}, 0)).rgb();
    assertThat(rgb[0] & 0xff).isCloseTo(100, within(4));
    assertThat(rgb[1] & 0xff).isCloseTo(25, within(4));
  }

  private Path fourBands(String name, int[] values, int transform) throws IOException {
    WritableRaster bands = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
    for (int i = 0; i < 256; i++) {
      bands.setPixel(i % 16, i / 16, values);
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(bands, null, null), null);
    }
    writer.dispose();
    byte[] adobe = {
      (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform
    };
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(bytes.toByteArray(), 0, 2);
    whole.write(adobe);
    whole.write(bytes.toByteArray(), 2, bytes.size() - 2);
    return Files.write(folder.resolve(name), whole.toByteArray());
  }

  @Test
  void sixteenBitColours() throws IOException {
    BufferedImage deep =
        new BufferedImage(
            new java.awt.image.ComponentColorModel(
                java.awt.color.ColorSpace.getInstance(java.awt.color.ColorSpace.CS_sRGB),
                false,
                false,
                java.awt.Transparency.OPAQUE,
                DataBuffer.TYPE_USHORT),
            Raster.createInterleavedRaster(DataBuffer.TYPE_USHORT, 2, 1, 3, null),
            false,
            null);
    deep.getRaster().setPixel(0, 0, new int[] {1000, 30000, 65535});
    Path file = folder.resolve("deep.png");
    ImageIO.write(deep, "png", file.toFile());
    assertThat(Images.read(file).rgb()).startsWith(1000 / 65535f, 30000 / 65535f, 1);
    assertThat(Images.readBytes(file).rgb()).startsWith((byte) 4, (byte) 117, (byte) 255);
  }

  /** The first frame of this GIF covers a part of the picture. */
  @Test
  void framesOfGifsLieWhereTheyBelong() throws IOException {
    BufferedImage white = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_BINARY);
    for (int i = 0; i < 6; i++) {
      white.setRGB(i % 3, i / 3, 0xffffff);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    ImageWriteParam rowByRow = writer.getDefaultWriteParam();
    rowByRow.setProgressiveMode(ImageWriteParam.MODE_DISABLED);
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(white, null, null), rowByRow);
    }
    writer.dispose();
    byte[] gif = bytes.toByteArray();
    gif[6] = 8; // the picture is 8 x 4
    gif[8] = 4;
    int frame = 13;
    if ((gif[10] & 0x80) != 0) {
      frame += 3 * (2 << (gif[10] & 7));
    }
    while (gif[frame] != 0x2c) { // extensions before the frame
      frame += 2;
      while (gif[frame] != 0) {
        frame += (gif[frame] & 0xff) + 1;
      }
      frame++;
    }
    gif[frame + 1] = 4; // the frame is at (4, 1)
    gif[frame + 3] = 1;
    ByteImage image = Images.readBytes(Files.write(folder.resolve("a.gif"), gif));
    assertThat(image.width()).isEqualTo(8);
    assertThat(image.height()).isEqualTo(4);
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 8; x++) {
        boolean inside = x >= 4 && x < 7 && y >= 1 && y < 3;
        assertThat(image.rgb()[(y * 8 + x) * 3]).isEqualTo((byte) (inside ? 255 : 0));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 6, 8})
  void headersTellTheUprightSize(int orientation) throws IOException {
    Path file = folder.resolve("turned.jpg");
    Images.write(file, new Image(48, 32));
    byte[] jpeg = Files.readAllBytes(file);
    ByteBuffer exif = ByteBuffer.allocate(36);
    exif.putShort((short) 0xffe1).putShort((short) 34);
    exif.put("Exif\0\0MM".getBytes(StandardCharsets.US_ASCII)).putShort((short) 42).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation).putShort((short) 0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.write(exif.array());
    out.write(jpeg, 2, jpeg.length - 2);
    Files.write(file, out.toByteArray());
    PictureHeader header = PictureHeader.find(file).orElseThrow();
    ByteImage image = Images.readBytes(file);
    assertThat(header).isEqualTo(new PictureHeader(image.width(), image.height(), orientation));
    assertThat(header.turned()).isEqualTo(orientation > 4);
    assertThat(header.width()).isEqualTo(orientation > 4 ? 32 : 48);
  }

  @Test
  void headersOfOtherFilesAreEmpty() throws IOException {
    assertThat(PictureHeader.find(folder.resolve("none.jpg"))).isEqualTo(Optional.empty());
    assertThat(PictureHeader.find(Files.writeString(folder.resolve("a.jpg"), "text"))).isEmpty();
    assertThat(PictureHeader.find(folder)).isEmpty();
  }
}
