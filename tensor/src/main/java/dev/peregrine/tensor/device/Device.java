package dev.peregrine.tensor.device;

import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How operations are computed: a place with memory that prepares kernels.
 *
 * <p>Devices are safe for use from several threads.
 */
public interface Device extends Allocator {
  /**
   * Returns the name that {@link Devices#open} finds it by, such as {@code cpu}.
   *
   * @return the name
   */
  String name();

  /**
   * Returns one line about the device for people, such as its lanes and threads.
   *
   * @return the line
   */
  String description();

  /**
   * Measures for some tenths of a second whether the device computes as it should here.
   *
   * @return lines for people, none where there is nothing to measure
   */
  default List<String> diagnose() {
    return List.of();
  }

  /**
   * Measures for a tenth of a second how fast the device multiplies and adds at most, with all the
   * threads that it computes with.
   *
   * @return 10^9 floating-point operations a second, a multiplication and an addition as two; not a
   *     number where nobody knows
   */
  default double peakGigaflops() {
    return Double.NaN;
  }

  /**
   * Returns the type of element in which plans keep values between the steps of a network, and its
   * filters.
   *
   * @return {@link DType#F32}, or {@link DType#F16} for half of the memory and its traffic
   */
  default DType storage() {
    return DType.F32;
  }

  /**
   * Makes an operation ready for given specs.
   *
   * <p><b>Errors</b> {@link DeviceException} if the device does not hold values of such a type.
   *
   * @param op the operation
   * @param signature the specs
   * @return the kernel
   */
  Kernel prepare(Op op, Signature signature);

  /**
   * Returns the kernel of an operation, prepared at the first call and remembered; one without
   * inputs, such as a fill, is prepared each time.
   *
   * @param op the operation
   * @param signature the specs
   * @return the kernel
   */
  Kernel kernel(Op op, Signature signature);

  /**
   * Returns the memory that training steps lease and give back.
   *
   * @return the pool of this device
   */
  BufferPool pool();

  /**
   * Allocates one block to carve buffers from.
   *
   * @param dtype the type of its elements
   * @param elements how many
   * @return the block
   */
  Slab slab(DType dtype, long elements);

  /**
   * Expresses the output of an operation as a view of its input where that needs no computation.
   *
   * @param op the operation
   * @param input the buffer of its first input
   * @param output the spec of its output
   * @return the view, or null where the device must compute
   */
  @Nullable Buffer view(Op op, Buffer input, Spec output);

  /**
   * Waits until everything asked for is computed. Kernels of a device that works on its own return
   * before they are done; {@link #read} waits for what it reads, so only clocks need this.
   */
  default void finish() {}

  /**
   * Returns how much a computation may take before it is refused.
   *
   * @return bytes: those of Java's heap, unless the device has memory of its own
   */
  default long memoryLimit() {
    return Runtime.getRuntime().maxMemory();
  }

  /**
   * Copies numbers from a Java array into a buffer.
   *
   * @param from {@code float[]}, {@code double[]}, {@code int[]}, {@code byte[]} or, of f16, the
   *     bits in a {@code short[]} by the buffer's type, one number an element
   * @param to the buffer
   */
  void write(Object from, Buffer to);

  /**
   * Copies numbers from a buffer into a Java array.
   *
   * @param from the buffer
   * @param to {@code float[]}, {@code double[]}, {@code int[]}, {@code byte[]} or, of f16, the bits
   *     in a {@code short[]} by the buffer's type, one number an element
   */
  void read(Buffer from, Object to);
}
