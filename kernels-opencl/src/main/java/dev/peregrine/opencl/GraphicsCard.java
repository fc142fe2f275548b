package dev.peregrine.opencl;

import dev.peregrine.opencl.kernel.Precision;
import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.opencl.runtime.OpenClDevices;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Finds the device that a program should prefer to the CPU if it was not told which. */
public final class GraphicsCard {
  /** What the drivers of graphics cards put into the file system of Linux. */
  private static final List<String> TRACES =
      List.of("/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "/dev/dri/renderD128", "/dev/mali0");

  private GraphicsCard() {}

  /**
   * Opens the first graphics card that OpenCL offers.
   *
   * <p>OpenCL on the CPU does not count: it takes hundreds of megabytes for a compiler, and the
   * CPU's own kernels are faster. On Linux nothing is loaded where the system shows no card.
   *
   * @param complain told in one sentence why a card that is there cannot be used
   * @return the device, empty where there is none
   */
  public static Optional<Device> find(Consumer<String> complain) {
    if (!mayBeThere()) {
      return Optional.empty();
    }
    List<DeviceDescription> devices = OpenClDevices.list().devices();
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).type() == DeviceDescription.Type.GPU) {
        try {
          return Optional.of(OpenClDevice.open("opencl:" + i, i));
        } catch (DeviceException failure) {
          complain.accept(failure.getMessage() + "; computing on the CPU");
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Opens the first graphics card that rounds numbers as wanted; where that needs no tensor cores
   * and there is no card, the first device.
   *
   * <p><b>Errors</b> {@link DeviceException} in one sentence if none can.
   *
   * @param precision how numbers are rounded
   * @param devices the OpenCL devices of this machine
   * @param open opens one of them by its position
   * @return the device
   */
  static Device find(
      Precision precision, List<DeviceDescription> devices, IntFunction<Device> open) {
    DeviceException first = null;
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).type() == DeviceDescription.Type.GPU) {
        try {
          return open.apply(i);
        } catch (DeviceException cannot) {
          first = first == null ? cannot : first;
        }
      }
    }
    if (first != null) {
      throw first;
    }
    if (precision.needsTensorCores()) {
      throw new DeviceException(
          "device: precision "
              + precision.name().toLowerCase(Locale.ROOT)
              + " is computed by the tensor cores of NVIDIA's cards from compute capability 8.0 on,"
              + " and OpenCL offers no graphics card here; use precision=fp32");
    }
    return open.apply(0);
  }

  private static boolean mayBeThere() {
    boolean linux = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
    return !linux || TRACES.stream().anyMatch(trace -> Files.exists(Path.of(trace)));
  }
}
