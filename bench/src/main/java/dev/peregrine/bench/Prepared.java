package dev.peregrine.bench;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.shape.Spec;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A computation of a layer, ready to run again and again on the same numbers.
 *
 * @param kernel the kernel
 * @param bound one run of it, bound to its buffers
 * @param outputs its outputs
 * @param flops floating-point operations of a run, counted as the direct algorithm needs them
 * @param bytes all inputs and outputs, each once
 */
record Prepared(Kernel kernel, Runnable bound, Buffer[] outputs, long flops, long bytes)
    implements Runnable {

  /**
   * Prepares a computation.
   *
   * @param kind which computation
   * @param layer of which layer
   * @param batch for how many pictures
   * @param device where
   * @return the computation
   */
  static Prepared of(Kind kind, Layer layer, int batch, Device device) {
    Kind.Task task = kind.task(layer, batch);
    Signature signature = Signature.of(task.op(), task.inputs());
    Kernel kernel = device.prepare(task.op(), signature);
    Buffer[] inputs = new Buffer[task.inputs().size()];
    long bytes = 0;
    for (int i = 0; i < inputs.length; i++) {
      Spec spec = task.inputs().get(i);
      inputs[i] = device.allocate(spec);
      device.write(numbers(spec, i), inputs[i]);
      bytes += spec.bytes();
    }
    if (task.packed()) {
      @Nullable Buffer[] constants = new Buffer[inputs.length];
      constants[1] = inputs[1];
      kernel = kernel.withConstants(constants);
    }
    Buffer[] outputs = signature.outputs().stream().map(device::allocate).toArray(Buffer[]::new);
    for (Spec spec : signature.outputs()) {
      bytes += spec.bytes();
    }
    Buffer workspace = device.allocate(Spec.f32(Math.max(1, kernel.workspace())));
    long flops = task.op().flops(signature.inputs(), signature.outputs());
    return new Prepared(kernel, kernel.bind(inputs, outputs, workspace), outputs, flops, bytes);
  }

  /** Numbers in -1 to 1; vectors, a variance may be one, in 0.5 to 1. */
  private static float[] numbers(Spec spec, int seed) {
    boolean positive = spec.shape().rank() == 1;
    float[] numbers = new float[spec.shape().size()];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < numbers.length; i++) {
      float drawn = random.nextInt() * 0x1p-31f;
      numbers[i] = positive ? 0.75f + 0.25f * drawn : drawn;
    }
    return numbers;
  }

  @Override
  public void run() {
    bound.run();
  }
}
