package dev.peregrine.tensor;

import dev.peregrine.tensor.device.Allocator;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs each operation at once, on the device of its inputs. */
public final class Eager implements Interpreter {
  private final @Nullable Allocator results;

  /** Makes the interpreter whose results are ordinary garbage-collected memory. */
  public Eager() {
    this.results = null;
  }

  /**
   * Makes an interpreter whose results live as long as an allocator says.
   *
   * @param results where outputs are allocated; of the device that the inputs are on
   */
  public Eager(Allocator results) {
    this.results = results;
  }

  @Override
  public List<Tensor> apply(Op op, List<Tensor> inputs) {
    List<Spec> specs = inputs.stream().map(Tensor::spec).toList();
    Signature signature = Signature.of(op, specs);
    Device device = inputs.isEmpty() ? Ops.device() : inputs.get(0).device();
    Buffer[] in = new Buffer[inputs.size()];
    for (int i = 0; i < in.length; i++) {
      Tensor input = inputs.get(i);
      if (input.device() != device) {
        throw new DeviceException(
            op
                + ": input 0 is on "
                + device.name()
                + " but input "
                + i
                + " is on "
                + input.device().name()
                + "; move one with tensor.to(device)");
      }
      in[i] = input.buffer();
    }
    if (in.length == 1) {
      Buffer view = device.view(op, in[0], signature.output());
      if (view != null) {
        return List.of(new Tensor(signature.output(), device, view));
      }
    }
    Allocator allocator = results == null ? device : results;
    Buffer[] out = new Buffer[signature.outputs().size()];
    List<Tensor> outputs = new ArrayList<>(out.length);
    for (int i = 0; i < out.length; i++) {
      Spec spec = signature.outputs().get(i);
      out[i] = taken(op, () -> allocator.allocate(spec));
      outputs.add(new Tensor(spec, device, out[i]));
    }
    run(op, device, device.kernel(op, signature), in, out);
    return List.copyOf(outputs);
  }

  private static void run(Op op, Device device, Kernel kernel, Buffer[] in, Buffer[] out) {
    if (kernel.workspace() == 0) {
      kernel.run(in, out, null);
      return;
    }
    Buffer scratch = taken(op, () -> device.pool().takeScratch(kernel.workspace()));
    try {
      kernel.run(in, out, scratch);
    } finally {
      device.pool().giveBackScratch(scratch);
    }
  }

  /** Takes memory for an operation, whose name belongs into the error if there is none. */
  private static Buffer taken(Op op, Supplier<Buffer> memory) {
    try {
      return memory.get();
    } catch (DeviceException failure) {
      throw new DeviceException(op + ": " + failure.getMessage(), failure);
    }
  }
}
