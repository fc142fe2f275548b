package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.shape.Window;

/** A window as kernels take it. */
final class Windows {
  private Windows() {}

  /** Kernel, strides, padding above and left, dilations: height before width. */
  static int[] numbers(Window window) {
    return new int[] {
      window.kernelHeight(),
      window.kernelWidth(),
      window.strideHeight(),
      window.strideWidth(),
      window.padTop(),
      window.padLeft(),
      window.dilationHeight(),
      window.dilationWidth()
    };
  }
}
