package dev.peregrine.nn.io;

/** How floats are kept in a file. */
public enum FloatFormat {
  /** IEEE, 4 bytes: every bit. */
  F32(4),
  /** IEEE, 2 bytes: 11 significant bits, up to 65504. */
  F16(2),
  /** 2 bytes: 8 significant bits, the range of F32. */
  BF16(2);

  private final int bytes;

  FloatFormat(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the size of a number.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Rounds a number to two bytes: to the nearest, of two as near to the one whose last bit is 0.
   *
   * <p><b>Errors</b> {@link IllegalStateException} for {@link #F32}, which takes four.
   *
   * @param value any number; one that is too large becomes infinity, a NaN stays one
   * @return the bits
   */
  public short bits(float value) {
    return switch (this) {
      case F16 -> Float.floatToFloat16(value);
      case BF16 -> {
        int bits = Float.floatToRawIntBits(value);
        // A carry out of a NaN's digits would make infinity or zero of it.
        yield Float.isNaN(value)
            ? (short) (bits >>> 16 | 0x40)
            : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
      }
      case F32 -> throw new IllegalStateException("F32 does not fit two bytes");
    };
  }

  /**
   * Widens two bytes exactly.
   *
   * <p><b>Errors</b> {@link IllegalStateException} for {@link #F32}, which has four.
   *
   * @param bits as {@link #bits} gives them
   * @return the number
   */
  public float value(short bits) {
    return switch (this) {
      case F16 -> Float.float16ToFloat(bits);
      case BF16 -> Float.intBitsToFloat(bits << 16);
      case F32 -> throw new IllegalStateException("F32 does not fit two bytes");
    };
  }
}
