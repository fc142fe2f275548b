package dev.peregrine.tensor.device;

import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import org.jspecify.annotations.Nullable;

/**
 * A device without memory: a program runs on it as on the device that it stands for, computes
 * nothing, and leaves in the {@link #pool} how many bytes its steps would have taken there.
 *
 * <p>Numbers that are read from it are zeros. What a program allocates aside of the pool, such as
 * weights, is not counted.
 */
public final class DryDevice extends AbstractDevice {
  private final Device real;

  /**
   * Makes a device that stands for another.
   *
   * @param real whose kernels say how much scratch memory they need
   */
  public DryDevice(Device real) {
    this.real = real;
  }

  /** A buffer that knows what it would hold and where in its owner. */
  private static final class DryBuffer implements Buffer {
    private final Spec spec;
    private final @Nullable DryBuffer whole;
    private final int start;
    private final int stride;
    private boolean released;

    DryBuffer(Spec spec, @Nullable DryBuffer whole, int start, int stride) {
      this.spec = spec;
      this.whole = whole;
      this.start = start;
      this.stride = stride;
    }

    DryBuffer(Spec spec) {
      this(spec, null, 0, spec.shape().channels());
    }

    @Override
    public Spec spec() {
      return spec;
    }

    @Override
    public DryBuffer channels(int first, int size) {
      int rank = spec.shape().rank();
      Spec part = spec.withShape(spec.shape().with(rank - 1, size));
      return new DryBuffer(part, owner(), start + first, stride);
    }

    @Override
    public DryBuffer owner() {
      return whole == null ? this : whole;
    }

    @Override
    public boolean overlaps(Buffer other) {
      DryBuffer that = (DryBuffer) other;
      if (that.owner() != owner()) {
        return false;
      }
      return stride != that.stride
          || start < that.start + that.spec.shape().channels()
              && that.start < start + spec.shape().channels();
    }

    @Override
    public boolean isDense() {
      return stride == spec.shape().channels() || spec.shape().rows() <= 1;
    }

    @Override
    public boolean isReleased() {
      return owner().released;
    }
  }

  /** What stands for a kernel. */
  private record Nothing(int workspace, String algorithm) implements Kernel {
    @Override
    public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer scratch) {}
  }

  @Override
  public String name() {
    return "dry";
  }

  @Override
  public String description() {
    return "counts memory for " + real.description();
  }

  @Override
  public DType storage() {
    return real.storage();
  }

  @Override
  public Kernel prepare(Op op, Signature signature) {
    Kernel kernel = real.prepare(op, signature);
    return new Nothing(kernel.workspace(), kernel.algorithm());
  }

  @Override
  public Buffer allocate(Spec spec) {
    return new DryBuffer(spec);
  }

  @Override
  public Slab slab(DType dtype, long elements) {
    return (offset, spec) -> new DryBuffer(spec);
  }

  @Override
  public @Nullable Buffer view(Op op, Buffer input, Spec output) {
    DryBuffer dry = (DryBuffer) input;
    if (op instanceof Reshape && dry.isDense()) {
      return new DryBuffer(output, dry.owner(), 0, output.shape().channels());
    }
    if (op instanceof Slice slice && slice.isChannelSlice(dry.spec().shape())) {
      return dry.channels(slice.starts().getLast(), output.shape().channels());
    }
    return null;
  }

  @Override
  public void write(Object from, Buffer to) {}

  @Override
  public void read(Buffer from, Object to) {}

  @Override
  protected Buffer recycle(Buffer released, Spec spec) {
    return new DryBuffer(spec);
  }

  @Override
  protected void release(Buffer buffer) {
    ((DryBuffer) buffer).released = true;
  }
}
