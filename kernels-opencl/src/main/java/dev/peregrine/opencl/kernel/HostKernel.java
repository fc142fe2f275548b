package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Random;
import dev.peregrine.tensor.shape.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normal random numbers, drawn on the host and copied: they need a logarithm and a cosine whose
 * bits are the same on every machine, or the same seed would make other weights on each device.
 */
final class HostKernel implements Kernel {
  private final Random op;
  private final Transfers transfers;

  HostKernel(Random op, Transfers transfers) {
    this.op = op;
    this.transfers = transfers;
  }

  @Override
  public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    Device reference = Devices.reference();
    Buffer drawn = reference.allocate(op.spec());
    reference.prepare(op, Signature.of(op, List.of())).run(inputs, new Buffer[] {drawn}, null);
    int size = op.spec().shape().size();
    Object numbers = op.spec().dtype() == DType.F64 ? new double[size] : new float[size];
    reference.read(drawn, numbers);
    transfers.write(numbers, (OpenClBuffer) outputs[0]);
  }

  @Override
  public String algorithm() {
    return "host";
  }
}
