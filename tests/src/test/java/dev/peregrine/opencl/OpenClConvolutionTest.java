package dev.peregrine.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.opencl.kernel.Tiling;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.testkit.Closeness;
import dev.peregrine.testkit.TestDevices;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How convolutions are computed on OpenCL devices, beside what {@code DeviceMatrixTest} shows. */
class OpenClConvolutionTest {
  private static final Window THREE = Window.same(3, 1);

  @Test
  void winogradCutsLargeMapsIntoBlocks() {
    Device device = TestDevices.openCl();
    // 256 tiles of 512 channels are a block: these are 17 x 18.
    Spec x = Spec.f32(1, 66, 70, 512);
    Spec w = Spec.f32(3, 3, 512, 512);
    Signature signature = Signature.of(new Conv2d(THREE, 1, Epilogue.NONE), List.of(x, w));
    for (Op op :
        List.of(new Conv2d(THREE, 1, Epilogue.NONE), new Conv2dInputGrad(THREE, 1, x.shape()))) {
      Signature both = Signature.of(op, List.of(signature.output(), w));
      float[][] numbers = {random(x, 1), random(w, 2)};
      assertThat(device.kernel(op, both).algorithm()).startsWith("winograd 4x4");
      assertThat(
              Closeness.compare(
                  run(device, op, both, numbers), run(Devices.cpu(), op, both, numbers), 1e-4))
          .isNull();
    }
  }

  @Test
  void winogradIsLeftOutWhereItDoesNotPay() {
    Device device = TestDevices.openCl();
    assertThat(algorithm(device, 8, 8, 64, 64, THREE)).startsWith("winograd");
    assertThat(algorithm(device, 8, 8, 16, 64, THREE)).as("few channels").startsWith("implicit");
    assertThat(algorithm(device, 5, 5, 64, 64, THREE)).as("empty tiles").startsWith("implicit");
    assertThat(algorithm(device, 8, 8, 64, 64, Window.same(3, 2))).startsWith("implicit");
    assertThat(algorithm(device, 8, 8, 64, 64, Window.of(3).dilation(2))).startsWith("implicit");
  }

  @Test
  void filtersThatNeverChangeAreTransformedOnce() {
    Device device = TestDevices.openCl();
    Op op = new Conv2d(THREE, 1, Epilogue.NONE);
    Spec x = Spec.f32(1, 8, 8, 32);
    Spec w = Spec.f32(3, 3, 32, 32);
    Kernel kernel = device.kernel(op, Signature.of(op, List.of(x, w)));
    Buffer filters = device.allocate(w);
    Kernel packed = kernel.withConstants(new @Nullable Buffer[] {null, filters});
    assertThat(kernel.reads(1)).isTrue();
    assertThat(packed.reads(1)).isFalse();
    Kernel.Needs needs = kernel.needs(new boolean[] {false, true});
    assertThat(needs.packed()).isGreaterThanOrEqualTo(36 * 32 * 32);
    assertThat(packed.workspace()).isEqualTo(needs.workspace()).isLessThan(kernel.workspace());
    assertThat(kernel.needs(new boolean[2]).workspace()).isEqualTo(kernel.workspace());
  }

  /** Also the number of parts of the gradient by the filters does not depend on the tile. */
  @Test
  void tilesChangeNoBit() {
    Spec x = Spec.f32(1, 24, 23, 24);
    Spec w = Spec.f32(3, 3, 24, 70);
    Conv2d conv = new Conv2d(THREE, 1, Epilogue.NONE);
    Spec y = Signature.of(conv, List.of(x, w)).output();
    OpenClDevice usual = OpenClDevice.open("opencl", 0, Tiling.PROCESSOR, UnaryOperator.identity());
    OpenClDevice large =
        OpenClDevice.open("opencl", 0, Tiling.LARGE_ALONE, UnaryOperator.identity());
    for (Op op :
        List.of(
            conv,
            new Conv2dInputGrad(THREE, 1, x.shape()),
            new Conv2dWeightGrad(THREE, 1, w.shape()))) {
      List<Spec> specs =
          switch (op) {
            case Conv2dInputGrad _ -> List.of(y, w);
            case Conv2dWeightGrad _ -> List.of(x, y);
            default -> List.of(x, w);
          };
      Signature signature = Signature.of(op, specs);
      float[][] numbers = {random(specs.get(0), 1), random(specs.get(1), 2)};
      assertThat(run(usual, op, signature, numbers))
          .as(op.toString())
          .isEqualTo(run(large, op, signature, numbers));
    }
  }

  private static String algorithm(Device device, int h, int v, int ins, int outs, Window window) {
    Op op = new Conv2d(window, 1, Epilogue.NONE);
    Shape filters = Shape.of(window.kernelHeight(), window.kernelWidth(), ins, outs);
    List<Spec> inputs = List.of(Spec.f32(1, h, v, ins), Spec.f32().withShape(filters));
    return device.kernel(op, Signature.of(op, inputs)).algorithm();
  }

  static float[] random(Spec spec, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] numbers = new float[spec.shape().size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat() * 2 - 1;
    }
    return numbers;
  }

  /** Runs an operation of f32 on numbers. */
  static double[] run(Device device, Op op, Signature signature, float[]... numbers) {
    Buffer[] inputs = new Buffer[numbers.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = device.allocate(signature.input(i));
      device.write(numbers[i], inputs[i]);
    }
    Buffer output = device.allocate(signature.output());
    Kernel kernel = device.prepare(op, signature);
    kernel.run(inputs, new Buffer[] {output}, device.allocate(Spec.f32(kernel.workspace())));
    float[] results = new float[signature.output().shape().size()];
    device.read(output, results);
    double[] doubles = new double[results.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = results[i];
    }
    return doubles;
  }
}
