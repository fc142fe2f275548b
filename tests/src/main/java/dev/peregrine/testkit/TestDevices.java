package dev.peregrine.testkit;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import java.util.ArrayList;
import java.util.List;

/** The devices that this machine has. */
public final class TestDevices {
  private TestDevices() {}

  /**
   * Opens one device of each family that this machine has.
   *
   * @return the devices, the reference first
   */
  public static List<Device> all() {
    return present("reference", "cpu", "opencl");
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
