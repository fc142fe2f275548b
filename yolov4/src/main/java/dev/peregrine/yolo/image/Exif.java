package dev.peregrine.yolo.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The one field of EXIF that matters here: how the camera was held.
 *
 * <p><b>Units</b> 1 upright, 2 mirrored left-right, 3 turned by 180 degrees, 4 mirrored up-down, 5
 * transposed, 6 to be turned clockwise by 90 degrees, 7 transversed, 8 to be turned
 * counter-clockwise by 90 degrees.
 *
 * <p><b>Source</b> EXIF 2.3, tag 0x0112; TIFF 6.0 for the layout.
 */
final class Exif {
  private static final int TAG_ORIENTATION = 0x0112;
  private static final int UPRIGHT = 1;
  private static final byte[] JPEG_PREFIX = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  private Exif() {}

  /** The orientation a file states, 1 where it states none or a damaged one. */
  static int orientation(PictureFormat format, byte[] file) {
    return switch (format) {
      case JPEG -> inJpeg(file);
      case PNG -> inChunks(file, 8, "eXIf", ByteOrder.BIG_ENDIAN);
      case WEBP -> inChunks(file, 12, "EXIF", ByteOrder.LITTLE_ENDIAN);
      case TIFF -> inTiff(file, 0, file.length);
      case BMP, GIF, OTHER -> UPRIGHT;
    };
  }

  private static int inJpeg(byte[] file) {
    int at = 2;
    while (at + 4 <= file.length && (file[at] & 0xff) == 0xff) {
      int marker = file[at + 1] & 0xff;
      if (marker == 0xff) {
        at++;
        continue;
      }
      if (marker == JpegFile.START_OF_SCAN || marker == JpegFile.END_OF_IMAGE) {
        break;
      }
      int length = (file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff);
      int begin = at + 4;
      int end = at + 2 + length;
      if (length < 2 || end > file.length) {
        break;
      }
      if (marker == 0xe1 && hasPrefix(file, begin, end)) {
        return inTiff(file, begin + JPEG_PREFIX.length, end);
      }
      at = end;
    }
    return UPRIGHT;
  }

  /** PNG: length, name, data, checksum. RIFF: name, length, data, padded to an even length. */
  private static int inChunks(byte[] file, int first, String wanted, ByteOrder order) {
    boolean png = order == ByteOrder.BIG_ENDIAN;
    ByteBuffer bytes = ByteBuffer.wrap(file).order(order);
    long at = first;
    while (at + 8 <= file.length) {
      long length = bytes.getInt((int) at + (png ? 0 : 4)) & 0xffffffffL;
      long end = at + 8 + length;
      if (end > file.length) {
        break;
      }
      String name = new String(file, (int) at + (png ? 4 : 0), 4, StandardCharsets.US_ASCII);
      if (name.equals(wanted)) {
        int begin = (int) at + 8;
        boolean prefixed = hasPrefix(file, begin, (int) end);
        return inTiff(file, prefixed ? begin + JPEG_PREFIX.length : begin, (int) end);
      }
      at = png ? end + 4 : end + (length & 1);
    }
    return UPRIGHT;
  }

  private static boolean hasPrefix(byte[] file, int begin, int end) {
    if (end - begin < JPEG_PREFIX.length) {
      return false;
    }
    for (int i = 0; i < JPEG_PREFIX.length; i++) {
      if (file[begin + i] != JPEG_PREFIX[i]) {
        return false;
      }
    }
    return true;
  }

  private static int inTiff(byte[] file, int begin, int end) {
    if (end - begin < 8) {
      return UPRIGHT;
    }
    ByteBuffer tiff = ByteBuffer.wrap(file, begin, end - begin).slice();
    if (tiff.get(0) != tiff.get(1) || (tiff.get(0) != 'I' && tiff.get(0) != 'M')) {
      return UPRIGHT;
    }
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = tiff.getInt(4) & 0xffffffffL;
    if (directory + 2 > tiff.limit()) {
      return UPRIGHT;
    }
    int entries = tiff.getShort((int) directory) & 0xffff;
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + 12L * i;
      if (entry + 12 > tiff.limit()) {
        break;
      }
      if ((tiff.getShort((int) entry) & 0xffff) == TAG_ORIENTATION) {
        int value = tiff.getShort((int) entry + 8) & 0xffff;
        return value >= 1 && value <= 8 ? value : UPRIGHT;
      }
    }
    return UPRIGHT;
  }
}
