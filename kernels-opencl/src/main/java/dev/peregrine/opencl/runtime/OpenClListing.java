package dev.peregrine.opencl.runtime;

import java.util.List;

/** What a search for OpenCL devices found: some devices, or a reason why there are none. */
public sealed interface OpenClListing {
  /**
   * Gives the devices.
   *
   * @return the devices found, none of them where OpenCL is missing
   */
  List<DeviceDescription> devices();

  /**
   * At least one device is there.
   *
   * @param devices the devices, in OpenCL's order: {@code opencl:1} is the second
   */
  record Found(List<DeviceDescription> devices) implements OpenClListing {
    /** Keeps a copy of the list. */
    public Found {
      devices = List.copyOf(devices);
    }
  }

  /**
   * No device is there.
   *
   * @param reason what is missing and how to get it, in one line
   */
  record None(String reason) implements OpenClListing {
    @Override
    public List<DeviceDescription> devices() {
      return List.of();
    }
  }
}
