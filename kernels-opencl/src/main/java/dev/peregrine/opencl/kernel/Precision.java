package dev.peregrine.opencl.kernel;

/** How the factors of matrix products and convolutions are rounded; sums are always f32. */
public enum Precision {
  /** Not at all: ordinary arithmetic, on every device. */
  FP32,
  /** To 10 bits of mantissa, for the tensor cores of NVIDIA's cards. */
  TF32,
  /** To 7 bits of mantissa, for the tensor cores of NVIDIA's cards. */
  BF16;

  /**
   * Tells whether products are the work of tensor cores.
   *
   * @return true for all but {@link #FP32}
   */
  public boolean needsTensorCores() {
    return this != FP32;
  }
}
