package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import java.util.Arrays;
import java.util.List;

/** Runs single operations on the reference device, in f64 unless the operation says otherwise. */
final class OnReference {
  private OnReference() {}

  /** Makes a tensor of a shape written as its extents, such as {@code x("1 2 2 1", 1, 2, 3, 4)}. */
  static Tensor x(String extents, double... values) {
    int[] shape =
        extents.isEmpty()
            ? new int[0]
            : Arrays.stream(extents.split(" ")).mapToInt(Integer::parseInt).toArray();
    return Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(shape), values));
  }

  static Tensor indices(int... values) {
    return Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(values.length), values));
  }

  static Tensor apply(Op op, Tensor... inputs) {
    return Ops.on(Devices.reference(), () -> Ops.apply(op, inputs));
  }

  static double[] run(Op op, Tensor... inputs) {
    Tensor y = apply(op, inputs);
    return y.dtype() == DType.I32
        ? Arrays.stream(y.ints()).asDoubleStream().toArray()
        : y.doubles();
  }

  static List<double[]> runAll(Op op, Tensor... inputs) {
    return Ops.on(
        Devices.reference(),
        () -> Ops.applyAll(op, List.of(inputs)).stream().map(Tensor::doubles).toList());
  }
}
