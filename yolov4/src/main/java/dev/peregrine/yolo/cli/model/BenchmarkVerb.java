package dev.peregrine.yolo.cli.model;

import dev.peregrine.nn.Params;
import dev.peregrine.opencl.Tuning;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Findings;
import dev.peregrine.yolo.cli.input.Leftovers;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Picture;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** Times a detector from a picture in memory to its list of objects. */
public final class BenchmarkVerb implements Verb {
  private static final Key<Integer> BATCH =
      Key.whole("batch", "1", 1, 4096, "pictures in one run of the network");
  private static final Key<Integer> RUNS =
      Key.whole("runs", "20", 1, 1_000_000, "timed runs, after some that are not");
  private static final Key<Path> SOURCE =
      Key.path("source", "a picture; noise of 640x480 unless given");
  private static final Key<Boolean> TUNE =
      Key.flag(
          "tune",
          false,
          "first search this network's fastest tiles on an OpenCL device, for all later runs");
  private static final Key<Path> JSON = Key.path("json", "also write the numbers to this file");
  private static final long WARM_UP_NANOS = 2_000_000_000;
  private static final int WARM_UP_RUNS = 5;
  private static final int MOST_WARM_UP_RUNS = 200;

  @Override
  public String name() {
    return "benchmark";
  }

  @Override
  public String summary() {
    return "times a detector: latency, pictures a second, the shares of its parts, memory";
  }

  @Override
  public String example() {
    return "./yolo benchmark model=yolov4-tiny weights=random imgsz=416 runs=50";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        ShippedModel.MODEL,
        ModelLoader.WEIGHTS_OR_RANDOM,
        ModelLoader.NAMES,
        ModelLoader.IMGSZ,
        SOURCE,
        BATCH,
        RUNS,
        TUNE,
        JSON,
        Call.PRECISION);
  }

  @Override
  public int run(Call call) {
    ShippedModel.tell(call);
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    Device device = call.device();
    if (call.get(TUNE)) {
      Tuning.begin(device);
    }
    Picture picture = call.find(SOURCE).<Picture>map(Images::read).orElseGet(BenchmarkVerb::noise);
    int batch = call.get(BATCH);
    Detector detector = Leftovers.preloaded(ModelLoader.runnable(call, device), batch);
    List<Picture> pictures = Collections.nCopies(batch, picture);
    warmUp(() -> detector.detect(pictures));
    int runs = call.get(RUNS);
    double[] all = new double[runs];
    double[] fit = new double[runs];
    double[] network = new double[runs];
    double[] decode = new double[runs];
    for (int i = 0; i < runs; i++) {
      Findings timed = detector.findings(pictures);
      fit[i] = timed.fitNanos() / 1e6 / batch;
      network[i] = timed.runNanos() / 1e6 / batch;
      decode[i] = timed.decodeNanos() / 1e6 / batch;
      all[i] = fit[i] + network[i] + decode[i];
    }
    double speed = gigaflop(detector.model()) / percentile(network, 50) * 1e3;
    OptionalDouble memory = PeakMemory.megabytes();
    call.print("device: " + device.description());
    if (call.get(TUNE)) {
      call.print("tiles: " + Tuning.report());
    }
    call.print(
        String.format(
            Locale.ROOT,
            "%s %s batch %d: median %.2f ms a picture, p10 %.2f, p90 %.2f, p95 %.2f;"
                + " %.1f pictures/s",
            detector.model().name(),
            detector.settings().size(),
            batch,
            percentile(all, 50),
            percentile(all, 10),
            percentile(all, 90),
            percentile(all, 95),
            perSecond(all)));
    call.print(parts(percentile(fit, 50), percentile(network, 50), percentile(decode, 50), speed));
    memory.ifPresent(
        peak -> call.print(String.format(Locale.ROOT, "memory: at most %.0f MB resident", peak)));
    Map<String, Object> numbers = new LinkedHashMap<>();
    numbers.put("median_ms", percentile(all, 50));
    numbers.put("p10_ms", percentile(all, 10));
    numbers.put("p90_ms", percentile(all, 90));
    numbers.put("p95_ms", percentile(all, 95));
    numbers.put("images_per_second", perSecond(all));
    numbers.put("preprocess_ms", percentile(fit, 50));
    numbers.put("forward_ms", percentile(network, 50));
    numbers.put("decode_ms", percentile(decode, 50));
    numbers.put("gflops", speed);
    memory.ifPresent(peak -> numbers.put("peak_rss_mb", peak));
    numbers.put("batch", batch);
    numbers.put("runs", runs);
    numbers.put("device", device.description());
    call.find(JSON).ifPresent(file -> Json.write(file, numbers));
    return Failure.NONE;
  }

  private static double perSecond(double[] milliseconds) {
    return 1e3 * milliseconds.length / Arrays.stream(milliseconds).sum();
  }

  private static String parts(double fit, double forward, double decode, double speed) {
    double percent = 100 / (fit + forward + decode);
    return String.format(
        Locale.ROOT,
        "parts: preprocessing %.2f ms (%.0f %%), network %.2f ms (%.0f %%, %.0f GFLOP/s),"
            + " decoding and suppression %.2f ms (%.0f %%)",
        fit,
        fit * percent,
        forward,
        forward * percent,
        speed,
        decode,
        decode * percent);
  }

  /** Repeats work until compilers should be done with it. */
  static void warmUp(Runnable work) {
    long start = System.nanoTime();
    for (int i = 0; i < MOST_WARM_UP_RUNS; i++) {
      if (i >= WARM_UP_RUNS && System.nanoTime() - start > WARM_UP_NANOS) {
        return;
      }
      work.run();
    }
  }

  /** Numbers from 0 to 1, always the same. */
  static float[] noise(int size) {
    SplittableRandom random = new SplittableRandom(1);
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextDouble();
    }
    return numbers;
  }

  private static Image noise() {
    Image image = new Image(640, 480);
    float[] numbers = noise(image.rgb().length);
    System.arraycopy(numbers, 0, image.rgb(), 0, numbers.length);
    return image;
  }

  /** Operations for one picture, in units of 10^9, after folding. */
  private static double gigaflop(DetectionModel model) {
    InputSize size = model.inputSize();
    Spec image = Spec.f32(1, size.height(), size.width(), 3);
    return Passes.inference()
            .apply(
                Tracer.trace(
                    List.of(image), inputs -> model.forward(Params.symbolic(), inputs.getFirst())))
            .flops()
        / 1e9;
  }

  /** Linear between the two nearest ranks. */
  private static double percentile(double[] values, double percent) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double rank = percent / 100 * (sorted.length - 1);
    int below = (int) rank;
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
  }
}
