package dev.peregrine.yolo.image;

import static dev.peregrine.yolo.image.Bombs.field;
import static dev.peregrine.yolo.image.Bombs.wide;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.peregrine.tensor.FormatException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files that ask their decoders for much are refused before they get it. */
class BombsTest {
  private static final long LIMIT = 50_000_000;
  private static final long LITTLE_MEMORY = 8 << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  record Bomb(String name, byte[] file, String sentence) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Decodes a file, which must take little memory. */
  private static ByteImage decode(byte[] file) {
    long thread = Thread.currentThread().threadId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    try {
      return Images.decodeBytes(file, "x", LIMIT);
    } finally {
      assertThat(THREADS.getThreadAllocatedBytes(thread) - before)
          .as("bytes that were taken")
          .isLessThan(LITTLE_MEMORY + file.length * 3L);
    }
  }

  static Stream<Bomb> bombs() {
    int[] eight = wide(256, 8);
    int[] high = wide(257, 8);
    int[] deflated = field(259, 8);
    int[] grey = field(262, 1);
    int[] offset = wide(273, 250);
    return Stream.of(
        new Bomb("frame of a GIF", Bombs.gif(9, 9, 65_535, 65_535), "its frame has 65535 x 65535"),
        new Bomb("below the limit", Bombs.gif(9, 9, 7000, 7000), "its frame has 7000 x 7000"),
        new Bomb(
            "frame of a WebP",
            Bombs.webp(Bombs.canvas(8), Bombs.lossless(16_383, 16_383)),
            "its frame has 16383 x 16383"),
        new Bomb("JPEG in a BMP", Bombs.bmp(8, 4), "a BMP around a JPEG"),
        new Bomb("PNG in a BMP", Bombs.bmp(8, 5), "a BMP around a PNG"),
        new Bomb("scans", Bombs.jpeg(500, 1000), "a JPEG of 1000 scans, of which at most 50"),
        new Bomb(
            "tile",
            Bombs.tiff(
                eight,
                high,
                field(258, 8),
                field(259, 5),
                grey,
                wide(322, 16_000),
                wide(323, 16_000),
                wide(324, 8),
                wide(325, 8)),
            "its tiles have 16000 x 16000"),
        new Bomb(
            "bytes of a strip",
            Bombs.tiff(eight, high, field(258, 8), deflated, grey, offset, wide(279, 1 << 30)),
            "part 0 of its pixels lies behind its end"),
        new Bomb(
            "strips in one place",
            Bombs.tiff(
                eight,
                wide(257, 1000),
                field(258, 8),
                deflated,
                grey,
                new int[] {273, 3, 60, 8},
                new int[] {279, 3, 60, 8}),
            "part 1 of its pixels lies behind its end"),
        new Bomb(
            "number of strips",
            Bombs.tiff(eight, high, field(258, 8), deflated, grey, new int[] {273, 4, 1 << 27, 8}),
            "its field 273 has 134217728 values"),
        new Bomb(
            "samples of a pixel",
            Bombs.tiff(
                wide(256, 7000), wide(257, 7000), field(258, 64), grey, offset, field(277, 30)),
            "7000 x 7000 pixels of 1920 bits"),
        new Bomb(
            "JPEG in a TIFF",
            Bombs.tiff(eight, high, field(258, 8), field(259, 7), grey, offset, wide(279, 50)),
            "the JPEG in part 0 of its pixels is of another size or kind"),
        new Bomb(
            "old JPEG in a TIFF",
            Bombs.tiff(eight, high, field(258, 8), field(259, 6), grey, offset, wide(279, 50)),
            "save it anew"),
        new Bomb("size below nothing", Bombs.huge("tiff", -1), "4294967295 x 4294967295"));
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void partsThatAreTooLargeAreToldInASentence(Bomb bomb) {
    assertThatThrownBy(() -> decode(bomb.file()))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("x ")
        .hasMessageContaining(bomb.sentence());
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "gif", "jpeg", "bmp", "webp", "tiff"})
  void hugePicturesAreToldByTheirHeader(String format) {
    byte[] file = Bombs.huge(format, 16_000);
    PictureHeader header = PictureHeader.of(file, "x");
    assertThat(header.width()).isEqualTo(16_000);
    assertThat(header.height()).isEqualTo(16_000);
    assertThatThrownBy(() -> decode(file)).isInstanceOf(FormatException.class);
  }

  /** What stands beside the pixels of a PNG, or behind them, is never unpacked. */
  @ParameterizedTest
  @ValueSource(strings = {"iCCP", "zTXt", "iTXt"})
  void notesOfPngsAreNotUnpacked(String chunk) {
    byte[] note =
        Bombs.packed(
            chunk.equals("iTXt") ? new byte[] {'a', 0, 1, 0, 0, 0} : new byte[] {'a', 0, 0},
            1L << 28);
    byte[] pixels = Bombs.packed(new byte[0], 1L << 28);
    assertThat(decode(Bombs.png(8, 8, chunk, note, pixels)).width()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({"JPEG, 100", "Deflate, 100", "LZW, 100", "PackBits, 1", "None, 100", "JPEG, 0"})
  void tiffsOfOtherProgramsAreRead(String compression, int tile) throws IOException {
    BufferedImage picture = new BufferedImage(150, 90, BufferedImage.TYPE_3BYTE_BGR);
    picture.createGraphics().fillRect(0, 0, 150, 90);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
    ImageWriteParam settings = writer.getDefaultWriteParam();
    if (!compression.equals("None")) {
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionType(compression);
    }
    if (tile > 1) {
      settings.setTilingMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setTiling(112, 112, 0, 0);
    }
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), settings);
    }
    writer.dispose();
    ByteImage read = decode(bytes.toByteArray());
    assertThat(read.width() + "x" + read.height()).isEqualTo("150x90");
    for (byte level : read.rgb()) {
      assertThat(level).isBetween((byte) -3, (byte) -1);
    }
  }

  @Test
  void progressiveJpegsOfManyScansAreRead() {
    assertThat(decode(Bombs.jpeg(64, 12)).width()).isEqualTo(64);
    assertThatThrownBy(() -> decode(Bombs.jpeg(64, 51))).hasMessageContaining("51 scans");
  }
}
