package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.DeviceProvider;

/** Opens the reference device under the name {@code reference}. */
public final class ReferenceProvider implements DeviceProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public ReferenceProvider() {}

  @Override
  public String family() {
    return "reference";
  }

  @Override
  public Device open(String selector) {
    if (!selector.isEmpty()) {
      throw new DeviceException(
          "device: 'reference:"
              + selector
              + "' does not exist; there is one reference device, named 'reference'");
    }
    return new ReferenceDevice();
  }
}
