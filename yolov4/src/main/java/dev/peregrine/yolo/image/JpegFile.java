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

  private static final int FRAME_BYTES = 19;
  private static final byte[] TALL_SAMPLING = {0x12, 0x11, 0x11};

  /** What to decode, and whether two rows share one row of colours ({@link TallChroma}). */
  record Prepared(byte[] bytes, boolean tallChroma) {}

  private JpegFile() {}

  /**
   * Checks the structure and drops what the decoder should not see.
   *
   * @param file the whole file
   * @param name its name for errors
   * @return what to decode
   */
  static Prepared prepare(byte[] file, String name) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
    kept.write(file, 0, 2);
    boolean fourComponents = false;
    boolean tall = false;
    boolean untransformed = false;
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
        tall = isTall(file, at);
      }
      if (marker == ADOBE && end == at + 16) {
        // The last byte of Adobe's note: 0 means that red, green, blue are stored as they are.
        untransformed = file[end - 1] == 0;
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
      return new Prepared(file, false);
    }
    kept.write(file, at, file.length - at);
    return new Prepared(kept.toByteArray(), tall && !untransformed);
  }

  static FormatException truncated(String name, long length, String where) {
    return new FormatException(
        "%s is a truncated JPEG: the file ends after %d bytes, inside %s; fetch it again or remove it"
            .formatted(name, length, where));
  }

  static boolean isFrame(int marker) {
    // 0xc0..0xcf are frames but for the Huffman (c4), reserved (c8) and arithmetic (cc) tables.
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static boolean isTall(byte[] file, int at) {
    boolean tall = at + FRAME_BYTES <= file.length && file[at + 9] == 3;
    for (int c = 0; tall && c < 3; c++) {
      tall = file[at + 11 + 3 * c] == TALL_SAMPLING[c];
    }
    return tall;
  }

  /** Whether the mark of the end lies behind an index. */
  static boolean hasEnd(byte[] file, int scan) {
    for (int i = file.length - 2; i > scan; i--) {
      if (file[i] == (byte) 0xff && file[i + 1] == (byte) END_OF_IMAGE) {
        return true;
      }
    }
    return false;
  }
}
