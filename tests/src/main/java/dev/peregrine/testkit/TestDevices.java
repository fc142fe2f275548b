package dev.peregrine.testkit;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The devices that this machine has. */
public final class TestDevices {
  private TestDevices() {}

  /**
   * Opens one device of each family that this machine has.
   *
   * @return the devices, the reference first
   */
  public static List<Device> all() {
    if ("1".equals(System.getenv("PEREGRINE_REQUIRE_OPENCL"))) {
      return List.of(Devices.open("reference"), Devices.open("cpu"), openCl());
    }
    return present("reference", "cpu", "opencl");
  }

  /**
   * Opens the first OpenCL device.
   *
   * <p>On a machine without one the test is reported as skipped, with the reason; where {@code
   * PEREGRINE_REQUIRE_OPENCL=1} demands one, as in the continuous integration, it fails.
   *
   * @return the device
   */
  public static Device openCl() {
    try {
      return Devices.open("opencl");
    } catch (DeviceException absent) {
      if ("1".equals(System.getenv("PEREGRINE_REQUIRE_OPENCL"))) {
        throw absent;
      }
      Assumptions.abort(absent.getMessage());
      throw new AssertionError("unreachable", absent);
    }
  }

  /**
   * Opens those devices that there are.
   *
   * @param names their names
   * @return the present ones, in order
   */
  public static List<Device> present(String... names) {
    List<Device> devices = new ArrayList<>();
    for (String name : names) {
      try {
        devices.add(Devices.open(name));
      } catch (DeviceException absent) {
        // A machine without such a device is an ordinary one: the suites test what there is.
        continue;
      }
    }
    return devices;
  }
}
