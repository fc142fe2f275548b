package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Kernel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A kernel whose work is one function over host buffers.
 *
 * @param algorithm what it is, for people
 * @param workspace floats of scratch memory that it needs
 * @param binder makes the function for given buffers
 */
record HostKernel(String algorithm, int workspace, Binder binder) implements Kernel {
  /** What a kernel does. */
  @FunctionalInterface
  interface Body {
    /**
     * Computes.
     *
     * @param in the inputs
     * @param out the outputs
     * @param scratch the array of the scratch memory, of no use when none was asked for
     * @param at where the scratch memory begins in it
     */
    void run(HostBuffer[] in, HostBuffer[] out, float[] scratch, int at);
  }

  /** Makes a run ready that allocates nothing when it is repeated. */
  @FunctionalInterface
  interface Binder {
    /**
     * Binds to buffers.
     *
     * @param in the inputs
     * @param out the outputs
     * @param scratch the array of the scratch memory, of no use when none was asked for
     * @param at where the scratch memory begins in it
     * @return computes
     */
    Runnable bind(HostBuffer[] in, HostBuffer[] out, float[] scratch, int at);
  }

  private static final float[] NOTHING = {};

  /** Makes a kernel that computes everything anew in each run. */
  static HostKernel of(String algorithm, int workspace, Body body) {
    return new HostKernel(
        algorithm, workspace, (in, out, scratch, at) -> () -> body.run(in, out, scratch, at));
  }

  /** Makes a kernel without scratch memory. */
  static HostKernel of(String algorithm, Body body) {
    return of(algorithm, 0, body);
  }

  /** Makes a kernel whose runs allocate nothing. */
  static HostKernel bound(String algorithm, int workspace, Binder binder) {
    return new HostKernel(algorithm, workspace, binder);
  }

  /** Makes a kernel without scratch memory whose runs allocate nothing. */
  static HostKernel bound(String algorithm, Binder binder) {
    return new HostKernel(algorithm, 0, binder);
  }

  @Override
  public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer scratch) {
    bind(inputs, outputs, scratch).run();
  }

  @Override
  public Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer scratch) {
    HostBuffer[] in = Arrays.copyOf(inputs, inputs.length, HostBuffer[].class);
    HostBuffer[] out = Arrays.copyOf(outputs, outputs.length, HostBuffer[].class);
    if (workspace > 0 && scratch instanceof HostBuffer host) {
      return binder.bind(in, out, host.floats(), host.offset());
    }
    return binder.bind(in, out, NOTHING, 0);
  }
}
