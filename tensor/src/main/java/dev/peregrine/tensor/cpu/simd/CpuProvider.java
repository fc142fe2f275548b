package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.DeviceProvider;

/** Opens the SIMD device under the name {@code cpu}, or {@code cpu:N} for N threads. */
public final class CpuProvider implements DeviceProvider {
  private static final int MOST_THREADS = 1024;

  /** Called by {@link java.util.ServiceLoader}. */
  public CpuProvider() {}

  @Override
  public String family() {
    return "cpu";
  }

  @Override
  public Device open(String selector) {
    if (selector.isEmpty()) {
      return new SimdDevice("cpu", Runtime.getRuntime().availableProcessors());
    }
    return new SimdDevice("cpu:" + selector, threads(selector));
  }

  private static int threads(String selector) {
    try {
      int threads = Integer.parseInt(selector);
      if (threads >= 1 && threads <= MOST_THREADS) {
        return threads;
      }
    } catch (NumberFormatException e) {
      throw new DeviceException(message(selector), e);
    }
    throw new DeviceException(message(selector));
  }

  private static String message(String selector) {
    return "device: 'cpu:"
        + selector
        + "' does not exist; after the colon stands the number of threads, 1 to "
        + MOST_THREADS;
  }
}
