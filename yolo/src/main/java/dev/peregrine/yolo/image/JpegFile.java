package dev.peregrine.yolo.image;

import dev.peregrine.tensor.FormatException;
import java.io.ByteArrayOutputStream;

/**
 * The outer structure of a JPEG file, made fit for a decoder.
 *
 * <p>Decoders fill the missing rest of a truncated file with grey and only warn, so the end is
 * looked for here. Colour profiles and camera notes of grey and RGB pictures are left out: the
 * networks of this family were trained on pictures whose profiles were ignored, and applying one
 * costs more time than the decoding.
 */
final class JpegFile {
  static final int START_OF_SCAN = 0xda;
  static final int END_OF_IMAGE = 0xd9;
  private static final int FIRST_APPLICATION = 0xe0;
  private static final int LAST_APPLICATION = 0xef;
  private static final int ADOBE = 0xee;

  private JpegFile() {}

  /**
   * Checks the structure and drops what the decoder should not see.
   *
   * @param file the whole file
   * @param name its name for errors
   * @return the bytes to decode
   */
  static byte[] prepare(byte[] file, String name) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
    kept.write(file, 0, 2);
    boolean fourComponents = false;
    int at = 2;
    while (true) {
      if (at + 4 > file.length) {
        throw truncated(name, file.length, "its header");
      }
      if ((file[at] & 0xff) != 0xff) {
        // Stray bytes between segments: every decoder skips them.
        at++;
        continue;
      }
      int marker = file[at + 1] & 0xff;
      if (marker == 0xff) {
        at++;
        continue;
      }
      int end = at + 2 + ((file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff));
      if (end > file.length) {
        throw truncated(name, file.length, "its header");
      }
      if (isFrame(marker) && at + 9 < file.length) {
        fourComponents = (file[at + 9] & 0xff) == 4;
      }
      if (marker == START_OF_SCAN) {
        break;
      }
      boolean note = marker > FIRST_APPLICATION && marker <= LAST_APPLICATION && marker != ADOBE;
      if (!note) {
        kept.write(file, at, end - at);
      }
      at = end;
    }
    if (!hasEnd(file, at)) {
      throw truncated(name, file.length, "its picture data");
    }
    if (fourComponents) {
      return file;
    }
    kept.write(file, at, file.length - at);
    return kept.toByteArray();
  }

  static FormatException truncated(String name, long length, String where) {
    return new FormatException(
        "%s is a truncated JPEG: the file ends after %d bytes, inside %s; fetch it again or remove it"
            .formatted(name, length, where));
  }

  private static boolean isFrame(int marker) {
    // 0xc0..0xcf are frames but for the Huffman (c4), reserved (c8) and arithmetic (cc) tables.
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static boolean hasEnd(byte[] file, int scan) {
    for (int i = file.length - 2; i > scan; i--) {
      if (file[i] == (byte) 0xff && file[i + 1] == (byte) END_OF_IMAGE) {
        return true;
      }
    }
    return false;
  }
}
