package dev.peregrine.opencl.runtime;

import static dev.peregrine.opencl.runtime.NativeCalls.check;
import static org.jocl.CL.CL_CONTEXT_PLATFORM;
import static org.jocl.CL.CL_DEVICE_EXTENSIONS;
import static org.jocl.CL.CL_DEVICE_LOCAL_MEM_SIZE;
import static org.jocl.CL.CL_DEVICE_MAX_WORK_GROUP_SIZE;
import static org.jocl.CL.CL_DRIVER_VERSION;

import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;

/**
 * One device in use: a context, a queue that works in order, memory and compiled programs.
 *
 * <p>The queue makes everything simple that buffers are used again for: whatever was asked for
 * first is done first, from whichever thread it was asked for. A second queue only brings numbers
 * to places of their own, see {@link Staging}.
 */
public final class Session {
  private final String name;
  private final Facts facts;
  private final DriverCalls calls;
  private final Programs programs;
  private final DeviceMemory memory;
  private final Staging staging;
  private final Cleaner cleaner = Cleaner.create();

  private Session(
      String name,
      Facts facts,
      cl_context context,
      cl_device_id device,
      NativeCalls driver,
      UnaryOperator<DriverCalls> wrapping) {
    this.name = name;
    this.facts = facts;
    this.calls = wrapping.apply(driver);
    this.programs = new Programs(context, device, name);
    long capacity = facts.description().globalMemory();
    this.memory = new DeviceMemory(calls, cleaner, name, capacity);
    this.staging = new Staging(calls, memory, capacity);
    Programs compiled = programs;
    cleaner.register(
        this,
        () -> {
          driver.close();
          // A context stays in memory as long as one of its programs does.
          compiled.close();
          Contexts.release(context);
        });
  }

  /**
   * Opens a device.
   *
   * <p><b>Errors</b> {@link DeviceException} in one sentence if there is none.
   *
   * @param name what it is called in errors
   * @param index its position in {@link OpenClDevices#list()}
   * @param wrapping puts something between the session and the driver, for tests; else the identity
   * @return the session
   */
  public static Session open(String name, int index, UnaryOperator<DriverCalls> wrapping) {
    OpenClListing listing = OpenClDevices.list();
    if (listing instanceof OpenClListing.None(String reason)) {
      throw new DeviceException("device: '" + name + "' does not exist: " + reason);
    }
    List<OpenClDevices.Handle> handles = OpenClDevices.handles();
    if (index >= handles.size()) {
      throw new DeviceException(
          "device: '"
              + name
              + "' does not exist; "
              + (handles.size() == 1
                  ? "the OpenCL device of this machine is opencl:0"
                  : "the OpenCL devices of this machine are opencl:0 to opencl:"
                      + (handles.size() - 1)));
    }
    try {
      return open(name, handles.get(index), wrapping);
    } catch (CLException failure) {
      throw Failures.of(name + ": opening the device", failure);
    }
  }

  // OpenCL 1.2's way to make a queue: drivers of every version know it.
  @SuppressWarnings("deprecation")
  private static Session open(
      String name, OpenClDevices.Handle handle, UnaryOperator<DriverCalls> wrapping) {
    cl_device_id device = handle.device();
    cl_context_properties properties = new cl_context_properties();
    properties.addProperty(CL_CONTEXT_PLATFORM, handle.platform());
    int[] status = new int[1];
    cl_context context = Contexts.create(properties, device);
    cl_command_queue queue = CL.clCreateCommandQueue(context, device, 0, status);
    check(status[0]);
    cl_command_queue uploads = CL.clCreateCommandQueue(context, device, 0, status);
    check(status[0]);
    Facts facts =
        new Facts(
            handle.description(),
            OpenClDevices.text(device, CL_DEVICE_EXTENSIONS).contains("cl_khr_fp64"),
            Math.toIntExact(OpenClDevices.number(device, CL_DEVICE_MAX_WORK_GROUP_SIZE)),
            OpenClDevices.number(device, CL_DEVICE_LOCAL_MEM_SIZE),
            OpenClDevices.text(device, CL_DRIVER_VERSION));
    NativeCalls driver = new NativeCalls(context, queue, uploads);
    return new Session(name, facts, context, device, driver, wrapping);
  }

  /**
   * Returns what the device is called in errors.
   *
   * @return its name
   */
  public String name() {
    return name;
  }

  /**
   * Returns what the device can do.
   *
   * @return its abilities
   */
  public Facts facts() {
    return facts;
  }

  /**
   * Returns how much device memory is in use.
   *
   * @return bytes
   */
  public long liveBytes() {
    return memory.liveBytes();
  }

  /**
   * Returns how many programs were compiled.
   *
   * @return the number
   */
  public int compiledPrograms() {
    return programs.count();
  }

  DriverCalls calls() {
    return calls;
  }

  /**
   * Allocates a dense buffer whose content is undefined.
   *
   * <p><b>Errors</b> {@link DeviceException} if the device has not so much memory.
   *
   * @param spec what it will hold
   * @return the buffer
   */
  public OpenClBuffer allocate(Spec spec) {
    return OpenClBuffer.dense(memory.allocate(spec.bytes(), "a value of " + spec), 0, spec);
  }

  /**
   * Allocates a block to carve buffers from.
   *
   * <p><b>Errors</b> {@link DeviceException} if the device has not so much memory, or if there are
   * more elements than an {@code int} counts.
   *
   * @param dtype the type of its elements
   * @param elements how many
   * @return makes the buffer that begins at an element
   */
  public Carver carver(DType dtype, long elements) {
    if (elements > Integer.MAX_VALUE) {
      throw new DeviceException(
          name
              + ": an arena of "
              + elements
              + " "
              + dtype
              + " has more than the 2^31 - 1 elements that kernels can count; use a smaller batch"
              + " or picture");
    }
    Block block =
        memory.allocate(elements * dtype.bytes(), "an arena of " + elements + " " + dtype);
    return (offset, spec) -> OpenClBuffer.dense(block, offset, spec);
  }

  /** Makes buffers inside one block. */
  @FunctionalInterface
  public interface Carver {
    /**
     * Carves.
     *
     * @param offset the first element
     * @param spec what it holds
     * @return the buffer
     */
    OpenClBuffer at(int offset, Spec spec);
  }

  /**
   * Makes a launch of a kernel, its arguments still to be set.
   *
   * @param what for whom, for errors: the operation
   * @param source the program, compiled if nobody asked for it before
   * @param global work items along each axis
   * @param local work items of a group along each axis
   * @return the launch
   */
  public Launch launch(String what, Source source, long[] global, long[] local) {
    cl_kernel kernel = programs.kernel(source);
    Launch launch = new Launch(this, what, kernel, global, local);
    cleaner.register(launch, () -> CL.clReleaseKernel(kernel));
    return launch;
  }

  /**
   * Asks for a copy from the host into a dense buffer, which is there for whatever is asked for
   * afterwards.
   *
   * @param from a Java array of at least as many elements, which may be changed again at once
   * @param to the buffer
   */
  public void write(Object from, OpenClBuffer to) {
    long start = (long) to.offset() * to.spec().dtype().bytes();
    try {
      guarded(
          "writing a value of " + to.spec(),
          () -> staging.write(from, to.block().memory(), start, to.spec().bytes()));
    } finally {
      // Else the collector may give the memory back between taking its handle and the driver's use.
      Reference.reachabilityFence(to);
    }
  }

  /**
   * Copies a dense buffer to the host, after everything that was asked for before.
   *
   * @param from the buffer
   * @param to a Java array of at least as many elements
   */
  public void read(OpenClBuffer from, Object to) {
    long start = (long) from.offset() * from.spec().dtype().bytes();
    try {
      guarded(
          "reading a value of " + from.spec(),
          () -> staging.read(from.block().memory(), start, from.spec().bytes(), to));
    } finally {
      Reference.reachabilityFence(from);
    }
  }

  /** Waits until everything asked for is done. */
  public void finish() {
    guarded("waiting for the device", calls::finish);
  }

  private void guarded(String what, Runnable call) {
    try {
      call.run();
    } catch (CLException failure) {
      throw Failures.of(name + ": " + what, failure);
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
