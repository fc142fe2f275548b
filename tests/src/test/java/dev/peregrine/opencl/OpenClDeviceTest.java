package dev.peregrine.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.opencl.kernel.Tiling;
import dev.peregrine.opencl.runtime.DriverCalls;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.BufferPool;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Gather;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.testkit.Cases;
import dev.peregrine.testkit.Closeness;
import dev.peregrine.testkit.HostArrays;
import dev.peregrine.testkit.OpCase;
import dev.peregrine.testkit.TestDevices;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jocl.CL;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the device does besides computing; that it computes right is the matter of {@code
 * DeviceMatrixTest}.
 */
class OpenClDeviceTest {
  /** Skipped on a machine without OpenCL, unless one is demanded. */
  @BeforeAll
  static void requireOpenCl() {
    assertThat(TestDevices.openCl().description()).startsWith("opencl: ");
  }

  private static OpenClDevice open(UnaryOperator<DriverCalls> wrapping) {
    return OpenClDevice.open("opencl", 0, Tiling.PROCESSOR, wrapping);
  }

  @Test
  void isFoundByNumberAndByName() {
    Device first = Devices.open("opencl");
    assertThat(Devices.open("opencl:0").name()).isEqualTo("opencl:0");
    String word = first.description().substring("opencl: ".length()).split("[ (]", 2)[0];
    assertThat(Devices.open("opencl:" + word).description()).contains(word);
    assertThatThrownBy(() -> Devices.open("opencl:99"))
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith("device: 'opencl:99' does not exist; the OpenCL device")
        .hasMessageNotContaining("opencl:0 to opencl:0");
    assertThatThrownBy(() -> Devices.open("opencl:no such card"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("after the colon stands a number or part of a name of [");
  }

  @Test
  void aKernelThatCannotBeCompiledIsOneClearLine() {
    Session session = Session.open("opencl", 0, UnaryOperator.identity());
    Source source = new Source("wrong.cl", "wrong", "__kernel void wrong() { int x = y; }");
    assertThatThrownBy(() -> session.launch("op", source, new long[] {1}, new long[] {1}))
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith("opencl: the driver cannot compile wrong.cl: ")
        .hasMessageContaining("undeclared")
        .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));
  }

  @Test
  void aLostDeviceIsOneErrorThatNamesOperationAndStep() {
    FailingDevice failing = FailingDevice.open();
    Plan plan = Plan.prepare(graph(failing.device()), failing.device());
    plan.run();
    failing.calls().loseAfter(1, CL.CL_DEVICE_NOT_AVAILABLE);
    assertThatThrownBy(plan::run)
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching("plan: step 1 of \\d+, %\\d+ = .*opencl: .*")
        .hasMessageContaining("CL_DEVICE_NOT_AVAILABLE: the device was lost")
        .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));
  }

  @Test
  void anErrorThatShowsLateIsToldWhenItIsRead() {
    FailingDevice failing = FailingDevice.open();
    Tensor x = Ops.on(failing.device(), () -> Tensor.of(Shape.of(2), 1, 2));
    failing.calls().loseAfter(0, CL.CL_OUT_OF_RESOURCES);
    assertThatThrownBy(x::floats)
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith(
            "opencl: reading a value of f32[2] failed with CL_OUT_OF_RESOURCES");
  }

  @Test
  void anExhaustedDeviceSaysWhatItHasAndWhatWasWanted() {
    FailingDevice failing = FailingDevice.open();
    Graph graph = graph(failing.device());
    failing.calls().limit(100);
    assertThatThrownBy(() -> Plan.prepareAsWritten(graph, failing.device()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("MiB in use failed with CL_MEM_OBJECT_ALLOCATION_FAILURE")
        .hasMessageStartingWith("plan: the arena of its ")
        .hasMessageContaining("smaller batch");
  }

  /** There is room for the arena, but not for the filters that Winograd's algorithm packs. */
  @Test
  void anExhaustedDeviceNamesTheStepThatWasPrepared() {
    FailingDevice failing = FailingDevice.open();
    Spec x = Spec.f32(1, 8, 8, 64);
    Graph graph =
        Ops.on(
            failing.device(),
            () -> {
              Tensor w = Tensor.full(Spec.f32(3, 3, 64, 64), 1);
              return Tracer.trace(
                  List.of(x),
                  in -> List.of(Convolutions.conv2d(in.getFirst(), w, Window.same(3, 1))));
            });
    failing.calls().limit(200_000);
    assertThatThrownBy(() -> Plan.prepareAsWritten(graph, failing.device()))
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching("plan: step 0 of 1, %\\d+ = conv2d.*: opencl: allocating .*")
        .hasMessageContaining("CL_MEM_OBJECT_ALLOCATION_FAILURE: its memory is exhausted")
        .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));
  }

  @Test
  void anExhaustedDeviceNamesTheOperationWithoutAPlan() {
    FailingDevice failing = FailingDevice.open();
    Tensor x = Ops.on(failing.device(), () -> Tensor.full(Spec.f32(100), 1));
    failing.calls().limit(100);
    assertThatThrownBy(() -> x.times(x))
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching("(?i)binary.*multiply.*: opencl: allocating .* a value of f32.*");
  }

  @Test
  void anArenaOfMoreElementsThanKernelsCountIsRefused() {
    assertThatThrownBy(() -> TestDevices.openCl().slab(DType.F32, 1L << 31))
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith("opencl: an arena of 2147483648 f32 has more than the 2^31 - 1")
        .hasMessageEndingWith("use a smaller batch or picture");
  }

  @Test
  void aWrongIndexIsToldWhenAResultIsRead() {
    Device device = TestDevices.openCl();
    Tensor picked =
        Ops.on(
            device,
            () ->
                Ops.apply(
                    new Gather(),
                    Tensor.of(Shape.of(2, 3), new float[6]),
                    Tensor.of(Shape.of(2), new int[] {1, 2})));
    assertThatThrownBy(picked::floats)
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("index 2 at position 1, which does not name a row; there are rows 0")
        .hasMessageEndingWith("to 1");
    assertThat(picked.floats()).as("told once").hasSize(6);
  }

  @Test
  void knowsHowFastItIsAtMost() {
    assertThat(TestDevices.openCl().peakGigaflops()).isBetween(0.01, 1e6);
  }

  @Test
  void aReleasedBufferIsNotRead() {
    Device device = TestDevices.openCl();
    Buffer buffer;
    try (BufferPool.Lease lease = device.pool().lease()) {
      buffer = lease.allocate(Spec.f32(3));
    }
    assertThatThrownBy(() -> device.read(buffer, new float[3]))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("tape.keep(tensor)");
  }

  @Test
  void runsHaveTheSameBitsEachTime() {
    Device device = TestDevices.openCl();
    for (OpCase c : Cases.yoloV4Tiny(64)) {
      Kernel kernel = device.kernel(c.op(), c.signature());
      Object first = run(device, kernel, c);
      assertThat(HostArrays.firstDifference(run(device, kernel, c), first))
          .as(c.toString())
          .isNegative();
    }
  }

  /** The tiles of graphics cards compute the same, wherever there is a device to try them on. */
  @Test
  void largeTilesComputeTheSame() {
    OpenClDevice device =
        OpenClDevice.open("opencl", 0, Tiling.LARGE_ALONE, UnaryOperator.identity());
    List<OpCase> cases =
        Cases.all().stream()
            .filter(c -> c.name().matches("(conv2d|conv2d_\\w+) .* 100.*|matmul 33.*"))
            .toList();
    assertThat(cases).hasSizeGreaterThan(10);
    for (OpCase c : cases) {
      double[] actual = HostArrays.doubles(run(device, device.prepare(c.op(), c.signature()), c));
      double[] expected = HostArrays.doubles(run(Devices.cpu(), kernelOnCpu(c), c));
      assertThat(Closeness.compare(actual, expected, 2 * c.tolerance())).as(c.toString()).isNull();
    }
  }

  @Test
  void doublesAreComputedWhereTheDeviceHasThem() {
    Device device = TestDevices.openCl();
    for (OpCase c : Cases.yoloV4Tiny(32).subList(0, 4)) {
      OpCase exact = c.in(DType.F64);
      Device reference = Devices.reference();
      double[] expected =
          (double[]) run(reference, reference.prepare(exact.op(), exact.signature()), exact);
      double[] actual =
          (double[]) run(device, device.prepare(exact.op(), exact.signature()), exact);
      for (int i = 0; i < actual.length; i++) {
        assertThat(actual[i]).as(c.toString()).isCloseTo(expected[i], within(1e-9));
      }
    }
  }

  @Test
  void predictionsDoNotTakeMoreAndMoreMemory() {
    OpenClDevice device = open(UnaryOperator.identity());
    Plan plan = Plan.prepare(graph(device), device);
    float[] numbers = new float[plan.output(0).spec().shape().size()];
    long before = device.liveBytes();
    for (int i = 0; i < 10_000; i++) {
      plan.write(0, new float[plan.input(0).spec().shape().size()]);
      plan.run();
      plan.read(0, numbers);
    }
    assertThat(device.liveBytes()).isLessThanOrEqualTo(before);
  }

  private static Kernel kernelOnCpu(OpCase c) {
    return Devices.cpu().kernel(c.op(), c.signature());
  }

  private static Object run(Device device, Kernel kernel, OpCase c) {
    Buffer[] outputs = c.outputBuffers(device);
    Buffer workspace = device.allocate(Spec.f32(kernel.workspace()));
    kernel.run(c.inputBuffers(device), outputs, workspace);
    return HostArrays.read(device, outputs[0]);
  }

  private static Graph graph(Device device) {
    Params params = Ops.on(device, () -> Params.create(1));
    Spec x = Spec.f32(1, 8, 8, 3);
    Ops.on(device, () -> network(params, Tensor.full(x, 0)));
    return Tracer.trace(List.of(x), inputs -> List.of(network(params, inputs.getFirst())));
  }

  private static Tensor network(Params p, Tensor x) {
    Tensor y = Layers.convBn(p.at("a"), x, 16, 3, 1, Unary.Kind.MISH);
    return Layers.convBn(p.at("b"), y, 8, 3, 2, Unary.Kind.LEAKY_RELU);
  }
}
