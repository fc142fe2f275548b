package dev.peregrine.bench;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.device.DeviceException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks the SIMD device's choice of convolution algorithms against all that can do the job.
 *
 * <p>Each algorithm runs in a process of its own, forced by a system property that is read once.
 * The processes take turns for some rounds, and their shares of the peak are compared by the median
 * over the rounds. Where the chosen algorithm is more than five percent slower than the best, the
 * line says by how much, and the exit status is 1.
 *
 * <p>Arguments: {@code net=tiny kind=forward batch=1 rounds=3}; kinds are {@code forward}, {@code
 * training} and {@code by_input}.
 */
public final class KernelChoice {
  private static final String DEFAULTS = "net=tiny kind=forward batch=1 rounds=3";
  private static final String PROPERTY = "dev.peregrine.simd.convolution";
  private static final List<String> ALGORITHMS =
      List.of("", "direct", "winograd", "fine", "polyphase", "matrix");
  private static final double ALLOWED = 0.05;

  private KernelChoice() {}

  /** All samples of a layer: which algorithm the device chose, and the shares of each. */
  private record Samples(String label, String chosen, Map<String, List<Double>> shares) {
    double median(String algorithm) {
      List<Double> sorted = shares.getOrDefault(algorithm, List.of()).stream().sorted().toList();
      return sorted.get(sorted.size() / 2);
    }

    String best() {
      return shares.keySet().stream()
          .max((a, b) -> Double.compare(median(a), median(b)))
          .orElse(chosen);
    }

    double loss() {
      return median(best()) / median(chosen) - 1;
    }

    String line() {
      StringBuilder line = new StringBuilder(String.format("%-38s", label));
      for (String algorithm : shares.keySet()) {
        line.append(
            String.format(
                "  %s%s %.1f",
                algorithm, algorithm.equals(chosen) ? " (chosen)" : "", 100 * median(algorithm)));
      }
      return loss() <= ALLOWED
          ? line.toString()
          : line.append(String.format("  OFF BY %.0f %%", 100 * loss())).toString();
    }
  }

  /**
   * Prints one line a layer, with each algorithm's percent of the peak.
   *
   * @param arguments see above
   * @throws IOException if a process cannot be started
   * @throws InterruptedException if this one is stopped
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Settings settings = Settings.of(arguments, DEFAULTS);
    requireValid(settings);
    Map<String, Samples> layers = new LinkedHashMap<>();
    for (int round = 0; round < settings.number("rounds"); round++) {
      for (String algorithm : ALGORITHMS) {
        for (String row : fork(algorithm, settings)) {
          String[] columns = row.split("\t");
          layers
              .computeIfAbsent(
                  columns[0], label -> new Samples(label, columns[1], new LinkedHashMap<>()))
              .shares
              .computeIfAbsent(columns[1], _ -> new ArrayList<>())
              .add(Double.valueOf(columns[2]));
        }
      }
    }
    layers.values().forEach(samples -> System.out.println(samples.line()));
    long wrong = layers.values().stream().filter(samples -> samples.loss() > ALLOWED).count();
    System.out.println(wrong + " of " + layers.size() + " choices are off by more than 5 %");
    System.exit(wrong == 0 ? 0 : 1);
  }

  /** Refuses what the processes would refuse, whose own sentences nobody reads. */
  private static void requireValid(Settings settings) {
    settings.number("batch");
    if (settings.layers().isEmpty()) {
      throw new FormatException(
          "kernel choice: " + settings.text("net") + " has no layer of kind " + settings.kind());
    }
  }

  private static List<String> fork(String algorithm, Settings settings)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    if (!algorithm.isEmpty()) {
      command.add("-D" + PROPERTY + "=" + algorithm);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(KernelChoiceRound.class.getName());
    for (String key : List.of("net", "kind", "batch")) {
      command.add(key + "=" + settings.text(key));
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new DeviceException(
          "kernel choice: a process failed; to see why run " + String.join(" ", command));
    }
    return text.lines().toList();
  }
}
