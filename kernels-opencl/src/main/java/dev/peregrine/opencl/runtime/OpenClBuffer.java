package dev.peregrine.opencl.runtime;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import org.jspecify.annotations.Nullable;

/**
 * A slice of device memory: element c of row r lies at {@code offset + r * stride + c}.
 *
 * <p>Rows are all axes but the innermost. Kernels take memory, offset and stride as three
 * arguments, so a channel slice costs nothing.
 */
public final class OpenClBuffer implements Buffer {
  private final Block block;
  private final int offset;
  private final int stride;
  private final Spec spec;
  private final @Nullable OpenClBuffer whole;
  private volatile boolean released;

  private OpenClBuffer(
      Block block, int offset, int stride, Spec spec, @Nullable OpenClBuffer whole) {
    this.block = block;
    this.offset = offset;
    this.stride = stride;
    this.spec = spec;
    this.whole = whole;
  }

  /** Makes a dense buffer that owns its place in a block. */
  static OpenClBuffer dense(Block block, int offset, Spec spec) {
    return new OpenClBuffer(block, offset, spec.shape().channels(), spec, null);
  }

  /**
   * Reads the same dense memory as another spec.
   *
   * @param other of as many elements
   * @return a view
   */
  public OpenClBuffer as(Spec other) {
    return new OpenClBuffer(block, offset, other.shape().channels(), other, owner());
  }

  /**
   * Makes a live buffer over this one's memory after release.
   *
   * @param other what it will hold, of as many elements
   * @return a buffer that owns the place
   */
  public OpenClBuffer recycle(Spec other) {
    return dense(block, offset, other);
  }

  /**
   * Takes part of this memory for numbers of any type; for scratch memory.
   *
   * @param start elements of the new type to leave out
   * @param other what it will hold
   * @return a view
   */
  public OpenClBuffer reinterpret(int start, Spec other) {
    int bytes = other.dtype().bytes();
    int first = Math.toIntExact(Math.ceilDiv((long) offset * spec.dtype().bytes(), bytes));
    return new OpenClBuffer(block, first + start, other.shape().channels(), other, owner());
  }

  /** Marks the buffer as released. */
  public void release() {
    released = true;
  }

  /** The memory, checking that the buffer was not released. */
  Block block() {
    if (isReleased()) {
      throw new DeviceException(
          "opencl: a value of "
              + spec
              + " is read after its tape was closed or had no more use for it; keep it with"
              + " tape.keep(tensor) before");
    }
    return block;
  }

  /**
   * Returns where row 0 begins.
   *
   * @return elements from the beginning of the memory
   */
  public int offset() {
    return offset;
  }

  /**
   * Returns the distance between rows.
   *
   * @return elements from one row to the next
   */
  public int stride() {
    return stride;
  }

  @Override
  public Spec spec() {
    return spec;
  }

  @Override
  public OpenClBuffer channels(int start, int size) {
    Shape shape = spec.shape();
    if (start < 0 || size < 0 || start + size > shape.channels()) {
      throw new ShapeException(
          "buffer: channels "
              + start
              + " to "
              + (start + size)
              + " leave the "
              + shape.channels()
              + " of "
              + spec);
    }
    Spec part = spec.withShape(shape.with(-1, size));
    return new OpenClBuffer(block, offset + start, stride, part, owner());
  }

  @Override
  public OpenClBuffer owner() {
    return whole == null ? this : whole;
  }

  @Override
  public boolean overlaps(Buffer other) {
    OpenClBuffer that = (OpenClBuffer) other;
    OpenClBuffer owner = owner();
    if (owner != that.owner()) {
      return false;
    }
    int first = (offset - owner.offset) % Math.max(1, stride);
    int second = (that.offset - owner.offset) % Math.max(1, stride);
    return stride != that.stride
        || (first < second + that.spec.shape().channels()
            && second < first + spec.shape().channels());
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
