package dev.peregrine.bench;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A step of the optimiser and an update of the average over all weights of YOLOv4-tiny.
 *
 * <p>The floor of both is memory: a step reads weight, velocity and gradient and writes the first
 * two, 20 bytes a weight; an update reads weight and average and writes the latter, 12 bytes.
 * Divide by the GB/s of {@link PeakBenchmark#copy}: 6.06 million weights take 121 and 73 MB.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class OptimizerBenchmark {
  /** Where to compute. */
  @Param("cpu:1")
  public String device = "";

  private final Params params = Params.create(1);
  private final Sgd optimizer = Sgd.nesterov(5e-4);
  private final Ema average = new Ema();

  /** Makes the weights. */
  @Setup
  public void prepare() {
    Device on = Devices.open(device);
    Ops.on(
        on,
        () ->
            new YoloV4Tiny(80)
                .forward(params.training(true), Arrays.zeros(Spec.f32(1, 64, 64, 3))));
    params.discard();
  }

  /** Gives every weight a gradient of one. */
  @Setup(Level.Invocation)
  public void accumulate() {
    try (Tape tape = Tape.watching(params)) {
      Tensor loss = tape.record(this::sum);
      optimizer.accumulate(params, tape.backward(loss), 1);
    }
  }

  private Tensor sum() {
    @Nullable Tensor sum = null;
    for (Params.Entry entry : params.entries()) {
      if (entry.isTrained()) {
        Tensor part = Reductions.sum(entry.value());
        sum = sum == null ? part : sum.plus(part);
      }
    }
    return Objects.requireNonNull(sum);
  }

  /** One step of the optimiser. */
  @Benchmark
  public void step() {
    optimizer.step(params, new StepSize(1e-6, 1e-6, 0.9));
  }

  /** One update of the average. */
  @Benchmark
  public void average() {
    average.update(params);
  }
}
