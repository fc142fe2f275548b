package dev.peregrine.opencl;

import dev.peregrine.opencl.kernel.Tiling;
import java.util.ArrayList;
import java.util.List;

/**
 * A device and the driver in which its failures are made.
 *
 * @param device the device
 * @param calls what it asks the driver
 */
public record FailingDevice(OpenClDevice device, FailingCalls calls) {
  /** Opens the first OpenCL device, sound for now. */
  public static FailingDevice open() {
    List<FailingCalls> made = new ArrayList<>();
    OpenClDevice device =
        OpenClDevice.open(
            "opencl",
            0,
            Tiling.PROCESSOR,
            driver -> {
              FailingCalls calls = new FailingCalls(driver);
              made.add(calls);
              return calls;
            });
    return new FailingDevice(device, made.getFirst());
  }
}
