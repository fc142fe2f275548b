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

  /** Encoders that show a picture bit by bit make about ten. */
  private static final int MOST_SCANS = 50;

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
    int components = 0;
    boolean sequential = false;
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
        components = file[at + 9] & 0xff;
        sequential = isSequential(marker);
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
    if (!sequential || (file[at + 4] & 0xff) < components) {
      countScans(file, at, name);
    }
    if (components == 4) {
      return new Prepared(file, false);
    }
    kept.write(file, at, file.length - at);
    return new Prepared(kept.toByteArray(), tall && !untransformed);
  }

  /**
   * Each scan of a progressive picture goes over all of its pixels, and ten bytes are enough for
   * one. (Where the first scan has all components of a sequential picture, decoders read no other.)
   */
  private static void countScans(byte[] file, int first, String name) {
    int scans = 0;
    for (int at = first; at + 1 < file.length; at++) {
      if (file[at] == (byte) 0xff && (file[at + 1] & 0xff) == START_OF_SCAN) {
        scans++;
      }
    }
    if (scans > MOST_SCANS) {
      throw new FormatException(
          "%s is a JPEG of %d scans, of which at most %d are decoded; save it anew"
              .formatted(name, scans, MOST_SCANS));
    }
  }

  /**
   * Whether a JPEG inside another file costs its decoder no more than the place it is meant for:
   * one sequential frame that is not larger, in one scan.
   *
   * @param file the file around it
   * @param from its first byte there
   * @param to the byte behind its last
   * @param width of the place
   * @param height of the place
   */
  static boolean isPlain(byte[] file, int from, int to, long width, long height) {
    int at = from + 2;
    int components = 0;
    while (at + 10 <= to && (file[at] & 0xff) == 0xff) {
      int marker = file[at + 1] & 0xff;
      if (marker == START_OF_SCAN) {
        return components > 0 && (file[at + 4] & 0xff) == components;
      }
      if (isFrame(marker)) {
        if (components > 0
            || !isSequential(marker)
            || word(file, at + 5) > height
            || word(file, at + 7) > width) {
          return false;
        }
        components = file[at + 9] & 0xff;
      }
      at += marker == 0xff ? 1 : 2 + word(file, at + 2);
    }
    return false;
  }

  private static boolean isSequential(int frame) {
    return frame == 0xc0 || frame == 0xc1;
  }

  private static int word(byte[] file, int at) {
    return (file[at] & 0xff) << 8 | file[at + 1] & 0xff;
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
