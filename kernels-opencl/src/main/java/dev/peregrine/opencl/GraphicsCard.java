package dev.peregrine.opencl;

import dev.peregrine.opencl.kernel.Precision;
import dev.peregrine.opencl.kernel.TensorCores;
import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.opencl.runtime.OpenClDevices;
import dev.peregrine.opencl.runtime.OpenClListing;
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

  private static final String INSTEAD =
      "; computing on the CPU (device=cpu does so without this line)";

  private GraphicsCard() {}

  /**
   * Opens the first graphics card that OpenCL offers and that multiplies two small matrices right.
   *
   * <p>OpenCL on the CPU does not count: it takes hundreds of megabytes for a compiler, and the
   * CPU's own kernels are faster. On Linux nothing is loaded where the system shows no card.
   *
   * @param complain told in one sentence why a card that is there cannot be used
   * @return the device, empty where there is none
   */
  public static Optional<Device> find(Consumer<String> complain) {
    return mayBeThere()
        ? find(OpenClDevices.list(), i -> OpenClDevice.open("opencl:" + i, i), complain)
        : Optional.empty();
  }

  /** Finds the card in any listing, so that tests can hand in machines that they are not. */
  static Optional<Device> find(
      OpenClListing listing, IntFunction<Device> opening, Consumer<String> complain) {
    if (listing instanceof OpenClListing.None(String reason)) {
      complain.accept(
          "device: no graphics card can be used: " + reason.replaceFirst("\\.$", "") + INSTEAD);
      return Optional.empty();
    }
    List<DeviceDescription> devices = listing.devices();
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).type() == DeviceDescription.Type.GPU) {
        return open(i, devices.get(i), opening, complain);
      }
    }
    complain.accept(
        "device: OpenCL offers "
            + devices.stream().map(DeviceDescription::name).toList()
            + " but no graphics card; if there is one, install its maker's OpenCL driver"
            + INSTEAD);
    return Optional.empty();
  }

  private static Optional<Device> open(
      int index, DeviceDescription card, IntFunction<Device> opening, Consumer<String> complain) {
    try {
      Device device = opening.apply(index);
      if (TensorCores.multipliesExactly(device)) {
        return Optional.of(device);
      }
      complain.accept(
          "device: " + card.name() + " multiplied matrices wrongly in a trial" + INSTEAD);
    } catch (DeviceException failure) {
      complain.accept(failure.getMessage() + INSTEAD);
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
