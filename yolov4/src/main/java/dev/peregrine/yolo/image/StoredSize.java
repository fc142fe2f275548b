package dev.peregrine.yolo.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Width and height as the first bytes of a file state them, without a decoder. */
final class StoredSize {
  private static final int[] UNKNOWN = {};

  private StoredSize() {}

  /**
   * Looks at the beginning of a file.
   *
   * @return width and height; empty where these bytes do not tell
   */
  static int[] of(PictureFormat format, byte[] head) {
    ByteBuffer bytes = ByteBuffer.wrap(head);
    return switch (format) {
      case JPEG -> jpeg(head);
      case PNG -> head.length < 24 ? UNKNOWN : positive(bytes.getInt(16), bytes.getInt(20));
      case GIF -> {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        yield head.length < 10
            ? UNKNOWN
            : positive(bytes.getShort(6) & 0xffff, bytes.getShort(8) & 0xffff);
      }
      case BMP -> {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        // The oldest headers have 12 bytes and sizes of two; rows from above have a negative
        // height.
        yield head.length < 26
            ? UNKNOWN
            : bytes.getInt(14) >= 40
                ? positive(bytes.getInt(18), Math.abs(bytes.getInt(22)))
                : positive(bytes.getShort(18) & 0xffff, bytes.getShort(20) & 0xffff);
      }
      case WEBP, TIFF, OTHER -> UNKNOWN;
    };
  }

  private static int[] positive(int width, int height) {
    return width > 0 && height > 0 ? new int[] {width, height} : UNKNOWN;
  }

  private static int[] jpeg(byte[] head) {
    int at = 2;
    while (at + 9 <= head.length) {
      int marker = head[at + 1] & 0xff;
      if ((head[at] & 0xff) != 0xff || marker == 0xff) {
        at++;
        continue;
      }
      if (JpegFile.isFrame(marker)) {
        int height = (head[at + 5] & 0xff) << 8 | (head[at + 6] & 0xff);
        int width = (head[at + 7] & 0xff) << 8 | (head[at + 8] & 0xff);
        return positive(width, height);
      }
      at += 2 + ((head[at + 2] & 0xff) << 8 | (head[at + 3] & 0xff));
    }
    return UNKNOWN;
  }
}
