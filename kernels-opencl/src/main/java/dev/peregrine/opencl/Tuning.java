package dev.peregrine.opencl;

import dev.peregrine.opencl.kernel.TileFile;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;

/**
 * The search for the fastest tiles of matrix products and convolutions, once for each device,
 * driver and shape; every device that is opened later uses what the file holds.
 *
 * <p>Tiles change no bit of a result.
 */
public final class Tuning {
  private Tuning() {}

  /**
   * Searches from now on: each product that is prepared on a device and whose shape is not known
   * yet is timed with some tiles, and the fastest one noted in the file.
   *
   * <p><b>Errors</b> {@link DeviceException} if it is no OpenCL device; later, from what prepares
   * kernels, if the file cannot be written.
   *
   * <p><b>Cost</b> for each shape, about six programs are compiled and each is run about 50 times.
   *
   * @param device an OpenCL device on which nothing was prepared yet
   */
  public static void begin(Device device) {
    if (!(device instanceof OpenClDevice chosen)) {
      throw new DeviceException(
          "device: tiles are tuned on OpenCL devices alone, not on '"
              + device.name()
              + "'; give device=opencl");
    }
    chosen.searchTiles();
  }

  /**
   * Says which tiles were measured on this machine.
   *
   * @return one line: the file and how many shapes, or the command that searches
   */
  public static String report() {
    return TileFile.of(System.getenv()).report();
  }
}
