package dev.peregrine.yolo.image;

/** The bits of a JPEG scan, without the zero bytes that are stuffed in behind every 255. */
final class JpegBits {
  private static final int MARK = 0xff;
  private static final int FIRST_RESTART = 0xd0;

  private final byte[] file;
  private int at;
  private long held;
  private int count;
  private int invented;
  private boolean damaged;

  JpegBits(byte[] file, int at) {
    this.file = file;
    this.at = at;
  }

  /** Whether something was asked for that the file does not have. */
  boolean isDamaged() {
    return damaged || count < invented;
  }

  /** Tops up to more than 48 bits; behind the scan with zeros that do not count as read. */
  private void fill() {
    while (count <= 48) {
      int next = at < file.length ? file[at] & MARK : MARK;
      boolean stuffed = next == MARK && at + 1 < file.length && file[at + 1] == 0;
      if (next == MARK && !stuffed) {
        held <<= 8;
        invented += 8;
      } else {
        held = held << 8 | next;
        at += stuffed ? 2 : 1;
      }
      count += 8;
    }
  }

  /** Reads one symbol; 0 and damage where no code fits. */
  int symbol(HuffmanTable table) {
    if (count < HuffmanTable.LONGEST) {
      fill();
    }
    int entry = table.find((int) (held >>> (count - HuffmanTable.LONGEST)) & 0xffff);
    count -= entry >> 8;
    damaged |= entry == 0;
    return entry & 0xff;
  }

  /** Reads a number of some bits, of which the upper half of the range is positive. */
  int number(int bits) {
    if (bits == 0) {
      return 0;
    }
    if (bits > HuffmanTable.LONGEST) {
      damaged = true;
      return 0;
    }
    if (count < bits) {
      fill();
    }
    count -= bits;
    int value = (int) (held >>> count) & (1 << bits) - 1;
    return value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
  }

  /** Goes on behind the next restart mark, which must follow. */
  void restart() {
    held = 0;
    count = 0;
    invented = 0;
    while (at + 2 < file.length && (file[at] & MARK) == MARK && (file[at + 1] & MARK) == MARK) {
      at++;
    }
    boolean mark =
        at + 1 < file.length && (file[at] & MARK) == MARK && (file[at + 1] & 0xf8) == FIRST_RESTART;
    damaged |= !mark;
    at += 2;
  }
}
