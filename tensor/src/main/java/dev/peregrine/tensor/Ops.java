package dev.peregrine.tensor;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Op;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The one door: every operation of every tensor passes through {@link #apply}.
 *
 * <p>The current interpreter and the current device are scoped values: they hold within {@link
 * #with} and {@link #on}, on that thread alone. Other threads bind their own.
 */
public final class Ops {
  private static final ScopedValue<Interpreter> INTERPRETER = ScopedValue.newInstance();
  private static final ScopedValue<Device> DEVICE = ScopedValue.newInstance();
  private static final Interpreter EAGER = new Eager();

  private Ops() {}

  /**
   * Applies an operation of one output through the current interpreter.
   *
   * <p><b>Errors</b> what the operation's shape law says.
   *
   * @param op what to compute
   * @param inputs its inputs, in order
   * @return its first output
   */
  public static Tensor apply(Op op, Tensor... inputs) {
    return applyAll(op, List.of(inputs)).get(0);
  }

  /**
   * Applies an operation through the current interpreter.
   *
   * @param op what to compute
   * @param inputs its inputs, in order
   * @return its outputs, in order
   */
  public static List<Tensor> applyAll(Op op, List<Tensor> inputs) {
    return INTERPRETER.orElse(EAGER).apply(op, inputs);
  }

  /**
   * Runs code under an interpreter.
   *
   * @param interpreter who applies the operations of the code
   * @param code the code
   * @param <T> what it returns
   * @return what it returned
   */
  public static <T> T with(Interpreter interpreter, Supplier<T> code) {
    return ScopedValue.where(INTERPRETER, interpreter).call(code::get);
  }

  /**
   * Runs code under an interpreter that leans on the current one, for instance to leave out some
   * operations of a network written by somebody else.
   *
   * @param wrapping makes the interpreter of the current one
   * @param code the code
   * @param <T> what it returns
   * @return what it returned
   */
  public static <T> T around(UnaryOperator<Interpreter> wrapping, Supplier<T> code) {
    return with(wrapping.apply(INTERPRETER.orElse(EAGER)), code);
  }

  /**
   * Runs code with another current device, where operations without inputs and new tensors go.
   *
   * @param device the device
   * @param code the code
   * @param <T> what it returns
   * @return what it returned
   */
  public static <T> T on(Device device, Supplier<T> code) {
    return ScopedValue.where(DEVICE, device).call(code::get);
  }

  /**
   * Returns the current device.
   *
   * @return the device of {@link #on}, else {@link Devices#cpu}
   */
  public static Device device() {
    return DEVICE.isBound() ? DEVICE.get() : Devices.cpu();
  }
}
