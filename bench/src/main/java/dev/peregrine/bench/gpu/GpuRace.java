package dev.peregrine.bench.gpu;

import dev.peregrine.bench.Settings;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Measures whole networks on a graphics card beside PyTorch, in turns on the same card: latency,
 * throughput, the training step, and the share of the peak of each kind of kernel.
 *
 * <p>Arguments, all {@code key=value}, with what holds without them:
 *
 * <ul>
 *   <li>{@code devices=opencl,opencl:auto@tf32,opencl:auto@bf16,opencl:auto@fp16}: ours, one side
 *       for each, the first one that the others are held against; one of the others that cannot be
 *       opened is told of and left out
 *   <li>{@code nets=yolov4-tiny@416,yolov4-csp@640,yolov4-p5@896,yolov4-p6@1280}
 *   <li>{@code batches=1,8,32}: of inference; {@code training=8}: of the training step, none where
 *       it is 0
 *   <li>{@code precisions=fp32,tf32,fp16}: PyTorch's, one side for each
 *   <li>{@code rounds=5}, {@code slice=1000}: milliseconds of measuring in each turn; each step is
 *       timed as often as there are rounds
 *   <li>{@code slowest=8}: steps that are listed of each network
 *   <li>{@code python=python3}: what starts Python
 *   <li>{@code out=}: a folder for {@code gpu.md} and {@code gpu.json}
 * </ul>
 */
public final class GpuRace {
  private static final String DEFAULTS =
      "devices=opencl,opencl:auto@tf32,opencl:auto@bf16,opencl:auto@fp16"
          + " nets=yolov4-tiny@416,yolov4-csp@640,yolov4-p5@896,yolov4-p6@1280 batches=1,8,32"
          + " training=8 precisions=fp32,tf32,fp16 rounds=5 slice=1000 slowest=8 python=python3"
          + " out=";

  /** How far heads may be off, as a share of the largest number or of 1. */
  private static final Map<String, Double> TOLERANCES =
      Map.of("fp32", 2e-3, "tf32", 5e-2, "fp16", 5e-2);

  private final Settings settings;
  private final Path folder;
  private final Function<String, Device> opening;
  private final List<OwnSide> own = new ArrayList<>();
  private final List<Side> sides = new ArrayList<>();
  private final Report report;

  private GpuRace(Settings settings, Path folder, Function<String, Device> opening) {
    this.settings = settings;
    this.folder = folder;
    this.opening = opening;
    this.report = new Report(settings.number("slowest"));
  }

  /**
   * Runs the race and prints its table.
   *
   * @param args as above
   */
  public static void main(String[] args) throws IOException {
    try {
      System.out.print(run(args));
    } catch (DeviceException | IllegalArgumentException fault) {
      System.err.println(fault.getMessage());
      System.exit(2);
    }
    System.exit(0);
  }

  /**
   * Runs the race.
   *
   * @param args as {@link #main} takes them
   * @return the table
   */
  static String run(String... args) throws IOException {
    return run(Devices::open, args);
  }

  /** Runs the race on devices that are opened in any way, so that tests can hand in theirs. */
  static String run(Function<String, Device> opening, String... args) throws IOException {
    Settings settings = Settings.of(args, DEFAULTS);
    GpuRace race = new GpuRace(settings, Files.createTempDirectory("gpu-race"), opening);
    TorchProcess torch = null;
    try {
      torch = race.open();
      for (String net : words(settings, "nets")) {
        race.race(Contest.of(net, race.folder));
      }
    } finally {
      if (torch != null) {
        torch.close();
      }
      race.clean();
    }
    String table = race.report.markdown();
    if (!settings.text("out").isEmpty()) {
      Path out = Files.createDirectories(Path.of(settings.text("out")));
      Files.writeString(out.resolve("gpu.md"), table);
      Files.writeString(out.resolve("gpu.json"), race.report.json());
    }
    return table;
  }

  private static List<String> words(Settings settings, String key) {
    return Arrays.stream(settings.text(key).split(",")).filter(word -> !word.isBlank()).toList();
  }

  private static int count(String text) {
    if (!text.matches("\\d{1,6}")) {
      throw new IllegalArgumentException("gpu race: '" + text + "' is no number of pictures");
    }
    return Integer.parseInt(text);
  }

  /** Opens our devices and PyTorch; returns null where the latter is not to be had. */
  private @Nullable TorchProcess open() throws IOException {
    words(settings, "batches").forEach(GpuRace::count);
    for (String name : words(settings, "devices")) {
      Device device;
      try {
        device = opening.apply(name);
      } catch (DeviceException cannot) {
        if (own.isEmpty()) {
          throw cannot;
        }
        report.fact("peregrine " + name, "left out: " + cannot.getMessage());
        continue;
      }
      OwnSide side = new OwnSide(device);
      report.fact(side.name(), device.description());
      // The first measurement may hold the driver's compiling.
      report.peak(side.name(), Math.max(device.peakGigaflops(), device.peakGigaflops()));
      double cores = Math.max(side.tensorCoreGigaflops(), side.tensorCoreGigaflops());
      if (!Double.isNaN(cores)) {
        report.peak(side.name() + Report.TENSOR_CORES, cores);
      }
      own.add(side);
      sides.add(side);
    }
    try {
      TorchProcess torch = new TorchProcess(settings.text("python"), folder);
      report.fact("torch", torch.facts().toString());
      for (String precision : words(settings, "precisions")) {
        TorchSide side = new TorchSide(torch, precision);
        String peak = torch.ask("peak", precision).getOrDefault("gflops", "NaN");
        report.peak(side.name(), Double.parseDouble(peak));
        sides.add(side);
      }
      return torch;
    } catch (TorchProcess.Failure missing) {
      String sentence = missing.getMessage() + "; our side is measured alone";
      System.err.println(sentence);
      report.fact("torch", sentence);
      return null;
    }
  }

  private void race(Contest contest) throws IOException {
    System.err.println(contest.name() + " ...");
    List<Side> agreeing = agreeing(contest);
    double flops = contest.flops();
    for (String text : words(settings, "batches")) {
      int batch = count(text);
      time(contest, agreeing, Side.Kind.INFERENCE, batch, flops * batch);
    }
    int batch = count(settings.text("training"));
    if (batch > 0) {
      time(contest, agreeing, Side.Kind.TRAINING, batch, 3 * flops * batch);
    }
    for (OwnSide side : own) {
      report.profile(
          contest.name(), side.name(), side.profile(contest, 1, settings.number("rounds")));
    }
  }

  /** Those whose heads are the first side's; the others are not timed. */
  private List<Side> agreeing(Contest contest) {
    float[] expected = sides.getFirst().heads(contest, folder);
    List<Side> agreeing = new ArrayList<>(List.of(sides.getFirst()));
    for (Side side : sides.subList(1, sides.size())) {
      String verdict;
      try {
        side.load(contest);
        double difference = difference(side.heads(contest, folder), expected);
        String precision = side.name().substring(side.name().lastIndexOf(' ') + 1);
        boolean agrees = difference <= TOLERANCES.getOrDefault(precision, 5e-2);
        verdict =
            String.format(
                Locale.ROOT,
                "%s, heads differ by %.1e",
                agrees ? "agrees" : "DISAGREES and is not timed",
                difference);
        if (agrees) {
          agreeing.add(side);
        }
      } catch (DeviceException | TorchProcess.Failure failure) {
        verdict = "cannot compute it: " + failure.getMessage();
      }
      report.fact(contest.name() + ", " + side.name(), verdict);
    }
    return agreeing;
  }

  /** The largest difference as a share of the largest number, or of 1. */
  static double difference(float[] found, float[] expected) {
    if (found.length != expected.length) {
      return Double.POSITIVE_INFINITY;
    }
    double difference = 0;
    double largest = 1;
    for (int i = 0; i < found.length; i++) {
      double one = Math.abs((double) found[i] - expected[i]);
      difference = Double.isNaN(one) ? Double.POSITIVE_INFINITY : Math.max(difference, one);
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return difference / largest;
  }

  private void time(Contest contest, List<Side> racing, Side.Kind kind, int batch, double flops) {
    List<Side> ready = new ArrayList<>();
    for (Side side : racing) {
      try {
        side.prepare(contest, kind, batch);
        ready.add(side);
      } catch (DeviceException | TorchProcess.Failure failure) {
        report.row(
            new Report.Row(
                contest.name(),
                kind,
                batch,
                side.name(),
                Double.NaN,
                flops,
                String.valueOf(failure.getMessage())));
      }
    }
    int rounds = settings.number("rounds");
    double[][] turns = new double[ready.size()][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < turns.length; i++) {
        turns[i][round] = ready.get(i).turn(settings.number("slice") / 1e3);
      }
    }
    for (int i = 0; i < turns.length; i++) {
      Arrays.sort(turns[i]);
      double median = turns[i][rounds / 2];
      report.row(
          new Report.Row(contest.name(), kind, batch, ready.get(i).name(), median, flops, ""));
      ready.get(i).close();
    }
  }

  private void clean() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
