package dev.peregrine.opencl;

import dev.peregrine.opencl.kernel.Precision;
import dev.peregrine.opencl.kernel.Tiling;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Opens devices whose tensor cores are ordinary work items, for the tests of the race. */
public final class EmulatedCores {
  private EmulatedCores() {}

  /**
   * Opens the first OpenCL device.
   *
   * @param name what it is called, the precision behind an @
   * @return the device, which stores halves if the precision is fp16
   */
  public static Device open(String name) {
    String word = name.substring(name.lastIndexOf('@') + 1);
    Precision precision = Precision.valueOf(word.toUpperCase(Locale.ROOT));
    return OpenClDevice.open(
        name,
        0,
        precision == Precision.FP16 ? DType.F16 : DType.F32,
        Tiling.emulatedCores(precision),
        UnaryOperator.identity());
  }
}
