package dev.peregrine.tensor.cpu;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;

/**
 * A slice of a Java array: element c of row r lies at {@code offset + r * stride + c}.
 *
 * <p>Rows are all axes but the innermost, so for an activation the stride is the distance between
 * pixels. Arrays rather than memory segments: the compiler treats loops over {@code float[]} alike
 * in every run.
 */
public final class HostBuffer implements Buffer {
  /**
   * Where numbers begin in an array of our own: with a header of 16 bytes, element 12 of a large
   * array is 64-byte aligned.
   */
  public static final int ALIGNED_START = 12;

  private final Object array;
  private final int offset;
  private final int stride;
  private final Spec spec;
  // The buffer whose memory this is: a view may not be read once that one is released.
  private final HostBuffer owner;
  private volatile boolean released;

  /**
   * Wraps part of an array.
   *
   * @param array {@code float[]}, {@code double[]}, {@code int[]}, {@code byte[]} or, of f16,
   *     {@code short[]} by the spec's type
   * @param offset where row 0 begins
   * @param stride elements from one row to the next
   * @param spec what it holds
   */
  public HostBuffer(Object array, int offset, int stride, Spec spec) {
    this.array = array;
    this.offset = offset;
    this.stride = stride;
    this.spec = spec;
    this.owner = this;
  }

  private HostBuffer(HostBuffer owner, int offset, int stride, Spec spec) {
    this.array = owner.array();
    this.offset = offset;
    this.stride = stride;
    this.spec = spec;
    this.owner = owner;
  }

  /**
   * Allocates a dense buffer of its own.
   *
   * @param spec what it will hold
   * @return the buffer, zero
   */
  public static HostBuffer allocate(Spec spec) {
    return new HostBuffer(
        newArray(spec.dtype(), ALIGNED_START + (long) spec.shape().size()),
        ALIGNED_START,
        spec.shape().channels(),
        spec);
  }

  /**
   * Allocates an array of an element type.
   *
   * @param dtype the element type
   * @param elements how many
   * @return the array, zero
   */
  static Object newArray(DType dtype, long elements) {
    if (elements > Integer.MAX_VALUE - 8) {
      throw new DeviceException(
          "cpu: " + elements + " elements do not fit in one array; use a smaller batch or picture");
    }
    int size = (int) elements;
    return switch (dtype) {
      case F32 -> new float[size];
      case F64 -> new double[size];
      case I32 -> new int[size];
      case U8 -> new byte[size];
      case F16 -> new short[size];
    };
  }

  /** Returns the array of an f32 buffer. */
  public float[] floats() {
    return (float[]) array();
  }

  /** Returns the array of an f64 buffer. */
  public double[] doubles() {
    return (double[]) array();
  }

  /** Returns the array of an i32 buffer. */
  public int[] ints() {
    return (int[]) array();
  }

  /** Returns the array of a u8 buffer. */
  public byte[] bytes() {
    return (byte[]) array();
  }

  /** Returns the bits in the array of an f16 buffer. */
  public short[] halves() {
    return (short[]) array();
  }

  /** Returns the array, checking that the buffer was not released. */
  public Object array() {
    if (owner.released) {
      throw new DeviceException(
          "cpu: a value of "
              + spec
              + " is read after its tape was closed or had no more use for it; keep it with"
              + " tape.keep(tensor) before");
    }
    return array;
  }

  /** Returns where row 0 begins. */
  public int offset() {
    return offset;
  }

  /** Returns the number of elements from one row to the next. */
  public int stride() {
    return stride;
  }

  @Override
  public Spec spec() {
    return spec;
  }

  @Override
  public boolean isDense() {
    return stride == spec.shape().channels() || spec.shape().rows() <= 1;
  }

  @Override
  public HostBuffer owner() {
    return owner;
  }

  @Override
  public boolean overlaps(Buffer other) {
    HostBuffer host = (HostBuffer) other;
    if (owner != host.owner) {
      return false;
    }
    int first = (offset - owner.offset) % Math.max(1, stride);
    int second = (host.offset - owner.offset) % Math.max(1, stride);
    return stride != host.stride
        || (first < second + host.spec.shape().channels()
            && second < first + spec.shape().channels());
  }

  @Override
  public boolean isReleased() {
    return owner.released;
  }

  @Override
  public HostBuffer channels(int start, int size) {
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
    return new HostBuffer(owner, offset + start, stride, spec.withShape(shape.with(-1, size)));
  }

  /** Reads the same dense memory as another spec. */
  HostBuffer as(Spec other) {
    return new HostBuffer(owner, offset, other.shape().channels(), other);
  }

  /** Makes a live buffer over this one's memory after release. */
  HostBuffer recycle(Spec other) {
    return new HostBuffer(array, offset, other.shape().channels(), other);
  }

  void release() {
    released = true;
  }
}
