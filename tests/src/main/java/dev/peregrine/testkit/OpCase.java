package dev.peregrine.testkit;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Cast;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Random;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One operation on inputs of given shapes: a row of the table that serves four ways.
 *
 * <p>Every device must agree with the reference on it; its gradient is checked in f64; fused steps
 * must equal the same steps one by one; and a benchmark reports its GFLOP/s.
 *
 * @param name what is special about it; unique, and the seed of its numbers
 * @param op the operation
 * @param inputs its inputs
 * @param tolerance the allowed difference from the true value, relative to that value's magnitude
 *     plus the root mean square of all of them; 0 demands the nearest float
 * @param differentiable the positions of the inputs by which its first output has a gradient
 */
public record OpCase(
    String name, Op op, List<Input> inputs, double tolerance, List<Integer> differentiable) {

  /**
   * One input.
   *
   * @param spec its spec
   * @param values how its numbers are drawn
   * @param bound for {@link Values#INDICES}: the number of rows there are
   */
  public record Input(Spec spec, Values values, int bound) {
    Input in(DType floating) {
      return new Input(floating(spec, floating), values, bound);
    }
  }

  /** Copies the lists. */
  public OpCase {
    inputs = List.copyOf(inputs);
    differentiable = List.copyOf(differentiable);
  }

  /**
   * Turns the case into the same one of another floating-point type, with the same numbers.
   *
   * @param floating f32 or f64
   * @return the case
   */
  public OpCase in(DType floating) {
    return new OpCase(
        name,
        converted(op, floating),
        inputs.stream().map(input -> input.in(floating)).toList(),
        tolerance,
        differentiable);
  }

  private static Op converted(Op op, DType floating) {
    if (op instanceof Cast(DType to) && to.isFloating()) {
      return new Cast(floating);
    }
    if (op instanceof Fill(Spec spec, double value)) {
      return new Fill(floating(spec, floating), value);
    }
    if (op instanceof Iota(Spec spec, int axis)) {
      return new Iota(floating(spec, floating), axis);
    }
    if (op instanceof Random(Spec spec, Random.Kind kind, long seed)) {
      return new Random(floating(spec, floating), kind, seed);
    }
    return op;
  }

  private static Spec floating(Spec spec, DType floating) {
    return spec.dtype().isFloating() ? new Spec(floating, spec.shape()) : spec;
  }

  /**
   * Returns the specs of the inputs.
   *
   * @return the specs, in order
   */
  public List<Spec> specs() {
    return inputs.stream().map(Input::spec).toList();
  }

  /**
   * Returns the specs of inputs and outputs.
   *
   * @return the signature by the shape law
   */
  public Signature signature() {
    return Signature.of(op, specs());
  }

  /**
   * Returns the floating-point operations of one run.
   *
   * @return the count, a multiplication and an addition as two
   */
  public long flops() {
    Signature signature = signature();
    return op.flops(signature.inputs(), signature.outputs());
  }

  /**
   * Draws the numbers of one input.
   *
   * @param index which input
   * @return {@code float[]}, {@code double[]}, {@code int[]}, {@code byte[]} or {@code short[]} by
   *     its type
   */
  public Object numbers(int index) {
    Input input = inputs.get(index);
    double[] drawn =
        input
            .values()
            .draw(input.spec().shape().size(), input.bound(), name.hashCode() * 31L + index);
    return switch (input.spec().dtype()) {
      case F32 -> HostArrays.floats(drawn);
      case F64 -> drawn;
      case F16 -> HostArrays.halves(drawn);
      case I32 -> IntStream.range(0, drawn.length).map(i -> (int) drawn[i]).toArray();
      case U8 -> HostArrays.bytes(drawn);
    };
  }

  /**
   * Makes dense buffers with the inputs' numbers.
   *
   * @param device whose memory
   * @return the buffers, in order
   */
  public Buffer[] inputBuffers(Device device) {
    Buffer[] buffers = new Buffer[inputs.size()];
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = device.allocate(inputs.get(i).spec());
      device.write(numbers(i), buffers[i]);
    }
    return buffers;
  }

  /**
   * Makes dense buffers for the outputs.
   *
   * @param device whose memory
   * @return the buffers, in order
   */
  public Buffer[] outputBuffers(Device device) {
    return signature().outputs().stream().map(device::allocate).toArray(Buffer[]::new);
  }

  /**
   * Makes tensors with the inputs' numbers.
   *
   * @param device where
   * @return the tensors, in order
   */
  public List<Tensor> tensors(Device device) {
    Buffer[] buffers = inputBuffers(device);
    return IntStream.range(0, buffers.length)
        .mapToObj(i -> new Tensor(inputs.get(i).spec(), device, buffers[i]))
        .toList();
  }

  /** Returns the name, as test reports show it. */
  @Override
  public String toString() {
    return name;
  }
}
