package dev.peregrine.opencl.runtime;

import java.util.Locale;

/**
 * One OpenCL device of this machine, as its driver describes it.
 *
 * <p><b>Units</b> memory in bytes.
 *
 * @param platform the name of the driver that offers the device
 * @param name the device's name
 * @param type what kind of processor it is
 * @param globalMemory bytes of memory that kernels can use
 * @param computeUnits processors that work side by side
 * @param version the OpenCL version of the device, as the driver words it
 */
public record DeviceDescription(
    String platform, String name, Type type, long globalMemory, int computeUnits, String version) {

  /** The kinds of processors that OpenCL knows. */
  public enum Type {
    /** A central processing unit: OpenCL on the cores that Java runs on. */
    CPU,
    /** A graphics processing unit. */
    GPU,
    /** A processor made for computing alone. */
    ACCELERATOR,
    /** Anything else. */
    OTHER
  }

  /** Describes the device in one line, memory in GiB. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s (%s, %s, %.1f GiB, %d compute units, %s)",
        name,
        type,
        platform,
        globalMemory / (double) (1L << 30),
        computeUnits,
        version);
  }
}
