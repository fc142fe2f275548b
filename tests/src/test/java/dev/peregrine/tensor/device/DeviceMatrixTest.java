package dev.peregrine.tensor.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.op.Where;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.Cases;
import dev.peregrine.testkit.Closeness;
import dev.peregrine.testkit.FencedBuffer;
import dev.peregrine.testkit.FencedBuffer.Layout;
import dev.peregrine.testkit.HostArrays;
import dev.peregrine.testkit.OpCase;
import dev.peregrine.testkit.TestDevices;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every case on every device of this machine against the reference in f64, with fences around
 * outputs and inputs watched; once for each vector width.
 */
@Tag("simd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeviceMatrixTest {
  // The width of the CPU's vectors is nothing to other devices: once is enough for them.
  private final List<Device> devices =
      System.getProperty("dev.peregrine.simd.bits") == null
          ? TestDevices.all()
          : TestDevices.present("reference", "cpu");
  private final List<Device> threadCounts = TestDevices.present("cpu:1", "cpu:2", "cpu:3");

  static Stream<OpCase> cases() {
    // The real layers at a small picture: maps of 112, 56, 28, 14 and 7.
    return Stream.concat(Cases.all().stream(), Cases.yoloV4Tiny(224).stream());
  }

  static Stream<OpCase> fusedCases() {
    return cases().filter(c -> c.op() instanceof Conv2d conv && conv.epilogue().inputs() > 0);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void everyDeviceAgreesWithTheReference(OpCase c) {
    List<Object> numbers = numbers(c);
    List<double[]> truth = truth(c);
    for (Device device : devices) {
      for (Layout layout : Layout.values()) {
        String where = c + " on " + device.name() + " " + layout;
        Kernel kernel = device.kernel(c.op(), c.signature());
        List<FencedBuffer> inputs = inputs(c, numbers, device, layout);
        assertOutputs(where, c, truth, run(device, kernel, c, inputs, layout));
        if (inputs.size() > 1) {
          Kernel packed = kernel.withConstants(allButTheFirst(inputs));
          if (packed != kernel) {
            where += " with constants packed";
            assertOutputs(where, c, truth, run(device, packed, c, inputs, layout));
          }
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void theNumberOfThreadsDoesNotChangeABit(OpCase c) {
    List<Object> numbers = numbers(c);
    List<Object> first = null;
    for (Device device : threadCounts) {
      Kernel kernel = device.kernel(c.op(), c.signature());
      List<Object> now =
          run(device, kernel, c, inputs(c, numbers, device, Layout.DENSE), Layout.DENSE).stream()
              .map(FencedBuffer::numbers)
              .toList();
      if (first == null) {
        first = now;
      }
      for (int i = 0; i < now.size(); i++) {
        assertThat(HostArrays.firstDifferentNumber(first.get(i), now.get(i)))
            .as("%s on %s: first different element of output %d", c, device.name(), i)
            .isNegative();
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fusedCases")
  void fusedStepsEqualTheSameStepsOneByOne(OpCase c) {
    for (Device device : devices) {
      List<Tensor> in = c.tensors(device);
      double[] unfused = unfused((Conv2d) c.op(), in).doubles();
      double[] fused = Ops.apply(c.op(), in.toArray(Tensor[]::new)).doubles();
      assertThat(Closeness.compare(fused, unfused, c.tolerance()))
          .as("%s on %s", c, device.name())
          .isNull();
    }
  }

  static Stream<OpCase> elementwiseCases() {
    return cases().filter(c -> isElementwise(c.op()));
  }

  private static boolean isElementwise(Op op) {
    return op instanceof Unary
        || op instanceof UnaryGrad
        || op instanceof Binary
        || op instanceof Compare
        || op instanceof Where;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("elementwiseCases")
  void elementwiseKernelsMayOverwriteAnInputOfTheSameShape(OpCase c) {
    List<Object> numbers = numbers(c);
    List<double[]> truth = truth(c);
    Spec output = c.signature().output();
    for (Device device : devices) {
      for (int i = 0; i < c.inputs().size(); i++) {
        if (c.specs().get(i).equals(output)) {
          Buffer[] inputs = FencedBuffer.buffers(inputs(c, numbers, device, Layout.ODD_SLICE));
          Kernel kernel = device.kernel(c.op(), c.signature());
          kernel.run(inputs, new Buffer[] {inputs[i]}, workspace(device, kernel).buffer());
          double[] actual = HostArrays.doubles(HostArrays.read(device, inputs[i]));
          assertThat(Closeness.compare(actual, truth.get(0), c.tolerance()))
              .as("%s on %s over input %d", c, device.name(), i)
              .isNull();
        }
      }
    }
  }

  @Test
  void severalThreadsMayRunTheSameKernel() {
    for (Device device : devices) {
      for (OpCase c : Cases.yoloV4Tiny(64)) {
        Kernel kernel = device.kernel(c.op(), c.signature());
        List<Object> outputs =
            IntStream.range(0, 8)
                .parallel()
                .mapToObj(_ -> {
                  Buffer[] output = c.outputBuffers(device);
                  kernel.run(c.inputBuffers(device), output, workspace(device, kernel).buffer());
                  return HostArrays.read(device, output[0]);
                })
                .toList();
        assertThat(outputs)
            .as("%s on %s", c, device.name())
            .allMatch(each -> HostArrays.firstDifference(outputs.get(0), each) < 0);
      }
    }
  }

  private static Tensor unfused(Conv2d conv, List<Tensor> in) {
    Tensor y =
        Ops.apply(new Conv2d(conv.window(), conv.groups(), Epilogue.NONE), in.get(0), in.get(1));
    int next = 2;
    for (Epilogue.Step step : conv.epilogue().steps()) {
      y =
          switch (step) {
            case Epilogue.Bias _, Epilogue.Add _ ->
                Ops.apply(new Binary(Binary.Kind.ADD), y, in.get(next++));
            case Epilogue.Activate(Unary.Kind kind) -> Ops.apply(new Unary(kind), y);
          };
    }
    return y;
  }

  private static List<double[]> truth(OpCase c) {
    Device reference = Devices.reference();
    OpCase exact = c.in(DType.F64);
    Buffer[] outputs = exact.outputBuffers(reference);
    reference
        .prepare(exact.op(), exact.signature())
        .run(exact.inputBuffers(reference), outputs, null);
    return Stream.of(outputs)
        .map(output -> HostArrays.doubles(HostArrays.read(reference, output)))
        .toList();
  }

  private static List<Object> numbers(OpCase c) {
    return IntStream.range(0, c.inputs().size()).mapToObj(c::numbers).toList();
  }

  private static List<FencedBuffer> inputs(
      OpCase c, List<Object> numbers, Device device, Layout layout) {
    return IntStream.range(0, c.inputs().size())
        .mapToObj(i -> FencedBuffer.holding(device, c.specs().get(i), layout, numbers.get(i)))
        .toList();
  }

  private static Buffer[] allButTheFirst(List<FencedBuffer> inputs) {
    Buffer[] constants = FencedBuffer.buffers(inputs);
    constants[0] = null;
    return constants;
  }

  /** Runs a kernel into fenced outputs and checks that it wrote nothing else. */
  private static List<FencedBuffer> run(
      Device device, Kernel kernel, OpCase c, List<FencedBuffer> inputs, Layout layout) {
    List<FencedBuffer> outputs =
        c.signature().outputs().stream()
            .map(spec -> new FencedBuffer(device, spec, layout))
            .toList();
    FencedBuffer workspace = workspace(device, kernel);
    kernel.run(FencedBuffer.buffers(inputs), FencedBuffer.buffers(outputs), workspace.buffer());
    String where = c + " on " + device.name() + " " + layout;
    for (int i = 0; i < inputs.size(); i++) {
      assertThat(inputs.get(i).isUnchanged()).as("%s: input %d unchanged", where, i).isTrue();
    }
    for (int i = 0; i < outputs.size(); i++) {
      assertThat(outputs.get(i).isFenceIntact()).as("%s: fence of output %d", where, i).isTrue();
    }
    assertThat(workspace.isFenceIntact()).as("%s: fence of the workspace", where).isTrue();
    return outputs;
  }

  private static FencedBuffer workspace(Device device, Kernel kernel) {
    return new FencedBuffer(
        device, new Spec(DType.F32, Shape.of(kernel.workspace())), Layout.DENSE);
  }

  private static void assertOutputs(
      String where, OpCase c, List<double[]> truth, List<FencedBuffer> outputs) {
    for (int i = 0; i < outputs.size(); i++) {
      double[] actual = HostArrays.doubles(outputs.get(i).numbers());
      assertThat(Closeness.compare(actual, truth.get(i), c.tolerance()))
          .as("%s: output %d", where, i)
          .isNull();
    }
  }
}
