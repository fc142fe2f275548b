package dev.peregrine.opencl;

import dev.peregrine.tensor.device.AbstractDevice;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.device.Slab;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import org.jspecify.annotations.Nullable;

/** The reference device, with one wrong number at the end of each result. */
final class WrongProducts extends AbstractDevice {
  private final Device right = Devices.reference();

  @Override
  public String name() {
    return "wrong";
  }

  @Override
  public String description() {
    return name();
  }

  @Override
  public Kernel prepare(Op op, Signature signature) {
    return right.prepare(op, signature);
  }

  @Override
  public Buffer allocate(Spec spec) {
    return right.allocate(spec);
  }

  @Override
  public Slab slab(DType dtype, long elements) {
    return right.slab(dtype, elements);
  }

  @Override
  public @Nullable Buffer view(Op op, Buffer input, Spec output) {
    return right.view(op, input, output);
  }

  @Override
  public void write(Object from, Buffer to) {
    right.write(from, to);
  }

  @Override
  public void read(Buffer from, Object to) {
    right.read(from, to);
    float[] numbers = (float[]) to;
    numbers[numbers.length - 1]++;
  }

  @Override
  protected Buffer recycle(Buffer released, Spec spec) {
    return right.allocate(spec);
  }

  @Override
  protected void release(Buffer buffer) {
    // nothing to give back
  }
}
