package dev.peregrine.opencl.runtime;

import static dev.peregrine.opencl.runtime.NativeCalls.check;
import static org.jocl.CL.CL_DEVICE_GLOBAL_MEM_SIZE;
import static org.jocl.CL.CL_DEVICE_MAX_COMPUTE_UNITS;
import static org.jocl.CL.CL_DEVICE_NAME;
import static org.jocl.CL.CL_DEVICE_NOT_FOUND;
import static org.jocl.CL.CL_DEVICE_TYPE;
import static org.jocl.CL.CL_DEVICE_TYPE_ACCELERATOR;
import static org.jocl.CL.CL_DEVICE_TYPE_ALL;
import static org.jocl.CL.CL_DEVICE_TYPE_CPU;
import static org.jocl.CL.CL_DEVICE_TYPE_GPU;
import static org.jocl.CL.CL_DEVICE_VERSION;
import static org.jocl.CL.CL_PLATFORM_NAME;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** Asks the OpenCL installation of this machine for its devices. */
public final class OpenClDevices {
  /** What the loader answers when no driver is installed; OpenCL's headers for Java lack it. */
  private static final int CL_PLATFORM_NOT_FOUND_KHR = -1001;

  private OpenClDevices() {}

  /**
   * Lists the OpenCL devices of this machine, in the order in which OpenCL names them.
   *
   * <p>A machine without OpenCL is no error: the answer says what is missing.
   *
   * <p><b>Cost</b> the first call loads the native library, some tens of milliseconds.
   *
   * @return the devices, or why there are none
   */
  public static OpenClListing list() {
    return list(new NativeDriver());
  }

  /** Lists the devices of any driver, so that tests can hand in one that fails. */
  static OpenClListing list(Driver driver) {
    try {
      List<DeviceDescription> devices = driver.devices();
      return devices.isEmpty()
          ? new OpenClListing.None("OpenCL is installed, but its drivers offer no device.")
          : new OpenClListing.Found(devices);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      return new OpenClListing.None(
          "OpenCL's library (libOpenCL) is not installed; on Debian: apt-get install"
              + " ocl-icd-libopencl1 and the graphics card's driver, or pocl-opencl-icd for the"
              + " CPU.");
    } catch (CLException e) {
      if (e.getStatus() == CL_PLATFORM_NOT_FOUND_KHR) {
        return new OpenClListing.None(
            "OpenCL's library is installed, but no driver (platform) is; install the graphics"
                + " card's driver, or on Debian pocl-opencl-icd for the CPU.");
      }
      return new OpenClListing.None("OpenCL failed to list its devices: " + e.getMessage() + ".");
    }
  }

  /** Where devices come from. */
  @FunctionalInterface
  interface Driver {
    List<DeviceDescription> devices();
  }

  /**
   * A device as the driver knows it.
   *
   * @param platform the driver
   * @param device the device
   * @param description the same for people
   */
  record Handle(cl_platform_id platform, cl_device_id device, DeviceDescription description) {}

  /** Lists the handles of the devices, in the order of {@link #list()}. */
  static List<Handle> handles() {
    return NativeDriver.handles();
  }

  /** Reads an integer property; OpenCL fills four or eight bytes of the zeroed eight. */
  static long number(cl_device_id device, int property) {
    long[] value = new long[1];
    check(CL.clGetDeviceInfo(device, property, Sizeof.cl_long, Pointer.to(value), null));
    return value[0];
  }

  static String text(cl_device_id device, int property) {
    long[] size = new long[1];
    check(CL.clGetDeviceInfo(device, property, 0, null, size));
    byte[] bytes = new byte[Math.toIntExact(size[0])];
    check(CL.clGetDeviceInfo(device, property, bytes.length, Pointer.to(bytes), null));
    return withoutTerminator(bytes);
  }

  private static String withoutTerminator(byte[] bytes) {
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8).strip();
  }

  private static final class NativeDriver implements Driver {
    @Override
    public List<DeviceDescription> devices() {
      return handles().stream().map(Handle::description).toList();
    }

    static List<Handle> handles() {
      int[] count = new int[1];
      check(CL.clGetPlatformIDs(0, null, count));
      cl_platform_id[] platforms = new cl_platform_id[count[0]];
      check(CL.clGetPlatformIDs(platforms.length, platforms, null));
      List<Handle> found = new ArrayList<>();
      for (cl_platform_id platform : platforms) {
        String name = platformName(platform);
        for (cl_device_id device : devicesOf(platform)) {
          found.add(new Handle(platform, device, describe(name, device)));
        }
      }
      return List.copyOf(found);
    }

    private static cl_device_id[] devicesOf(cl_platform_id platform) {
      int[] count = new int[1];
      int status = CL.clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, null, count);
      if (status == CL_DEVICE_NOT_FOUND) {
        return new cl_device_id[0];
      }
      check(status);
      cl_device_id[] devices = new cl_device_id[count[0]];
      check(CL.clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, devices.length, devices, null));
      return devices;
    }

    private static DeviceDescription describe(String platform, cl_device_id device) {
      return new DeviceDescription(
          platform,
          text(device, CL_DEVICE_NAME),
          type(number(device, CL_DEVICE_TYPE)),
          number(device, CL_DEVICE_GLOBAL_MEM_SIZE),
          Math.toIntExact(number(device, CL_DEVICE_MAX_COMPUTE_UNITS)),
          text(device, CL_DEVICE_VERSION));
    }

    private static DeviceDescription.Type type(long bits) {
      if ((bits & CL_DEVICE_TYPE_GPU) != 0) {
        return DeviceDescription.Type.GPU;
      }
      if ((bits & CL_DEVICE_TYPE_ACCELERATOR) != 0) {
        return DeviceDescription.Type.ACCELERATOR;
      }
      return (bits & CL_DEVICE_TYPE_CPU) != 0
          ? DeviceDescription.Type.CPU
          : DeviceDescription.Type.OTHER;
    }

    private static String platformName(cl_platform_id platform) {
      long[] size = new long[1];
      check(CL.clGetPlatformInfo(platform, CL_PLATFORM_NAME, 0, null, size));
      byte[] bytes = new byte[Math.toIntExact(size[0])];
      check(
          CL.clGetPlatformInfo(platform, CL_PLATFORM_NAME, bytes.length, Pointer.to(bytes), null));
      return withoutTerminator(bytes);
    }
  }
}
