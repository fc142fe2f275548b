package dev.peregrine.opencl.kernel;

/** How numbers are rounded on their way into products; sums are always f32. */
public enum Precision {
  /** Not at all: ordinary arithmetic, on every device. */
  FP32,
  /** To 10 bits of mantissa, for the tensor cores of NVIDIA's cards. */
  TF32,
  /** To 7 bits of mantissa, for the tensor cores of NVIDIA's cards. */
  BF16,
  /**
   * To 10 bits of mantissa where a plan stores values, on every device. Factors that are stored so
   * are multiplied exactly, by tensor cores where there are some.
   */
  FP16;

  /**
   * Tells whether a device without tensor cores is refused.
   *
   * @return true for {@link #TF32} and {@link #BF16}
   */
  public boolean needsTensorCores() {
    return this == TF32 || this == BF16;
  }

  /** Whether a tile of this precision is the work of tensor cores. */
  boolean isOfTensorCores() {
    return this != FP32;
  }
}
