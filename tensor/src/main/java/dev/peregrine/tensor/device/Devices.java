package dev.peregrine.tensor.device;

import java.util.ServiceLoader;
import java.util.TreeSet;

/** Finds devices by name; the only place that loads services. */
public final class Devices {
  private Devices() {}

  /** The process-wide choices, made once, on first use. */
  private static final class Cpu {
    static final Device DEVICE = open("cpu");
  }

  private static final class Reference {
    static final Device DEVICE = open("reference");
  }

  /**
   * Returns the SIMD device on all cores, the default device of the process.
   *
   * @return always the same device
   */
  public static Device cpu() {
    return Cpu.DEVICE;
  }

  /**
   * Returns the device of plain loops that defines what every operation means; it alone computes in
   * f64.
   *
   * @return always the same device
   */
  public static Device reference() {
    return Reference.DEVICE;
  }

  /**
   * Opens a device by name.
   *
   * <p><b>Errors</b> {@link DeviceException} if no family of that name is on the path, or the
   * family has no such device.
   *
   * @param name {@code cpu}, {@code cpu:2} (two threads), {@code reference}, {@code opencl}, {@code
   *     opencl:1} ...
   * @return a new device
   */
  public static Device open(String name) {
    int colon = name.indexOf(':');
    String family = colon < 0 ? name : name.substring(0, colon);
    TreeSet<String> families = new TreeSet<>();
    for (DeviceProvider provider :
        ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader())) {
      if (provider.family().equals(family)) {
        return provider.open(colon < 0 ? "" : name.substring(colon + 1));
      }
      families.add(provider.family());
    }
    throw new DeviceException(
        "device: no device family is named '" + family + "'; there are " + families);
  }
}
