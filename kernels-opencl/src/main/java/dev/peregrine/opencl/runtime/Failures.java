package dev.peregrine.opencl.runtime;

import static org.jocl.CL.CL_DEVICE_NOT_AVAILABLE;
import static org.jocl.CL.CL_INVALID_BUFFER_SIZE;
import static org.jocl.CL.CL_INVALID_COMMAND_QUEUE;
import static org.jocl.CL.CL_INVALID_CONTEXT;
import static org.jocl.CL.CL_MEM_OBJECT_ALLOCATION_FAILURE;
import static org.jocl.CL.CL_OUT_OF_HOST_MEMORY;
import static org.jocl.CL.CL_OUT_OF_RESOURCES;

import dev.peregrine.tensor.device.DeviceException;
import org.jocl.CL;
import org.jocl.CLException;

/** Turns a driver's status into one sentence: what was asked, what came back, what to do. */
final class Failures {
  private Failures() {}

  /**
   * Words a failure.
   *
   * @param where the device and what it was asked to do
   * @param failure what the driver answered
   */
  static DeviceException of(String where, CLException failure) {
    return new DeviceException(
        where
            + " failed with "
            + CL.stringFor_errorCode(failure.getStatus())
            + ": "
            + remedy(failure.getStatus()),
        failure);
  }

  /** Tells whether the driver says that memory ran out. */
  static boolean isExhaustion(CLException failure) {
    int status = failure.getStatus();
    return status == CL_MEM_OBJECT_ALLOCATION_FAILURE
        || status == CL_OUT_OF_RESOURCES
        || status == CL_OUT_OF_HOST_MEMORY;
  }

  private static String remedy(int status) {
    return switch (status) {
      case CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_HOST_MEMORY ->
          "its memory is exhausted; use a smaller batch or picture";
      case CL_INVALID_BUFFER_SIZE ->
          "that is more than the device gives in one piece; use a smaller batch or picture";
      case CL_OUT_OF_RESOURCES ->
          "its memory is exhausted or a kernel crashed; use a smaller batch or picture, and if it"
              + " happens again device=cpu";
      case CL_DEVICE_NOT_AVAILABLE, CL_INVALID_COMMAND_QUEUE, CL_INVALID_CONTEXT ->
          "the device was lost; start again, or use device=cpu";
      default -> "start again, or use device=cpu";
    };
  }
}
