package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.cpu.HostDevice;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Op;

/**
 * The specification of every operation, in plain loops: {@link ReferenceKernel} is the table, one
 * class for each family the meaning.
 */
final class ReferenceDevice extends HostDevice {
  ReferenceDevice() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "reference: plain loops in double precision, f32 and f64";
  }

  @Override
  public Kernel prepare(Op op, Signature signature) {
    return new ReferenceKernel(op, signature);
  }
}
