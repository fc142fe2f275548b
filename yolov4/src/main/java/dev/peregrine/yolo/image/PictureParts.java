package dev.peregrine.yolo.image;

import dev.peregrine.tensor.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What a file makes its decoder do besides the size that its header tells: frames and tiles that
 * cost more than the picture is worth.
 *
 * <p>A file of some bytes may hold a picture of eight pixels in a tile of a thousand million. Such
 * files are refused before a decoder sees them.
 */
final class PictureParts {
  /** Tiles and frames may be larger than their picture, but not by more than this. */
  private static final long SPARE_PIXELS = 2048L * 2048;

  private static final int BMP_OF_JPEG = 4;
  private static final int BMP_OF_PNG = 5;

  private PictureParts() {}

  /**
   * Looks at the parts of a file.
   *
   * <p><b>Errors</b> {@link FormatException} that names it.
   *
   * @param format of the file
   * @param file all of it
   * @param name what errors call it
   * @param maxPixels the most pixels that are decoded
   */
  static void check(PictureFormat format, byte[] file, String name, long maxPixels) {
    switch (format) {
      case WEBP -> webp(file, name, maxPixels);
      case BMP -> bmp(file, name);
      case TIFF -> TiffParts.check(file, name, maxPixels);
      // What decoders do with PNG follows from its header; GIF and JPEG are looked at while they
      // are read.
      case PNG, GIF, JPEG, OTHER -> {}
    }
  }

  /**
   * Compares a part with its picture.
   *
   * <p><b>Errors</b> {@link FormatException} where it is too large.
   *
   * @param what the part is, for errors
   */
  static void fits(
      String name,
      String what,
      long partWidth,
      long partHeight,
      long width,
      long height,
      long max) {
    long part = pixels(partWidth, partHeight);
    if (part > Math.max(pixels(width, height), Math.min(SPARE_PIXELS, max))) {
      throw new FormatException(
          "%s has %d x %d pixels, but its %s %d x %d: it is damaged or made to harm; save it anew or remove it"
              .formatted(name, width, height, what, partWidth, partHeight));
    }
  }

  /** A product that stays at the largest number where it would be larger. */
  static long pixels(long width, long height) {
    return width > 0 && height > Long.MAX_VALUE / width ? Long.MAX_VALUE : width * height;
  }

  private static void webp(byte[] file, String name, long maxPixels) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long width = 0;
    long height = 0;
    long at = 12;
    while (at + 8 <= file.length) {
      int from = (int) at + 8;
      String chunk = new String(file, (int) at, 4, StandardCharsets.US_ASCII);
      long length = bytes.getInt((int) at + 4) & 0xffffffffL;
      if (chunk.equals("VP8X") && from + 10 <= file.length) {
        width = 1 + three(file, from + 4);
        height = 1 + three(file, from + 7);
      } else if (chunk.equals("ANMF") && from + 16 <= file.length) {
        fits(
            name,
            "frame has",
            1 + three(file, from + 6),
            1 + three(file, from + 9),
            width,
            height,
            maxPixels);
        at = from + 16L; // the frame's own chunks follow
        continue;
      } else if (chunk.equals("VP8 ") && from + 10 <= file.length) {
        int across = bytes.getShort(from + 6) & 0x3fff;
        int down = bytes.getShort(from + 8) & 0x3fff;
        inner(name, across, down, width, height, maxPixels);
      } else if (chunk.equals("VP8L") && from + 5 <= file.length) {
        int size = bytes.getInt(from + 1);
        inner(name, 1 + (size & 0x3fff), 1 + (size >>> 14 & 0x3fff), width, height, maxPixels);
      }
      at = from + length + (length & 1);
    }
  }

  /** A picture without an outer size is its own; the limit on those is told elsewhere. */
  private static void inner(
      String name, int across, int down, long width, long height, long maxPixels) {
    if (width > 0) {
      fits(name, "frame has", across, down, width, height, maxPixels);
    }
  }

  private static long three(byte[] file, int at) {
    return file[at] & 0xff | (file[at + 1] & 0xff) << 8 | (file[at + 2] & 0xff) << 16;
  }

  private static void bmp(byte[] file, String name) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    boolean told = file.length >= 34 && bytes.getInt(14) >= 40;
    int kind = told ? bytes.getInt(30) : 0;
    if (kind == BMP_OF_JPEG || kind == BMP_OF_PNG) {
      throw new FormatException(
          "%s is a BMP around a %s, which is meant for printers only; save the picture itself"
              .formatted(name, kind == BMP_OF_PNG ? "PNG" : "JPEG"));
    }
  }
}
