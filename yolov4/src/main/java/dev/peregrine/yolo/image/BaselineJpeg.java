package dev.peregrine.yolo.image;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decodes the most common kind of JPEG: sequential, Huffman codes, eight bits, one scan, grey or
 * brightness and colour differences.
 *
 * <p>Detectors answer to single grey levels: the JDK's decoder rounds otherwise than the one
 * darknet uses, on a twentieth of all bytes, and that moves a box by a tenth of a pixel and now and
 * then exchanges two that are almost equal. Here every byte is the same as there. What is of
 * another kind, or damaged, is left to the JDK's decoder.
 *
 * <p><b>Source</b> ITU-T T.81, the sequential process; rounding as in {@code stb_image}.
 */
final class BaselineJpeg {
  private static final int FRAME = 0xc0;
  private static final int HUFFMAN = 0xc4;
  private static final int FIRST_STANDALONE = 0xd0;
  private static final int LAST_STANDALONE = 0xd9;
  private static final int SCAN = 0xda;
  private static final int QUANTIZATION = 0xdb;
  private static final int RESTART_INTERVAL = 0xdd;
  private static final int ADOBE = 0xee;

  private static final int[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  /** One component: its sampling, its tables and where its samples go. */
  private static final class Component {
    private int id;
    private int across;
    private int down;
    private int quantization;
    private int[] factors = {};
    private HuffmanTable dc = HuffmanTable.EMPTY;
    private HuffmanTable ac = HuffmanTable.EMPTY;
    private int stride;
    private int last;
    private byte[] samples = {};
  }

  private final byte[] file;
  private final Map<Integer, int[]> quantization = new HashMap<>();

  /** By kind: 0 to 3 for the first coefficient of a block, 16 to 19 for the others. */
  private final Map<Integer, HuffmanTable> huffman = new HashMap<>();

  private final List<Component> components = new ArrayList<>();
  private int width;
  private int height;
  private int mostAcross = 1;
  private int mostDown = 1;
  private int restartInterval;

  private BaselineJpeg(byte[] file) {
    this.file = file;
  }

  /**
   * Decodes a picture.
   *
   * @param file the whole file
   * @param maxPixels the most pixels that are decoded
   * @return the picture; empty if it is of another kind, larger or damaged
   */
  static Optional<BufferedImage> decode(byte[] file, long maxPixels) {
    try {
      return new BaselineJpeg(file).picture(maxPixels);
    } catch (IndexOutOfBoundsException damaged) {
      return Optional.empty(); // a length in the header points beyond its segment
    }
  }

  private Optional<BufferedImage> picture(long maxPixels) {
    int at = 2;
    while (true) {
      if (at + 4 > file.length || (file[at] & 0xff) != 0xff) {
        return Optional.empty();
      }
      int marker = file[at + 1] & 0xff;
      if (marker == 0xff) {
        at++;
        continue;
      }
      if (marker >= FIRST_STANDALONE && marker <= LAST_STANDALONE) {
        return Optional.empty();
      }
      int from = at + 4;
      int end = at + 2 + word(at + 2);
      if (end > file.length || end < from) {
        return Optional.empty();
      }
      boolean understood =
          switch (marker) {
            case QUANTIZATION -> quantization(from, end);
            case HUFFMAN -> huffman(from, end);
            case FRAME, FRAME + 1 -> frame(from, end, maxPixels);
            case RESTART_INTERVAL -> {
              restartInterval = word(from);
              yield true;
            }
            // Other frames: progressive, lossless, arithmetic. The last byte of Adobe's note tells
            // how colours are stored, 1 as brightness and differences.
            case ADOBE -> end - from != 12 || file[end - 1] == 1;
            default -> marker < FRAME || marker > 0xcf;
          };
      if (!understood) {
        return Optional.empty();
      }
      if (marker == SCAN) {
        return scanHeader(from, end) && scan(end)
            ? Optional.of(JpegColours.picture(width, height, planes()))
            : Optional.empty();
      }
      at = end;
    }
  }

  private int word(int at) {
    return (file[at] & 0xff) << 8 | file[at + 1] & 0xff;
  }

  private boolean quantization(int from, int end) {
    int at = from;
    while (at < end) {
      int kind = file[at++] & 0xff;
      boolean words = kind >> 4 != 0;
      if ((kind & 15) > 3 || at + (words ? 128 : 64) > end) {
        return false;
      }
      int[] table = new int[64];
      for (int place : ZIGZAG) {
        table[place] = words ? word(at) : file[at] & 0xff;
        at += words ? 2 : 1;
      }
      quantization.put(kind & 15, table);
    }
    return true;
  }

  private boolean huffman(int from, int end) {
    int at = from;
    while (at < end) {
      int kind = file[at++] & 0xff;
      int[] counts = new int[HuffmanTable.LONGEST + 1];
      int total = 0;
      for (int length = 1; length <= HuffmanTable.LONGEST; length++) {
        counts[length] = file[at++] & 0xff;
        total += counts[length];
      }
      if (kind >> 4 > 1 || (kind & 15) > 3 || total > 256 || at + total > end) {
        return false;
      }
      int[] symbols = new int[total];
      for (int i = 0; i < total; i++) {
        symbols[i] = file[at++] & 0xff;
      }
      huffman.put(kind, new HuffmanTable(counts, symbols));
    }
    return true;
  }

  private boolean frame(int from, int end, long maxPixels) {
    height = word(from + 1);
    width = word(from + 3);
    int count = file[from + 5] & 0xff;
    boolean plain = file[from] == 8 && (count == 1 || count == 3) && components.isEmpty();
    if (!plain || height == 0 || width == 0 || end < from + 6 + 3 * count) {
      return false;
    }
    if ((long) width * height > maxPixels) {
      return false;
    }
    for (int c = 0; c < count; c++) {
      Component component = new Component();
      component.id = file[from + 6 + 3 * c] & 0xff;
      // A single component is stored row by row, whatever its sampling says.
      int sampling = count == 1 ? 0x11 : file[from + 7 + 3 * c] & 0xff;
      component.across = sampling >> 4;
      component.down = sampling & 15;
      component.quantization = file[from + 8 + 3 * c] & 0xff;
      mostAcross = Math.max(mostAcross, component.across);
      mostDown = Math.max(mostDown, component.down);
      components.add(component);
    }
    int unitsAcross = (width + 8 * mostAcross - 1) / (8 * mostAcross);
    int unitsDown = (height + 8 * mostDown - 1) / (8 * mostDown);
    for (Component component : components) {
      if (component.across < 1
          || component.down < 1
          || component.quantization > 3
          || mostAcross > 2
          || mostDown > 2
          || mostAcross % component.across != 0
          || mostDown % component.down != 0) {
        return false;
      }
      component.stride = unitsAcross * component.across * 8;
      component.samples = new byte[component.stride * unitsDown * component.down * 8];
    }
    boolean namedByColour = count == 3 && components.get(0).id == 'R';
    return !namedByColour;
  }

  private boolean scanHeader(int from, int end) {
    int count = file[from] & 0xff;
    if (count != components.size() || count == 0 || end < from + 4 + 2 * count) {
      return false;
    }
    for (int c = 0; c < count; c++) {
      Component component = components.get(c);
      int tables = file[from + 2 + 2 * c] & 0xff;
      component.dc = huffman.getOrDefault(tables >> 4, HuffmanTable.EMPTY);
      component.ac = huffman.getOrDefault(tables & 15 | 16, HuffmanTable.EMPTY);
      component.factors = quantization.getOrDefault(component.quantization, component.factors);
      if ((file[from + 1 + 2 * c] & 0xff) != component.id || component.factors.length == 0) {
        return false;
      }
    }
    return true;
  }

  private boolean scan(int from) {
    JpegBits bits = new JpegBits(file, from);
    JpegTransform transform = new JpegTransform();
    int[] block = new int[64];
    int unitsAcross = (width + 8 * mostAcross - 1) / (8 * mostAcross);
    int unitsDown = (height + 8 * mostDown - 1) / (8 * mostDown);
    int left = restartInterval;
    for (int unitY = 0; unitY < unitsDown; unitY++) {
      for (int unitX = 0; unitX < unitsAcross; unitX++) {
        if (restartInterval > 0 && left-- == 0) {
          bits.restart();
          components.forEach(component -> component.last = 0);
          left = restartInterval - 1;
        }
        for (Component component : components) {
          for (int y = 0; y < component.down; y++) {
            for (int x = 0; x < component.across; x++) {
              read(bits, component, block);
              int row = (unitY * component.down + y) * 8;
              int column = (unitX * component.across + x) * 8;
              transform.apply(
                  block, component.samples, row * component.stride + column, component.stride);
            }
          }
        }
        if (bits.isDamaged()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Reads the coefficients of a block; what is no block leaves damage behind. */
  private void read(JpegBits bits, Component component, int[] block) {
    Arrays.fill(block, 0);
    int[] factors = component.factors;
    component.last += bits.number(bits.symbol(component.dc));
    block[0] = (short) (component.last * factors[0]);
    for (int k = 1; k < 64; k++) {
      int symbol = bits.symbol(component.ac);
      int size = symbol & 15;
      k += symbol >> 4;
      if (size == 0) {
        if (symbol >> 4 != 15) {
          return; // the rest is zero
        }
      } else {
        int place = ZIGZAG[Math.min(k, 63)];
        block[place] = (short) (bits.number(size) * factors[place]);
      }
    }
  }

  private List<JpegColours.Plane> planes() {
    return components.stream()
        .map(c ->
            new JpegColours.Plane(
                c.samples,
                c.stride,
                (height * c.down + mostDown - 1) / mostDown,
                mostAcross / c.across,
                mostDown / c.down))
        .toList();
  }
}
