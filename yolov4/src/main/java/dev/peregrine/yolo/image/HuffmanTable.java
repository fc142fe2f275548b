package dev.peregrine.yolo.image;

import java.util.Arrays;

/**
 * A Huffman code of a JPEG file: short codes by one look into a table, longer ones by counting on.
 *
 * <p>Entries of the table are {@code length << 8 | symbol}, 0 where no short code begins so.
 */
final class HuffmanTable {
  static final int FAST_BITS = 9;
  static final int LONGEST = 16;

  /** A table without codes: all bits are damage. */
  static final HuffmanTable EMPTY = new HuffmanTable(new int[LONGEST + 1], new int[0]);

  private final int[] fast = new int[1 << FAST_BITS];

  /** By length: the first value of 16 bits that is too great for codes of that length. */
  private final int[] limits = new int[LONGEST + 2];

  /** By length: what to add to a code to find its symbol. */
  private final int[] offsets = new int[LONGEST + 1];

  private final int[] symbols;

  /**
   * Numbers the codes: by length, and within a length in the order of the symbols.
   *
   * @param counts how many codes there are of each length, from 1 at index 1
   * @param symbols one a code
   */
  HuffmanTable(int[] counts, int[] symbols) {
    this.symbols = symbols;
    int code = 0;
    int next = 0;
    for (int length = 1; length <= LONGEST; length++) {
      offsets[length] = next - code;
      for (int i = 0; i < counts[length]; i++, code++, next++) {
        if (length <= FAST_BITS && code < 1 << length) {
          int from = code << (FAST_BITS - length);
          Arrays.fill(fast, from, from + (1 << (FAST_BITS - length)), length << 8 | symbols[next]);
        }
      }
      limits[length] = code << (LONGEST - length);
      code <<= 1;
    }
    limits[LONGEST + 1] = Integer.MAX_VALUE;
  }

  /**
   * Finds the code that bits begin with.
   *
   * @param bits the next 16
   * @return {@code length << 8 | symbol}, 0 if no code begins so
   */
  int find(int bits) {
    int entry = fast[bits >> (LONGEST - FAST_BITS)];
    if (entry != 0) {
      return entry;
    }
    int length = FAST_BITS + 1;
    while (bits >= limits[length]) {
      length++;
    }
    if (length > LONGEST) {
      return 0;
    }
    int index = (bits >> (LONGEST - length)) + offsets[length];
    return index < 0 || index >= symbols.length ? 0 : length << 8 | symbols[index];
  }
}
