package dev.peregrine.tensor;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Cast;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.DTypeException;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An immutable value: element type, shape, and numbers on a device.
 *
 * <p>A tensor whose numbers are not there is symbolic: a tracer makes such tensors, and a model run
 * on them is written down rather than computed. Tensors compare by identity.
 */
public final class Tensor {
  private final Spec spec;
  private final @Nullable Device device;
  private final @Nullable Buffer buffer;

  /**
   * Wraps memory of a device; for interpreters.
   *
   * @param spec what the memory holds
   * @param device whose memory it is
   * @param buffer the memory, never written again
   */
  public Tensor(Spec spec, Device device, Buffer buffer) {
    this.spec = spec;
    this.device = device;
    this.buffer = buffer;
  }

  private Tensor(Spec spec) {
    this.spec = spec;
    this.device = null;
    this.buffer = null;
  }

  /**
   * Makes a tensor without numbers.
   *
   * @param spec what is known of it
   * @return the symbolic tensor
   */
  public static Tensor symbolic(Spec spec) {
    return new Tensor(spec);
  }

  /**
   * Makes an f32 tensor on the current device.
   *
   * @param shape its shape
   * @param values its elements in row-major order; copied
   * @return the tensor
   */
  public static Tensor of(Shape shape, float... values) {
    return of(new Spec(DType.F32, shape), values, values.length);
  }

  /**
   * Makes an f64 tensor on the current device.
   *
   * @param shape its shape
   * @param values its elements in row-major order; copied
   * @return the tensor
   */
  public static Tensor of(Shape shape, double[] values) {
    return of(new Spec(DType.F64, shape), values, values.length);
  }

  /**
   * Makes an i32 tensor on the current device.
   *
   * @param shape its shape
   * @param values its elements in row-major order; copied
   * @return the tensor
   */
  public static Tensor of(Shape shape, int[] values) {
    return of(new Spec(DType.I32, shape), values, values.length);
  }

  private static Tensor of(Spec spec, Object values, int count) {
    if (count != spec.shape().size()) {
      throw new ShapeException(
          "tensor: shape "
              + spec.shape()
              + " takes "
              + spec.shape().size()
              + " elements but was given "
              + count);
    }
    Device device = Ops.device();
    Buffer buffer = device.allocate(spec);
    device.write(values, buffer);
    return new Tensor(spec, device, buffer);
  }

  /**
   * Makes a tensor of one number repeated.
   *
   * @param spec its spec
   * @param value the number
   * @return the tensor
   */
  public static Tensor full(Spec spec, double value) {
    return Ops.apply(new Fill(spec, value));
  }

  /**
   * Returns all that is known of it but its numbers.
   *
   * @return its spec
   */
  public Spec spec() {
    return spec;
  }

  /**
   * Returns its extents.
   *
   * @return its shape
   */
  public Shape shape() {
    return spec.shape();
  }

  /**
   * Returns the type of its elements.
   *
   * @return its type
   */
  public DType dtype() {
    return spec.dtype();
  }

  /**
   * Tells whether it has no numbers.
   *
   * @return true for a tensor of a tracer
   */
  public boolean isSymbolic() {
    return buffer == null;
  }

  /**
   * Returns the device its numbers are on.
   *
   * @return the device
   */
  public Device device() {
    if (device == null) {
      throw new DeviceException(
          "tensor: "
              + spec
              + " is symbolic, it was written down and not computed; run the plan to get numbers");
    }
    return device;
  }

  /**
   * Returns its memory; for interpreters and plans.
   *
   * @return the buffer, not to be written
   */
  public Buffer buffer() {
    device();
    return Objects.requireNonNull(buffer);
  }

  /**
   * Copies the elements out as floats; f32 only.
   *
   * @return the elements in row-major order
   */
  public float[] floats() {
    return (float[]) copy(DType.F32, new float[spec.shape().size()]);
  }

  /**
   * Copies the elements out as doubles, from f32 or f64.
   *
   * @return the elements in row-major order
   */
  public double[] doubles() {
    if (dtype() == DType.F32) {
      float[] floats = floats();
      double[] doubles = new double[floats.length];
      Arrays.setAll(doubles, i -> floats[i]);
      return doubles;
    }
    return (double[]) copy(DType.F64, new double[spec.shape().size()]);
  }

  /**
   * Copies the elements out as integers; i32 only.
   *
   * @return the elements in row-major order
   */
  public int[] ints() {
    return (int[]) copy(DType.I32, new int[spec.shape().size()]);
  }

  private Object copy(DType required, Object target) {
    if (dtype() != required) {
      throw new DTypeException(
          "tensor: elements are "
              + dtype()
              + " but were asked for as "
              + required
              + "; cast it first");
    }
    device().read(buffer(), target);
    return target;
  }

  /**
   * Returns the number of a tensor of one element, f32 or f64.
   *
   * @return the number
   */
  public double item() {
    if (spec.shape().size() != 1) {
      throw new ShapeException(
          "tensor: "
              + spec
              + " has "
              + spec.shape().size()
              + " elements but item() takes exactly one");
    }
    return doubles()[0];
  }

  /**
   * Copies the numbers to another device.
   *
   * @param target the device
   * @return this tensor if it is there already, else the copy
   */
  public Tensor to(Device target) {
    if (target == device) {
      return this;
    }
    int size = spec.shape().size();
    Object numbers =
        switch (dtype()) {
          case F32 -> new float[size];
          case F64 -> new double[size];
          case I32 -> new int[size];
          case U8 -> new byte[size];
          case F16 -> new short[size];
        };
    device().read(buffer(), numbers);
    Buffer copy = target.allocate(spec);
    target.write(numbers, copy);
    return new Tensor(spec, target, copy);
  }

  /**
   * Converts the elements.
   *
   * @param dtype the new type
   * @return this tensor if it is of that type already, else the converted one
   */
  public Tensor to(DType dtype) {
    return dtype == dtype() ? this : Ops.apply(new Cast(dtype), this);
  }

  /**
   * Adds element by element, repeating by the broadcasting law.
   *
   * @param other the other summand
   * @return the sum
   */
  public Tensor plus(Tensor other) {
    return Ops.apply(new Binary(Binary.Kind.ADD), this, other);
  }

  /**
   * Adds a number to each element.
   *
   * @param other the number
   * @return the sum
   */
  public Tensor plus(double other) {
    return plus(constant(other));
  }

  /**
   * Subtracts element by element, repeating by the broadcasting law.
   *
   * @param other what is subtracted
   * @return the difference
   */
  public Tensor minus(Tensor other) {
    return Ops.apply(new Binary(Binary.Kind.SUBTRACT), this, other);
  }

  /**
   * Multiplies element by element, repeating by the broadcasting law.
   *
   * @param other the other factor
   * @return the product
   */
  public Tensor times(Tensor other) {
    return Ops.apply(new Binary(Binary.Kind.MULTIPLY), this, other);
  }

  /**
   * Multiplies each element by a number.
   *
   * @param other the number
   * @return the product
   */
  public Tensor times(double other) {
    return times(constant(other));
  }

  /**
   * Divides element by element, repeating by the broadcasting law.
   *
   * @param other the divisor
   * @return the quotient
   */
  public Tensor dividedBy(Tensor other) {
    return Ops.apply(new Binary(Binary.Kind.DIVIDE), this, other);
  }

  /**
   * Changes the sign of each element.
   *
   * @return the negated tensor
   */
  public Tensor negate() {
    return Ops.apply(new Unary(Unary.Kind.NEGATE), this);
  }

  /**
   * Reads the same elements under another shape.
   *
   * @param extents the new extents, with as many elements
   * @return the reshaped tensor
   */
  public Tensor reshape(int... extents) {
    return Ops.apply(new Reshape(Shape.of(extents)), this);
  }

  private Tensor constant(double value) {
    Spec scalar = new Spec(dtype(), Shape.of());
    return device == null ? full(scalar, value) : Ops.on(device, () -> full(scalar, value));
  }

  /** Returns the spec and up to eight elements. */
  @Override
  public String toString() {
    if (isSymbolic()) {
      return spec + " symbolic";
    }
    Object numbers =
        switch (dtype()) {
          case F32, F64 ->
              Arrays.toString(Arrays.copyOf(doubles(), Math.min(8, spec.shape().size())));
          case I32 -> Arrays.toString(Arrays.copyOf(ints(), Math.min(8, spec.shape().size())));
          case U8, F16 -> "";
        };
    return spec + " " + numbers + (spec.shape().size() > 8 ? " ..." : "");
  }
}
