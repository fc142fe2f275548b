package dev.peregrine.bench.ladder;

import dev.peregrine.bench.Clock;
import dev.peregrine.bench.Timing;
import dev.peregrine.bench.Yardstick;
import dev.peregrine.tensor.FormatException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Climbs the ladder: verifies each rung against the definition in double precision, times it in
 * turns with the machine's peak, and prints a table.
 *
 * <p>Arguments, all or none: height, width, input channels, output channels; 104 104 64 64 if none.
 */
public final class Ladder {
  private static final double SECONDS = 2;

  private Ladder() {}

  /** The rungs from the lowest to the highest, by name. */
  static Map<String, Function<Problem, Rung>> rungs() {
    Map<String, Function<Problem, Rung>> rungs = new LinkedHashMap<>();
    rungs.put("naive", Naive::new);
    rungs.put("reordered", Reordered::new);
    rungs.put("vectorised", Vectorised::new);
    rungs.put("register tile", RegisterTile::new);
    rungs.put("packed", Packed::new);
    rungs.put("winograd", problem -> new Winograd(problem, false));
    rungs.put("fused", Fused::new);
    rungs.put("threads", Threads::new);
    return rungs;
  }

  /**
   * Prints the table.
   *
   * @param arguments see above
   */
  public static void main(String[] arguments) {
    int[] sizes = {104, 104, 64, 64};
    boolean whole = Stream.of(arguments).allMatch(each -> each.matches("[1-9]\\d{0,5}"));
    if (!whole || arguments.length != 0 && arguments.length != sizes.length) {
      throw new FormatException(
          "ladder: give height, width, input and output channels, such as 104 104 64 64, or none");
    }
    for (int i = 0; i < arguments.length; i++) {
      sizes[i] = Integer.parseInt(arguments[i]);
    }
    Problem problem = Problem.random(sizes[0], sizes[1], sizes[2], sizes[3]);
    System.out.printf(
        "3x3 convolution, %d x %d, %d to %d channels, bias and leaky ReLU: %.3f GFLOP%n",
        problem.height(), problem.width(), problem.in(), problem.out(), problem.flops() / 1e9);
    System.out.printf(
        "%-14s %9s %9s %8s %9s %9s%n", "rung", "ms", "GFLOP/s", "% peak", "x before", "error");
    double before = Double.NaN;
    for (Map.Entry<String, Function<Problem, Rung>> entry : rungs().entrySet()) {
      before = climb(entry.getKey(), entry.getValue().apply(problem), problem, before);
    }
  }

  private static double climb(String name, Rung rung, Problem problem, double before) {
    float[] y = new float[problem.height() * problem.width() * problem.out()];
    rung.run(y);
    double error = problem.error(y);
    Yardstick yardstick = new Yardstick();
    Timing.Unit peak = new Timing.Unit(yardstick::multiplyAdd, Yardstick.FLOPS);
    Clock clock = rung instanceof Threads ? Clock.WALL : Clock.THREAD;
    Timing timing = Timing.of(() -> rung.run(y), problem.flops(), peak, clock, SECONDS);
    System.out.printf(
        "%-14s %9.2f %9.1f %8.1f %9.2f %9.1e%n",
        name,
        1e3 * timing.seconds(),
        problem.flops() / timing.seconds() / 1e9,
        100 * timing.share(),
        timing.share() / before,
        error);
    return timing.share();
  }
}
