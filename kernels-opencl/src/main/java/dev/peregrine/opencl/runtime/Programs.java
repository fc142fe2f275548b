package dev.peregrine.opencl.runtime;

import static org.jocl.CL.CL_BUILD_PROGRAM_FAILURE;
import static org.jocl.CL.CL_PROGRAM_BUILD_LOG;
import static org.jocl.CL.CL_SUCCESS;

import dev.peregrine.tensor.device.DeviceException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

/**
 * Compiled programs of one device, each compiled once; the driver remembers them on disk as well.
 *
 * <p>Contraction of products and sums is off in all programs: where a kernel wants the fused
 * operation it says so.
 */
final class Programs {
  private static final String OPTIONS = "-cl-std=CL1.2";
  private static final int LINES_OF_LOG = 6;

  /**
   * What PoCL says when its compiler lost a temporary file. LLVM removes its files at a
   * segmentation fault; Java's threads raise such faults on purpose and outlive them, and unless
   * {@code libjsig.so} is preloaded, LLVM hears of them while it compiles.
   */
  private static final String LOST_FILE = "unable to rename temporary";

  private static final int ATTEMPTS = 5;

  private final cl_context context;
  private final cl_device_id device;
  private final String name;
  private final ConcurrentHashMap<String, cl_program> built = new ConcurrentHashMap<>();

  Programs(cl_context context, cl_device_id device, String name) {
    this.context = context;
    this.device = device;
    this.name = name;
  }

  /** Returns how many programs were compiled. */
  int count() {
    return built.size();
  }

  /** Gives the programs back; kernels that were taken out of them stay whole. */
  void close() {
    built.values().forEach(CL::clReleaseProgram);
  }

  /**
   * Makes a kernel object of its own, whose arguments are nobody else's.
   *
   * @param source the program
   */
  cl_kernel kernel(Source source) {
    cl_program program = built.computeIfAbsent(source.text(), _ -> build(source));
    int[] status = new int[1];
    cl_kernel kernel = CL.clCreateKernel(program, source.entry(), status);
    if (status[0] != CL_SUCCESS) {
      throw Failures.of(
          name + ": taking kernel " + source.entry() + " out of " + source.name(),
          new CLException(CL.stringFor_errorCode(status[0]), status[0]));
    }
    return kernel;
  }

  private cl_program build(Source source) {
    for (int attempt = 1; ; attempt++) {
      int[] status = new int[1];
      cl_program program =
          CL.clCreateProgramWithSource(context, 1, new String[] {source.text()}, null, status);
      if (status[0] == CL_SUCCESS) {
        status[0] = CL.clBuildProgram(program, 1, new cl_device_id[] {device}, OPTIONS, null, null);
      }
      if (status[0] == CL_SUCCESS) {
        return program;
      }
      if (status[0] != CL_BUILD_PROGRAM_FAILURE) {
        throw Failures.of(
            name + ": compiling " + source.name(),
            new CLException(CL.stringFor_errorCode(status[0]), status[0]));
      }
      String errors = firstErrors(program);
      if (attempt == ATTEMPTS || !errors.contains(LOST_FILE)) {
        throw new DeviceException(
            name + ": the driver cannot compile " + source.name() + ": " + errors);
      }
    }
  }

  /** The first complaints of the compiler, in one line. */
  private String firstErrors(cl_program program) {
    long[] size = new long[1];
    CL.clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, null, size);
    byte[] log = new byte[Math.toIntExact(size[0])];
    CL.clGetProgramBuildInfo(
        program, device, CL_PROGRAM_BUILD_LOG, log.length, Pointer.to(log), null);
    String text = new String(log, StandardCharsets.UTF_8).replace("\0", "");
    return String.join(
        " | ",
        text.lines()
            .map(String::strip)
            .filter(line -> line.contains("error"))
            .limit(LINES_OF_LOG)
            .toList());
  }
}
