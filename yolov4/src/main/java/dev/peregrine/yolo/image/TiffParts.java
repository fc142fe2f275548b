package dev.peregrine.yolo.image;

import dev.peregrine.tensor.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * Holds what the first directory of a TIFF promises against the file, since decoders reserve memory
 * by it: the bytes of strips and tiles, the size of a tile, the bits of a pixel.
 *
 * <p>What is missing or odd in other ways is left to the decoder.
 *
 * <p><b>Source</b> TIFF 6.0, sections 2, 15 and 22.
 */
final class TiffParts {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int STRIP_OFFSETS = 273;
  private static final int SAMPLES = 277;
  private static final int ROWS = 278;
  private static final int STRIP_BYTES = 279;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTES = 325;

  private static final int PLAIN = 1;
  private static final int OLD_JPEG = 6;
  private static final int JPEG = 7;

  /** Bits of a pixel for which the limit of pixels is meant. */
  private static final int PLAIN_BITS = 64;

  private final ByteBuffer bytes;
  private final String name;
  private final Map<Integer, long[]> fields = new HashMap<>();

  private TiffParts(byte[] file, String name) {
    bytes = ByteBuffer.wrap(file);
    this.name = name;
  }

  /**
   * Looks at the first directory.
   *
   * <p><b>Errors</b> {@link FormatException} that names the file.
   *
   * @param file all of it
   * @param name what errors call it
   * @param maxPixels the most pixels that are decoded
   */
  static void check(byte[] file, String name, long maxPixels) {
    TiffParts parts = new TiffParts(file, name);
    parts.read();
    parts.check(maxPixels);
  }

  private void read() {
    if (bytes.limit() < 8) {
      throw damaged("it has no directory");
    }
    bytes.order(bytes.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = bytes.getInt(4) & 0xffffffffL;
    int entries = directory + 2 > bytes.limit() ? 0 : bytes.getShort((int) directory) & 0xffff;
    if (entries == 0 || directory + 2 + 12L * entries > bytes.limit()) {
      throw damaged("it has no directory");
    }
    for (int i = 0; i < entries; i++) {
      int entry = (int) directory + 2 + 12 * i;
      int tag = bytes.getShort(entry) & 0xffff;
      if (tag >= WIDTH && tag <= TILE_BYTES && isAsked(tag)) {
        if (fields.put(tag, numbers(entry, tag)) != null) {
          throw damaged("its field " + tag + " occurs twice");
        }
      }
    }
  }

  private static boolean isAsked(int tag) {
    return switch (tag) {
      case WIDTH,
          HEIGHT,
          BITS,
          COMPRESSION,
          STRIP_OFFSETS,
          SAMPLES,
          ROWS,
          STRIP_BYTES,
          TILE_WIDTH,
          TILE_HEIGHT,
          TILE_OFFSETS,
          TILE_BYTES ->
          true;
      default -> false;
    };
  }

  private long[] numbers(int entry, int tag) {
    int size =
        switch (bytes.getShort(entry + 2)) {
          case 1 -> 1;
          case 3 -> 2;
          case 4, 13 -> 4;
          default -> throw damaged("its field " + tag + " holds no whole numbers");
        };
    long count = bytes.getInt(entry + 4) & 0xffffffffL;
    long at = count * size <= 4 ? entry + 8 : bytes.getInt(entry + 8) & 0xffffffffL;
    if (count == 0 || at + count * size > bytes.limit()) {
      throw damaged("its field %d has %d values, more than the file".formatted(tag, count));
    }
    long[] values = new long[(int) count];
    for (int i = 0; i < values.length; i++) {
      int place = (int) at + i * size;
      values[i] =
          switch (size) {
            case 1 -> bytes.get(place) & 0xff;
            case 2 -> bytes.getShort(place) & 0xffff;
            default -> bytes.getInt(place) & 0xffffffffL;
          };
    }
    return values;
  }

  private void check(long maxPixels) {
    long width = number(WIDTH, 0);
    long height = number(HEIGHT, 0);
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw damaged("it has %d x %d pixels".formatted(width, height));
    }
    long bits = 1;
    for (long sample : fields.getOrDefault(BITS, new long[] {1})) {
      bits = Math.max(bits, sample);
    }
    bits *= number(SAMPLES, 1);
    if (bits > PLAIN_BITS && PictureParts.pixels(width, height) > maxPixels / bits * PLAIN_BITS) {
      throw new FormatException(
          "%s has %d x %d pixels of %d bits, more than the limit of %d pixels of %d bits: scale it down first"
              .formatted(name, width, height, bits, maxPixels, PLAIN_BITS));
    }
    boolean tiled = fields.containsKey(TILE_WIDTH);
    long across = number(TILE_WIDTH, width);
    long down = tiled ? number(TILE_HEIGHT, height) : Math.min(height, number(ROWS, height));
    PictureParts.fits(name, "tiles have", across, down, width, height, maxPixels);
    parts(tiled ? TILE_OFFSETS : STRIP_OFFSETS, tiled ? TILE_BYTES : STRIP_BYTES, across, down);
  }

  private long number(int tag, long missing) {
    return fields.getOrDefault(tag, new long[] {missing})[0];
  }

  /** Each strip or tile lies within the file, and none is stored in the place of others. */
  private void parts(int offsetsTag, int lengthsTag, long across, long down) {
    long[] offsets = fields.getOrDefault(offsetsTag, new long[0]);
    long[] lengths = fields.getOrDefault(lengthsTag, new long[0]);
    long compression = number(COMPRESSION, PLAIN);
    if (compression == PLAIN) {
      return; // lengths are those of the rows, whatever the file says
    }
    if (compression == OLD_JPEG) {
      throw new FormatException(
          "%s is a TIFF around a JPEG in the form that TIFF 6.0 had first; save it anew"
              .formatted(name));
    }
    long sum = 0;
    for (int i = 0; i < lengths.length; i++) {
      sum += lengths[i];
      long from = i < offsets.length ? offsets[i] : 0;
      if (sum > bytes.limit() || from + lengths[i] > bytes.limit()) {
        throw damaged("part %d of its pixels lies behind its end".formatted(i));
      }
      if (compression == JPEG
          && !JpegFile.isPlain(
              bytes.array(), (int) from, (int) (from + lengths[i]), across, down)) {
        throw damaged("the JPEG in part %d of its pixels is of another size or kind".formatted(i));
      }
    }
    if (lengths.length < offsets.length) {
      throw damaged("it does not say how long the parts of its pixels are");
    }
  }

  private FormatException damaged(String how) {
    return new FormatException(
        "%s is a damaged TIFF picture (%s); fetch it again or remove it".formatted(name, how));
  }
}
