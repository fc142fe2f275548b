package dev.peregrine.opencl.runtime;

import org.jocl.CL;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;

/**
 * Makes contexts and gives them back, one at a time in the whole process.
 *
 * <p>Drivers allow both from any thread, but JOCL notes the callback of each context in one native
 * map that nothing guards. Sessions are closed by cleaners, at any moment and in several threads:
 * two at once break the map, and the process dies in native code.
 */
final class Contexts {
  private Contexts() {}

  static synchronized cl_context create(cl_context_properties properties, cl_device_id device) {
    int[] status = new int[1];
    cl_context context =
        CL.clCreateContext(properties, 1, new cl_device_id[] {device}, null, null, status);
    NativeCalls.check(status[0]);
    return context;
  }

  static synchronized void release(cl_context context) {
    CL.clReleaseContext(context);
  }
}
