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
 * @param body the function
 */
record HostKernel(String algorithm, int workspace, Body body) implements Kernel {
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

  private static final float[] NOTHING = {};

  /** Makes a kernel without scratch memory. */
  static HostKernel of(String algorithm, Body body) {
    return new HostKernel(algorithm, 0, body);
  }

  @Override
  public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer scratch) {
    HostBuffer[] in = Arrays.copyOf(inputs, inputs.length, HostBuffer[].class);
    HostBuffer[] out = Arrays.copyOf(outputs, outputs.length, HostBuffer[].class);
    if (workspace > 0 && scratch instanceof HostBuffer host) {
      body.run(in, out, host.floats(), host.offset());
    } else {
      body.run(in, out, NOTHING, 0);
    }
  }
}
