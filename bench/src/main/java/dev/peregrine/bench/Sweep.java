package dev.peregrine.bench;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A table of all distinct layers of a network in about a minute: the daily instrument.
 *
 * <p>Each layer runs in turns with the machine's peak (or with a copy, where memory bounds it), and
 * the table shows medians by the thread's CPU time; with more than one thread, by the clock on the
 * wall and against as many times the peak of one.
 *
 * <p>Arguments: {@code net=tiny|csp|v4|p5|p6 kind=forward batch=1 threads=1 seconds=40 only=TEXT};
 * kinds are those of {@code Kind}, {@code only} keeps layers whose label contains the text, such as
 * {@code 3x3p1}.
 */
public final class Sweep {
  private static final String DEFAULTS = "net=tiny kind=forward batch=1 threads=1 seconds=40 only=";

  private Sweep() {}

  /**
   * Prints the table.
   *
   * @param arguments see above
   */
  public static void main(String[] arguments) {
    Settings settings = Settings.of(arguments, DEFAULTS);
    int threads = settings.number("threads");
    List<Layer> layers =
        settings.layers().stream()
            .filter(layer -> layer.label().contains(settings.text("only")))
            .toList();
    if (layers.isEmpty()) {
      throw new FormatException(
          "bench: "
              + settings.text("net")
              + " has no such layer as only="
              + settings.text("only")
              + " for "
              + settings.kind());
    }
    System.out.printf(
        "%s %s, batch %s, %d thread(s), %s time; peak and copy of the same moments%n",
        settings.text("net"), settings.kind(), settings.text("batch"), threads, clock(threads));
    double seconds = settings.number("seconds") / (double) layers.size();
    run(settings.kind(), layers, settings.number("batch"), threads, seconds);
  }

  private static Clock clock(int threads) {
    return threads == 1 ? Clock.THREAD : Clock.WALL;
  }

  private static void run(Kind kind, List<Layer> layers, int batch, int threads, double seconds) {
    Device device = Devices.open("cpu:" + threads);
    Yardstick yardstick = new Yardstick();
    boolean arithmetic = kind.isArithmetic();
    Timing.Unit unit =
        arithmetic
            ? new Timing.Unit(yardstick::multiplyAdd, threads * Yardstick.FLOPS)
            : new Timing.Unit(yardstick::copy, Yardstick.BYTES);
    System.out.printf(
        "%-38s %3s %9s %9s %8s %6s  %s%n",
        "layer",
        "n",
        "ms",
        "n x ms",
        arithmetic ? "GFLOP/s" : "GB/s",
        arithmetic ? "% peak" : "% copy",
        "algorithm");
    Set<String> seen = new HashSet<>();
    double total = 0;
    double amount = 0;
    double ideal = 0;
    for (Layer layer : layers) {
      Prepared prepared = Prepared.of(kind, layer, batch, device);
      if (seen.add(prepared.kernel().algorithm())) {
        Timing.heat(prepared);
      }
      long each = arithmetic ? prepared.flops() : prepared.bytes();
      Timing timing = Timing.of(prepared, each, unit, clock(threads), seconds / 2);
      double all = layer.count() * timing.seconds();
      total += all;
      amount += (double) layer.count() * each;
      ideal += all * timing.share();
      System.out.printf(
          "%-38s %3d %9.3f %9.3f %8.1f %6.1f  %s%n",
          layer.label(),
          layer.count(),
          1e3 * timing.seconds(),
          1e3 * all,
          each / timing.seconds() / 1e9,
          100 * timing.share(),
          prepared.kernel().algorithm());
    }
    System.out.printf(
        "%-38s %3s %9s %9.3f %8.1f %6.1f%n",
        "all", "", "", 1e3 * total, amount / total / 1e9, 100 * ideal / total);
  }
}
