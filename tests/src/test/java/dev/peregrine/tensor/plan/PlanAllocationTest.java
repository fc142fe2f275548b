package dev.peregrine.tensor.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.cpu.HostDevice;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.device.Slab;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("alone")
class PlanAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CHANNELS = 64;

  /** Large enough for each algorithm to be chosen. */
  private static final int SIZE = 28;

  /** A device on the host whose kernels do nothing, so that what a plan itself does is left. */
  private static final class IdleDevice extends HostDevice {
    int runs;

    @Override
    public String name() {
      return "idle";
    }

    @Override
    public String description() {
      return "idle: computes nothing";
    }

    @Override
    public Kernel prepare(Op op, Signature signature) {
      return new Kernel() {
        @Override
        public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
          runs++;
        }

        @Override
        public String algorithm() {
          return "nothing";
        }
      };
    }
  }

  @Test
  void thePlanItselfAllocatesNothing() {
    IdleDevice device = new IdleDevice();
    Plan plan = Plan.prepare(net(device), device);
    device.runs = 0;
    assertThat(bytesPerRun(plan)).isZero();
    assertThat(device.runs).isGreaterThanOrEqualTo(10 * plan.steps().size());
  }

  /** Convolutions of all kinds, pooling, upsampling and copies, once their code is compiled. */
  @Test
  void aRunOnTheCpuAllocatesNothing() {
    Device cpu = Devices.open("cpu:2");
    assertThat(bytesPerRun(Plan.prepare(pyramid(cpu), cpu))).isZero();
  }

  /** The kernels of the SIMD device, with a count of the buffers and slabs that are asked for. */
  private static final class CountingDevice extends HostDevice {
    final Device cpu = Devices.open("cpu:1");
    int allocations;

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public String description() {
      return "counting: the kernels of cpu:1";
    }

    @Override
    public Kernel prepare(Op op, Signature signature) {
      return cpu.prepare(op, signature);
    }

    @Override
    public Buffer allocate(Spec spec) {
      allocations++;
      return super.allocate(spec);
    }

    @Override
    public Slab slab(DType dtype, long elements) {
      allocations++;
      return super.slab(dtype, elements);
    }
  }

  /**
   * What SIMD kernels allocate on the heap while they run, such as vectors before their code is
   * compiled, differs from run to run of the virtual machine; device memory does not.
   */
  @Test
  void aRunOnTheCpuTakesNoDeviceMemory() {
    CountingDevice device = new CountingDevice();
    Plan plan = Plan.prepare(net(device), device);
    assertThat(plan.steps()).hasSize(4);
    assertThat(device.allocations).isPositive();
    Buffer input = plan.input(0);
    Buffer output = plan.output(0);
    device.allocations = 0;
    for (int run = 0; run < 3; run++) {
      plan.run();
    }
    assertThat(device.allocations).isZero();
    assertThat(plan.input(0)).isSameAs(input);
    assertThat(plan.output(0)).isSameAs(output);
  }

  /** Counts until a round allocates nothing, since loading and compiling take their time. */
  private static long bytesPerRun(Plan plan) {
    float[] image = new float[SIZE * SIZE * 3];
    float[] result = new float[SIZE * SIZE * CHANNELS];
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 1000 && least > 0; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int run = 0; run < 10; run++) {
        plan.write(0, image);
        plan.run();
        plan.read(0, result);
      }
      least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / 10);
    }
    return least;
  }

  private static Graph net(Device device) {
    Tensor stem = weight(device, 3, 3, 3, CHANNELS);
    Tensor deep = weight(device, 3, 3, CHANNELS, CHANNELS);
    Tensor half = weight(device, 3, 3, CHANNELS / 2, CHANNELS);
    Tensor point = weight(device, 1, 1, 2 * CHANNELS, CHANNELS);
    Tensor bias = weight(device, CHANNELS);
    return Tracer.trace(
        List.of(Spec.f32(1, SIZE, SIZE, 3)),
        Map.of(bias, () -> bias),
        inputs -> {
          Tensor x = conv(inputs.get(0), stem, Window.same(3, 1));
          Tensor y = conv(x, deep, Window.same(3, 1)).plus(bias);
          Tensor group = Arrays.slice(y, -1, CHANNELS / 2, CHANNELS / 2);
          Tensor z = Arrays.concat(-1, y, conv(group, half, Window.same(3, 1)));
          Tensor w = Activations.logistic(conv(z, point, Window.of(1)).plus(y));
          return List.of(w.reshape(SIZE * SIZE, CHANNELS));
        });
  }

  /** As {@link #net}, of the size that {@link #bytesPerRun} expects, with what a detector has. */
  private static Graph pyramid(Device device) {
    Tensor stem = weight(device, 3, 3, 3, CHANNELS);
    Tensor down = weight(device, 3, 3, CHANNELS, CHANNELS);
    Tensor deep = weight(device, 3, 3, CHANNELS, CHANNELS);
    Tensor depthwise = weight(device, 3, 3, 1, CHANNELS);
    Tensor head = weight(device, 1, 1, 3 * CHANNELS, CHANNELS - 1);
    Tensor last = weight(device, 1, 1, CHANNELS - 1, CHANNELS);
    return Tracer.trace(
        List.of(Spec.f32(1, SIZE, SIZE, 3)),
        inputs -> {
          Tensor x = conv(inputs.get(0), stem, Window.same(3, 1));
          Tensor small = conv(conv(x, down, Window.same(3, 2)), deep, Window.same(3, 1));
          Tensor own = Convolutions.conv2d(small, depthwise, Window.same(3, 1), CHANNELS);
          Tensor spread = Pooling.maxPool(own, Window.same(5, 1));
          Tensor half = Pooling.maxPool(x, Window.of(2).stride(2));
          Tensor all = Arrays.concat(-1, spread, half, small);
          Tensor up = Pooling.upsample(conv(all, head, Window.of(1)), 2);
          return List.of(conv(up, last, Window.of(1)).reshape(SIZE * SIZE, CHANNELS));
        });
  }

  private static Tensor conv(Tensor x, Tensor w, Window window) {
    return Activations.leakyRelu(Convolutions.conv2d(x, w, window));
  }

  private static Tensor weight(Device device, int... extents) {
    Shape shape = Shape.of(extents);
    float[] numbers = new float[shape.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) Math.sin(i) / 10;
    }
    return Ops.on(device, () -> Tensor.of(shape, numbers));
  }
}
