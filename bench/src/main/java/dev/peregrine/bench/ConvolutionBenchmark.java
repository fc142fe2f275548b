package dev.peregrine.bench;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.OpCase;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The convolutions of YOLOv4-tiny as a plan runs them, filters constant and epilogue fused, and
 * their gradients.
 *
 * <p>The row {@code gflop} is GFLOP/s, to be held against {@link PeakBenchmark}'s; {@code
 * percentOfPeak} is the share of the peak by CPU time. The library's own threads are chosen by the
 * device: {@code cpu:1} is one, {@code cpu} all cores.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class ConvolutionBenchmark {
  /** Where to compute. */
  @Param("cpu:1")
  public String device = "";

  /** The convolution, its gradient by the input or its gradient by the filters. */
  @Param({"forward", "by_input", "by_filters"})
  public String kind = "";

  /** Height and width of the picture. */
  @Param("416")
  public int size;

  /** Window, channels and height of the layer's input. */
  @Param({
    "3x3/2 p1 3-32 @416",
    "3x3/2 p1 32-64 @208",
    "3x3 p1 64-64 @104",
    "3x3 p1 32-32 @104",
    "1x1 64-64 @104",
    "3x3 p1 128-128 @52",
    "1x1 128-128 @52",
    "3x3 p1 256-256 @26",
    "1x1 256-256 @26",
    "3x3 p1 512-512 @13",
    "1x1 512-256 @13",
    "3x3 p1 384-256 @26"
  })
  public String layer = "";

  private @Nullable Prepared prepared;

  private record Prepared(
      Kernel kernel, Buffer[] inputs, Buffer[] outputs, Buffer workspace, long flops) {
    static Prepared of(OpCase c, Device device) {
      Buffer[] inputs = c.inputBuffers(device);
      @Nullable Buffer[] constants = inputs.clone();
      constants[0] = null;
      Kernel kernel = device.prepare(c.op(), c.signature());
      if (c.op() instanceof Conv2d) {
        kernel = kernel.withConstants(constants);
      }
      Spec scratch = new Spec(DType.F32, Shape.of(Math.max(1, kernel.workspace())));
      return new Prepared(
          kernel, inputs, c.outputBuffers(device), device.allocate(scratch), c.flops());
    }

    void run() {
      kernel.run(inputs, outputs, workspace);
    }
  }

  /** Prepares the kernel and its buffers. */
  @Setup
  public void prepare() {
    prepared = Prepared.of(ConvolutionLayers.find(size, layer, kind), Devices.open(device));
  }

  /**
   * Runs the layer once.
   *
   * @param work counts the arithmetic
   * @param share holds it against the peak
   * @return the output, so that nothing is optimised away
   */
  @Benchmark
  public Buffer[] run(Work work, ConvolutionShare share) {
    Prepared ready = Objects.requireNonNull(prepared);
    ready.run();
    work.done(ready.flops());
    share.done(ready.flops());
    return ready.outputs();
  }
}
