package dev.peregrine.tensor.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.cpu.HostDevice;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlanAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CHANNELS = 64;
  private static final int SIZE = 24;

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
    assertThat(bytesPerRun(plan, 0)).isZero();
    assertThat(device.runs).isGreaterThanOrEqualTo(10 * plan.steps().size());
  }

  /**
   * Convolutions of the SIMD device make tables of offsets, some 50 bytes a pixel; a value of this
   * net has 256 bytes a pixel. Before it is compiled, vector code allocates far more.
   */
  @Test
  void noValueIsAllocatedOnTheCpu() {
    Device device = Devices.open("cpu:1");
    Plan plan = Plan.prepare(net(device), device);
    long oneValue = Spec.f32(SIZE, SIZE, CHANNELS).bytes();
    assertThat(plan.steps()).hasSize(4);
    assertThat(bytesPerRun(plan, oneValue - 1)).as(plan.toString()).isLessThan(oneValue);
  }

  /** Counts until it sees no more than enough, since compiling takes its time. */
  private static long bytesPerRun(Plan plan, long enough) {
    float[] image = new float[SIZE * SIZE * 3];
    float[] result = new float[SIZE * SIZE * CHANNELS];
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 500 && least > enough; round++) {
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
