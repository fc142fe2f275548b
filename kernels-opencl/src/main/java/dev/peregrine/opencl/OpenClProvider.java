package dev.peregrine.opencl;

import dev.peregrine.opencl.kernel.Precision;
import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.opencl.runtime.OpenClDevices;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.DeviceProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Opens OpenCL devices under the names {@code opencl} (the first), {@code opencl:1} (the second),
 * {@code opencl:h200} (the first whose name holds the word), and {@code opencl:auto} (a graphics
 * card that can do what is asked, if there is one); behind an @ may stand how factors of products
 * are rounded, as in {@code opencl:1@tf32} or {@code opencl:@bf16}.
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
    int at = selector.lastIndexOf('@');
    return at < 0
        ? open(selector, selector.isEmpty() ? "opencl" : "opencl:" + selector, Precision.FP32)
        : open(
            selector.substring(0, at), "opencl:" + selector, precision(selector.substring(at + 1)));
  }

  private static Precision precision(String word) {
    for (Precision precision : Precision.values()) {
      if (lower(precision.name()).equals(word)) {
        return precision;
      }
    }
    throw new DeviceException(
        "device: 'opencl' knows no precision '"
            + word
            + "'; there are "
            + lower(Arrays.toString(Precision.values())));
  }

  private static Device open(String selector, String name, Precision precision) {
    if (selector.isEmpty()) {
      return OpenClDevice.open(name, 0, precision);
    }
    if (selector.equals("auto")) {
      return GraphicsCard.find(
          precision,
          OpenClDevices.list().devices(),
          index -> OpenClDevice.open(name, index, precision));
    }
    if (selector.chars().allMatch(Character::isDigit) && selector.length() <= 3) {
      return OpenClDevice.open(name, Integer.parseInt(selector), precision);
    }
    List<DeviceDescription> devices = OpenClDevices.list().devices();
    for (int i = 0; i < devices.size(); i++) {
      if (lower(devices.get(i).name()).contains(lower(selector))) {
        return OpenClDevice.open(name, i, precision);
      }
    }
    if (devices.isEmpty()) {
      return OpenClDevice.open(name, 0, precision);
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
