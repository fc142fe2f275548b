package dev.peregrine.tensor.device;

/** Opens the devices of one family; found through {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
  /**
   * Returns the family, the part of a device's name before the colon.
   *
   * @return for instance {@code cpu}
   */
  String family();

  /**
   * Opens a device.
   *
   * <p><b>Errors</b> {@link DeviceException} in one sentence when there is no such device here.
   *
   * @param selector the part of the name after the colon, empty when there is none
   * @return the device
   */
  Device open(String selector);
}
