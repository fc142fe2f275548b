package dev.peregrine.tensor.shape;

/** The type of a tensor's elements. */
public enum DType {
  /** 32-bit IEEE floating point, the type networks compute in. */
  F32(4),
  /** 64-bit IEEE floating point, held by the reference device for gradient checks. */
  F64(8),
  /**
   * 16-bit IEEE floating point, a storage type: 11 bits of mantissa, largest number 65,504. What a
   * plan keeps between its steps may be of this type; sums are made in {@link #F32}.
   */
  F16(2),
  /** 32-bit signed integer, the type of indices. */
  I32(4),
  /** 8-bit unsigned integer, the type of pictures as they come from a file. */
  U8(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the size of one element.
   *
   * @return bytes for one element
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Tells whether gradients can flow through values of this type.
   *
   * @return true for {@link #F32} and {@link #F64}
   */
  public boolean isFloating() {
    return this == F32 || this == F64;
  }

  /**
   * Returns the type that numbers of this type are computed in.
   *
   * @return {@link #F32} for {@link #F16}, else this type
   */
  public DType computed() {
    return this == F16 ? F32 : this;
  }

  /** Returns the short name used in graph texts and errors, such as {@code f32}. */
  @Override
  public String toString() {
    return switch (this) {
      case F32 -> "f32";
      case F64 -> "f64";
      case F16 -> "f16";
      case I32 -> "i32";
      case U8 -> "u8";
    };
  }
}
