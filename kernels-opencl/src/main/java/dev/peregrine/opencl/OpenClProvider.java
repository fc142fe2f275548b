package dev.peregrine.opencl;

import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.opencl.runtime.OpenClDevices;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.DeviceProvider;
import java.util.List;
import java.util.Locale;

/**
 * Opens OpenCL devices under the names {@code opencl} (the first), {@code opencl:1} (the second),
 * and {@code opencl:h200} (the first whose name holds the word).
 */
public final class OpenClProvider implements DeviceProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public OpenClProvider() {}

  @Override
  public String family() {
    return "opencl";
  }

  @Override
  public Device open(String selector) {
    if (selector.isEmpty()) {
      return OpenClDevice.open("opencl", 0);
    }
    String name = "opencl:" + selector;
    if (selector.chars().allMatch(Character::isDigit) && selector.length() <= 3) {
      return OpenClDevice.open(name, Integer.parseInt(selector));
    }
    List<DeviceDescription> devices = OpenClDevices.list().devices();
    for (int i = 0; i < devices.size(); i++) {
      if (lower(devices.get(i).name()).contains(lower(selector))) {
        return OpenClDevice.open(name, i);
      }
    }
    if (devices.isEmpty()) {
      return OpenClDevice.open(name, 0);
    }
    throw new DeviceException(
        "device: '"
            + name
            + "' does not exist; after the colon stands a number or part of a name of "
            + devices.stream().map(DeviceDescription::name).toList());
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
