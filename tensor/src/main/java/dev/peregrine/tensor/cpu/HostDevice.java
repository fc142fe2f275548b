package dev.peregrine.tensor.cpu;

import dev.peregrine.tensor.device.AbstractDevice;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Slab;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import org.jspecify.annotations.Nullable;

/** What both devices on the host share: memory in Java arrays. */
public abstract class HostDevice extends AbstractDevice {
  /** For subclasses. */
  protected HostDevice() {}

  @Override
  public Buffer allocate(Spec spec) {
    return HostBuffer.allocate(spec);
  }

  @Override
  public Slab slab(DType dtype, long elements) {
    Object array = HostBuffer.newArray(dtype, HostBuffer.ALIGNED_START + elements);
    return (offset, spec) ->
        new HostBuffer(array, HostBuffer.ALIGNED_START + offset, spec.shape().channels(), spec);
  }

  @Override
  protected Buffer recycle(Buffer released, Spec spec) {
    return ((HostBuffer) released).recycle(spec);
  }

  @Override
  protected void release(Buffer buffer) {
    ((HostBuffer) buffer).release();
  }

  @Override
  public @Nullable Buffer view(Op op, Buffer input, Spec output) {
    HostBuffer host = (HostBuffer) input;
    if (op instanceof Reshape && host.isDense()) {
      return host.as(output);
    }
    if (op instanceof Slice slice && slice.isChannelSlice(host.spec().shape())) {
      int channels = output.shape().channels();
      return host.channels(slice.starts().get(slice.starts().size() - 1), channels);
    }
    return null;
  }

  @Override
  public void write(Object from, Buffer to) {
    HostBuffer host = (HostBuffer) to;
    copy(from, 0, host.spec().shape().channels(), host.array(), host.offset(), host.stride(), host);
  }

  @Override
  public void read(Buffer from, Object to) {
    HostBuffer host = (HostBuffer) from;
    copy(host.array(), host.offset(), host.stride(), to, 0, host.spec().shape().channels(), host);
  }

  private static void copy(
      Object from,
      int fromOffset,
      int fromStride,
      Object to,
      int toOffset,
      int toStride,
      HostBuffer host) {
    if (host.isDense()) {
      System.arraycopy(from, fromOffset, to, toOffset, host.spec().shape().size());
      return;
    }
    int rows = host.spec().shape().rows();
    int channels = host.spec().shape().channels();
    for (int row = 0; row < rows; row++) {
      System.arraycopy(
          from, fromOffset + row * fromStride, to, toOffset + row * toStride, channels);
    }
  }
}
