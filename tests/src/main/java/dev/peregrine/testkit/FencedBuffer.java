package dev.peregrine.testkit;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Slab;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.BitSet;
import java.util.List;

/**
 * A buffer inside a larger block of fence values, which shows any write beside it.
 *
 * <p>The block is fence values before, after and, where the buffer is a channel slice, between the
 * rows.
 */
public final class FencedBuffer {
  /** Elements before and after; a multiple of every vector width, so that dense means aligned. */
  private static final int MARGIN = 64;

  /** How the buffer lies in its block. */
  public enum Layout {
    /** Rows follow each other. */
    DENSE(0, 0),
    /** A channel slice that begins at a place no vector is aligned to. */
    ODD_SLICE(3, 5),
    /** A channel slice as a plan makes it: the second half of a concatenation. */
    ALIGNED_SLICE(16, 0);

    private final int before;
    private final int after;

    Layout(int before, int after) {
      this.before = before;
      this.after = after;
    }
  }

  private final Device device;
  private final Buffer whole;
  private final Buffer buffer;
  private final BitSet inside = new BitSet();
  private Object snapshot;

  /**
   * Allocates the block, all of it fence values.
   *
   * @param device whose memory
   * @param spec what the buffer holds
   * @param layout how it lies; scalars are always dense
   */
  public FencedBuffer(Device device, Spec spec, Layout layout) {
    this.device = device;
    Shape shape = spec.shape();
    boolean scalar = shape.rank() == 0;
    int before = scalar ? 0 : layout.before;
    int stride = before + shape.channels() + (scalar ? 0 : layout.after);
    int size = MARGIN + shape.rows() * stride + MARGIN;
    Slab slab = device.slab(spec.dtype(), size);
    whole = slab.at(0, spec.withShape(Shape.of(size)));
    Spec wide = scalar ? spec : spec.withShape(shape.with(-1, stride));
    Buffer rows = slab.at(MARGIN, wide);
    buffer = stride == shape.channels() ? rows : rows.channels(before, shape.channels());
    for (int row = 0; row < shape.rows(); row++) {
      int start = MARGIN + row * stride + before;
      inside.set(start, start + shape.channels());
    }
    snapshot = HostArrays.fence(spec.dtype(), size);
    device.write(snapshot, whole);
  }

  /**
   * Makes a fenced buffer that holds numbers.
   *
   * @param device whose memory
   * @param spec what the buffer holds
   * @param layout how it lies
   * @param numbers the numbers, dense
   * @return the buffer
   */
  public static FencedBuffer holding(Device device, Spec spec, Layout layout, Object numbers) {
    FencedBuffer fenced = new FencedBuffer(device, spec, layout);
    device.write(numbers, fenced.buffer);
    fenced.snapshot = HostArrays.read(device, fenced.whole);
    return fenced;
  }

  /**
   * Returns the buffers themselves.
   *
   * @param fenced fenced buffers
   * @return what kernels take
   */
  public static Buffer[] buffers(List<FencedBuffer> fenced) {
    return fenced.stream().map(each -> each.buffer).toArray(Buffer[]::new);
  }

  /**
   * Returns the buffer.
   *
   * @return what kernels take
   */
  public Buffer buffer() {
    return buffer;
  }

  /**
   * Reads the numbers of the buffer.
   *
   * @return the numbers, dense
   */
  public Object numbers() {
    return HostArrays.read(device, buffer);
  }

  /**
   * Tells whether nothing of the block changed, for inputs.
   *
   * @return true if every bit is as it was
   */
  public boolean isUnchanged() {
    return HostArrays.firstDifference(HostArrays.read(device, whole), snapshot) < 0;
  }

  /**
   * Tells whether everything beside the buffer is as it was, for outputs.
   *
   * @return true if every fence value stands
   */
  public boolean isFenceIntact() {
    Object now = HostArrays.read(device, whole);
    for (int start = inside.nextSetBit(0); start >= 0; ) {
      int end = inside.nextClearBit(start);
      System.arraycopy(snapshot, start, now, start, end - start);
      start = inside.nextSetBit(end);
    }
    return HostArrays.firstDifference(now, snapshot) < 0;
  }
}
