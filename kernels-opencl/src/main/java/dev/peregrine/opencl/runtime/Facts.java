package dev.peregrine.opencl.runtime;

/**
 * What kernels are chosen by: the abilities of a device.
 *
 * @param description the device
 * @param hasDoubles whether it computes in f64
 * @param largestGroup work items that one group may have
 * @param localBytes memory that the work items of a group share
 * @param driver the version of the driver, as it words it
 */
public record Facts(
    DeviceDescription description,
    boolean hasDoubles,
    int largestGroup,
    long localBytes,
    String driver) {

  /**
   * Tells whether the device is the processor that Java runs on, where small groups are best.
   *
   * @return true for a device of type CPU
   */
  public boolean isCpu() {
    return description.type() == DeviceDescription.Type.CPU;
  }
}
