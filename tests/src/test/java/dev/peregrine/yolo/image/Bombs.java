package dev.peregrine.yolo.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Small files that ask their decoders for much. */
public final class Bombs {
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private Bombs() {}

  /**
   * A picture of a size that its header alone claims; nothing follows it.
   *
   * @param format png, gif, jpeg, bmp, webp or tiff
   * @param side width and height
   */
  public static byte[] huge(String format, int side) {
    return switch (format) {
      case "png" -> png(side, side, "tEXt", new byte[0], new byte[0]);
      case "gif" -> gif(side, side, side, side);
      case "bmp" -> bmp(side, 0);
      case "webp" -> webp(lossless(side, side));
      case "tiff" -> tiff(field(256, LONG, 1, side), field(257, LONG, 1, side));
      default -> jpeg(side, 1);
    };
  }

  /** Bytes of one value, as zlib packs them: a thousandth of their number. */
  static byte[] packed(byte[] before, long zeros) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(before);
    try (DeflaterOutputStream packing = new DeflaterOutputStream(out, new Deflater(9))) {
      byte[] some = new byte[1 << 20];
      for (long left = zeros; left > 0; left -= some.length) {
        packing.write(some, 0, (int) Math.min(left, some.length));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return out.toByteArray();
  }

  /** A PNG of grey bytes with one more chunk. */
  public static byte[] png(int width, int height, String chunk, byte[] content, byte[] pixels) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put(new byte[] {8, 0, 0, 0, 0})
            .array();
    chunk(out, "IHDR", header);
    chunk(out, chunk, content);
    chunk(out, "IDAT", pixels);
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String name, byte[] content) {
    byte[] named = new byte[4 + content.length];
    System.arraycopy(name.getBytes(StandardCharsets.US_ASCII), 0, named, 0, 4);
    System.arraycopy(content, 0, named, 4, content.length);
    CRC32 sum = new CRC32();
    sum.update(named);
    out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    out.writeBytes(named);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }

  /** A GIF whose only frame is of a size of its own. */
  static byte[] gif(int width, int height, int frameWidth, int frameHeight) {
    return little(48)
        .put("GIF89a".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) width)
        .putShort((short) height)
        .put(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0})
        .putShort((short) frameWidth)
        .putShort((short) frameHeight)
        .put(new byte[] {0, 2, 2, 0x4c, 1, 0, 0x3b})
        .array();
  }

  /** A BMP of a kind of compression. */
  static byte[] bmp(int side, int kind) {
    return little(100)
        .put(new byte[] {'B', 'M'})
        .putInt(100)
        .putInt(0)
        .putInt(54)
        .putInt(40)
        .putInt(side)
        .putInt(side)
        .putShort((short) 1)
        .putShort((short) 24)
        .putInt(kind)
        .array();
  }

  /** The chunk of a WebP that holds a picture without loss. */
  static byte[] lossless(int width, int height) {
    int size = Math.min(width, 1 << 14) - 1 | Math.min(height, 1 << 14) - 1 << 14;
    return little(28)
        .put("VP8L".getBytes(StandardCharsets.US_ASCII))
        .putInt(20)
        .put((byte) 0x2f)
        .putInt(size)
        .array();
  }

  /** The chunk of a WebP that states a size for what follows. */
  static byte[] canvas(int side) {
    return little(18)
        .put("VP8X".getBytes(StandardCharsets.US_ASCII))
        .putInt(10)
        .putInt(0)
        .put(new byte[] {(byte) (side - 1), (byte) (side - 1 >> 8), (byte) (side - 1 >> 16)})
        .put(new byte[] {(byte) (side - 1), (byte) (side - 1 >> 8), (byte) (side - 1 >> 16)})
        .array();
  }

  /** A WebP of chunks. */
  static byte[] webp(byte[]... chunks) {
    int length = Arrays.stream(chunks).mapToInt(chunk -> chunk.length).sum();
    byte[] file = new byte[12 + length];
    ByteBuffer out =
        ByteBuffer.wrap(file)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put("RIFF".getBytes(StandardCharsets.US_ASCII))
            .putInt(4 + length)
            .put("WEBP".getBytes(StandardCharsets.US_ASCII));
    for (byte[] chunk : chunks) {
      out.put(chunk);
    }
    return file;
  }

  /** A grey progressive JPEG without content, in a number of scans. */
  static byte[] jpeg(int side, int scans) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0xff);
    out.write(0xd8);
    byte[] factors = new byte[65];
    Arrays.fill(factors, 1, 65, (byte) 1);
    segment(out, 0xdb, factors);
    segment(
        out,
        0xc2,
        new byte[] {
          8, (byte) (side >> 8), (byte) side, (byte) (side >> 8), (byte) side, 1, 1, 0x11, 0
        });
    byte[] code = new byte[18]; // one code of one bit: nothing, or no more blocks of 2^14
    code[1] = 1;
    segment(out, 0xc4, code);
    code[0] = 0x10;
    code[17] = (byte) 0xe0;
    segment(out, 0xc4, code);
    segment(out, 0xda, new byte[] {1, 1, 0, 0, 0, 0});
    out.writeBytes(new byte[(side / 8 + 1) * (side / 8 + 1) / 8 + 1]);
    for (int i = 1; i < scans; i++) {
      segment(out, 0xda, new byte[] {1, 1, 0, 1, 63, 0});
      out.writeBytes(new byte[] {0x7f, (byte) 0xff, 0, 0x7f, (byte) 0xff, 0});
    }
    out.write(0xff);
    out.write(0xd9);
    return out.toByteArray();
  }

  private static void segment(ByteArrayOutputStream out, int marker, byte[] content) {
    out.write(0xff);
    out.write(marker);
    out.write(content.length + 2 >> 8);
    out.write(content.length + 2);
    out.writeBytes(content);
  }

  /** A field of a TIFF's directory: tag, type, how many values, the value or where they lie. */
  static int[] field(int tag, int type, int count, int value) {
    return new int[] {tag, type, count, value};
  }

  /** A field of one short number. */
  static int[] field(int tag, int value) {
    return field(tag, SHORT, 1, value);
  }

  /** A field of one long number. */
  static int[] wide(int tag, int value) {
    return field(tag, LONG, 1, value);
  }

  /** A TIFF with these fields, in rising order of their tags, and something that is no picture. */
  static byte[] tiff(int[]... fields) {
    byte[] file = new byte[300];
    ByteBuffer out =
        ByteBuffer.wrap(file)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {'I', 'I', 42, 0})
            .putInt(8)
            .putShort((short) fields.length);
    for (int[] field : fields) {
      out.putShort((short) field[0]).putShort((short) field[1]).putInt(field[2]).putInt(field[3]);
    }
    return file;
  }

  private static ByteBuffer little(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
