package dev.peregrine.yolo.cli.model;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.plan.Profile;
import dev.peregrine.tensor.plan.Step;
import dev.peregrine.yolo.cli.input.Leftovers;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.plot.ProfilePlot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what every step of a network costs, beside the peak of the machine. */
public final class ProfileVerb implements Verb {
  /** In which order steps are printed. */
  enum Order {
    RUN,
    TIME
  }

  private static final Key<Integer> BATCH =
      Key.whole("batch", "1", 1, 4096, "pictures in one run of the network");
  private static final Key<Integer> RUNS =
      Key.whole("runs", "9", 1, 100_000, "timed runs, of which the median counts");
  private static final Key<Order> SORT =
      Key.choice(
          "sort", "run", Order.class, "order of the table: run, or time for the slowest first");
  private static final Key<Path> JSON = Key.path("json", "also write the table to this file");
  private static final Key<Path> CHART =
      Key.path("chart", "also draw one bar a step to this picture, .png or .jpg");
  private static final int BAR = 40;

  @Override
  public String name() {
    return "profile";
  }

  @Override
  public String summary() {
    return "times every step of a network: kernel, ms, GFLOP/s, percent of the machine's peak";
  }

  @Override
  public String example() {
    return "./yolo profile model=yolov4-tiny weights=random imgsz=416";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        ShippedModel.MODEL,
        ModelLoader.WEIGHTS_OR_RANDOM,
        ModelLoader.NAMES,
        ModelLoader.IMGSZ,
        BATCH,
        RUNS,
        SORT,
        CHART,
        JSON);
  }

  @Override
  public int run(Call call) {
    ShippedModel.tell(call);
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    call.find(CHART).ifPresent(TextFiles::requireWritable);
    Device device = call.device();
    Plan plan = ModelLoader.runnable(call, device).prepare(call.get(BATCH));
    Leftovers.collect();
    int size = plan.input(0).spec().shape().size();
    plan.write(0, BenchmarkVerb.noise(size));
    BenchmarkVerb.warmUp(plan::run);
    Profile profile = plan.profile(call.get(RUNS));
    call.print("device: " + device.description());
    call.print(
        (call.get(SORT) == Order.TIME ? profile.slowestFirst() : profile)
            .toString()
            .stripTrailing());
    bars(call, profile);
    call.find(CHART)
        .ifPresent(file -> ProfilePlot.draw(profile, title(call, profile, device), file));
    call.find(JSON).ifPresent(file -> Json.write(file, json(profile)));
    return Failure.NONE;
  }

  private static String title(Call call, Profile profile, Device device) {
    return String.format(
        Locale.ROOT,
        "%s, batch %d: %.1f ms on %s",
        call.get(ShippedModel.MODEL),
        call.get(BATCH),
        profile.milliseconds(),
        device.description());
  }

  /** Draws the share of each kind of kernel. */
  private static void bars(Call call, Profile profile) {
    double total = profile.milliseconds();
    for (Profile.Family family : profile.families()) {
      int length = (int) Math.round(BAR * family.milliseconds() / total);
      if (length > 0) {
        call.print(String.format(Locale.ROOT, "%-24s %s", family.name(), "#".repeat(length)));
      }
    }
  }

  private static Map<String, Object> json(Profile profile) {
    List<Map<String, Object>> steps = new ArrayList<>();
    for (Profile.Row row : profile.rows()) {
      Step step = row.step();
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("step", step.value());
      one.put("op", step.op());
      one.put("algorithm", step.algorithm());
      one.put("output", step.output().shape().toString());
      one.put("bytes", step.bytes());
      one.put("gflop", step.flops() / 1e9);
      timed(one, row.milliseconds(), row.gigaflopsPerSecond(), profile);
      steps.add(one);
    }
    List<Map<String, Object>> families = new ArrayList<>();
    for (Profile.Family family : profile.families()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("kernels", family.name());
      one.put("steps", family.steps());
      timed(one, family.milliseconds(), family.gigaflopsPerSecond(), profile);
      families.add(one);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("ms", profile.milliseconds());
    all.put("gflop", profile.flops() / 1e9);
    if (!Double.isNaN(profile.peakGigaflops())) {
      all.put("peak_gflops", profile.peakGigaflops());
    }
    all.put("kernels", families);
    all.put("steps", steps);
    return all;
  }

  private static void timed(
      Map<String, Object> row, double milliseconds, double speed, Profile profile) {
    row.put("ms", milliseconds);
    row.put("gflops", speed);
    if (!Double.isNaN(profile.peakGigaflops())) {
      row.put("percent_of_peak", profile.percentOfPeak(speed));
    }
  }
}
