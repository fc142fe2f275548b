package dev.peregrine.tensor.shape;

/**
 * Everything known of a value but its numbers.
 *
 * @param dtype the type of its elements
 * @param shape its extents
 */
public record Spec(DType dtype, Shape shape) {
  /**
   * Makes the spec of a 32-bit floating-point value.
   *
   * @param extents outermost first
   * @return the spec
   */
  public static Spec f32(int... extents) {
    return new Spec(DType.F32, Shape.of(extents));
  }

  /**
   * Keeps the element type and takes another shape.
   *
   * @param other the new shape
   * @return the spec
   */
  public Spec withShape(Shape other) {
    return new Spec(dtype, other);
  }

  /**
   * Returns the memory a dense value of this spec takes.
   *
   * @return bytes
   */
  public long bytes() {
    return (long) shape.size() * dtype.bytes();
  }

  /** Returns the spec as {@code f32[2, 8, 8, 3]}. */
  @Override
  public String toString() {
    return dtype.toString() + shape;
  }
}
