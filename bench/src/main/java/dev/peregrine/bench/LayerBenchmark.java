package dev.peregrine.bench;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Devices;
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
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * One kernel on one layer of {@code layers.txt}, under JMH.
 *
 * <p>The row {@code gflop} is GFLOP/s and {@code gigabyte} GB/s by the clock on the wall; {@code
 * percentOfPeak} and {@code percentOfCopy} are shares of the machine's own speed by CPU time. JMH
 * itself knows no lists of layers: the {@code main} here gives it all those of a network.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LayerBenchmark {
  /** Where to compute: {@code cpu:1} is one thread, {@code cpu} all cores. */
  @Param("cpu:1")
  public String device = "";

  /** How many pictures. */
  @Param("1")
  public int batch;

  /** Which computation of the layer: see {@code Kind}. */
  @Param("forward")
  public String kind = "";

  /** The network. */
  @Param("tiny")
  public String net = "";

  /** The layer by its label in the tables of {@link Sweep}. */
  @Param("3x3p1 64-64 @104 leaky_relu")
  public String layer = "";

  private @Nullable Prepared prepared;

  /** Prepares the kernel and its buffers. */
  @Setup
  public void prepare() {
    Kind chosen = Kind.named(kind);
    Layer found =
        Layers.of(net).stream()
            .filter(chosen::covers)
            .filter(one -> one.label().equals(layer))
            .findFirst()
            .orElseThrow(() ->
                new FormatException("bench: " + net + " has no " + kind + " of '" + layer + "'"));
    prepared = Prepared.of(chosen, found, batch, Devices.open(device));
  }

  /**
   * Runs the layer once.
   *
   * @param work counts what is done
   * @param share holds it against the machine
   * @return the output, so that nothing is optimised away
   */
  @Benchmark
  public Buffer[] run(Work work, Share share) {
    Prepared ready = Objects.requireNonNull(prepared);
    ready.run();
    work.done(ready.flops(), ready.bytes());
    share.done(ready.flops(), ready.bytes());
    return ready.outputs();
  }

  /**
   * Runs all distinct layers of a network.
   *
   * @param arguments {@code net=tiny kind=forward batch=1 device=cpu:1}
   * @throws RunnerException if JMH fails
   */
  public static void main(String[] arguments) throws RunnerException {
    Settings settings = Settings.of(arguments, "net=tiny kind=forward batch=1 device=cpu:1");
    new Runner(
            new OptionsBuilder()
                .include(LayerBenchmark.class.getName())
                .param("net", settings.text("net"))
                .param("kind", settings.text("kind"))
                .param("batch", settings.text("batch"))
                .param("device", settings.text("device"))
                .param("layer", settings.layers().stream().map(Layer::label).toArray(String[]::new))
                .build())
        .run();
  }
}
