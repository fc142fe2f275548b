package dev.peregrine.bench.peers;

import dev.peregrine.yolo.onnx.MishForm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One race: one network, one batch, one number of threads. */
final class Race {
  private final Arguments arguments;
  private final int threads;

  private Race(Arguments arguments) {
    this.arguments = arguments;
    this.threads = arguments.threads().getFirst();
  }

  /**
   * Runs a race.
   *
   * @param args as {@link Peers} takes them, with one number of threads
   */
  public static void main(String[] args) throws IOException {
    new Race(Arguments.parse(args)).run();
    // Engines leave threads behind that are no daemons.
    System.exit(0);
  }

  private void run() throws IOException {
    Subject subject = Subject.of(arguments);
    boolean training = arguments.isTraining();
    double flops;
    List<Side> sides = new ArrayList<>();
    Sgemm yardstick = new Sgemm();
    yardstick.run();
    yardstick.check();
    sides.add(yardstick);
    if (training) {
      sides.add(new PeregrineStep(subject, threads));
      flops = 3 * subject.trace().flops();
    } else {
      PeregrineSide own = new PeregrineSide(subject, threads);
      sides.add(own);
      flops = own.flops();
    }
    System.out.printf(
        Locale.ROOT,
        "%s @%d, batch %d, %d thread(s), %s: %.1f GFLOP%n",
        subject.model().name(),
        subject.size(),
        subject.batch(),
        threads,
        arguments.text("race"),
        flops / 1e9);
    Agreement agreement = new Agreement(sides.get(1), training);
    for (String peer : arguments.list("peers")) {
      if (training && !peer.equals("libtorch")) {
        continue;
      }
      Side side = open(peer, subject, training);
      if (agreement.check(side)) {
        sides.add(side);
      } else {
        side.close();
      }
    }
    Clock clock = new Clock(threads, arguments.number("slice"));
    warmUp(sides.get(1));
    int rounds = arguments.number("rounds");
    double[][] turns = new double[sides.size()][rounds];
    double[] disturbances = new double[sides.size() * rounds];
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < turns.length; i++) {
        Clock.Turn turn = clock.turn(sides.get(i));
        turns[i][round] = turn.milliseconds();
        disturbances[i + round * turns.length] = turn.disturbance();
      }
    }
    Map<Side, double[]> times = new LinkedHashMap<>();
    for (int i = 0; i < turns.length; i++) {
      times.put(sides.get(i), turns[i]);
    }
    double mean = Arrays.stream(disturbances).average().orElse(0);
    Table table = new Table(subject, arguments, threads, clock.unit(), flops, times, mean);
    System.out.println(table.markdown());
    table.write(arguments.path("out"));
    sides.forEach(Side::close);
  }

  private Side open(String peer, Subject subject, boolean training) {
    return switch (peer) {
      case "onnxruntime" -> new OnnxRuntimeSide(peer, subject, MishForm.FAST, threads);
      case "onnxruntime-softplus" ->
          new OnnxRuntimeSide(peer, subject, MishForm.SOFTPLUS_TANH, threads);
      case "opencv" -> new OpenCvSide(subject, threads);
      case "libtorch" ->
          training ? new LibtorchStep(subject, threads) : new LibtorchSide(subject, threads);
      default ->
          throw new IllegalArgumentException(
              "peers: there is no peer '"
                  + peer
                  + "'; there are onnxruntime, onnxruntime-softplus, opencv, libtorch");
    };
  }

  /** Gives the compiler of our virtual machine the time that it needs once. */
  private void warmUp(Side own) {
    long end = System.nanoTime() + arguments.number("warmup") * 1_000_000_000L;
    while (System.nanoTime() < end) {
      own.run();
    }
  }
}
