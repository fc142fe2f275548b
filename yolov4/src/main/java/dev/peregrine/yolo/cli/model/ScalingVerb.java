package dev.peregrine.yolo.cli.model;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.scaling.Budget;
import dev.peregrine.yolo.scaling.CompoundScaling;
import dev.peregrine.yolo.scaling.CompoundScaling.Answer;
import dev.peregrine.yolo.scaling.CompoundScaling.Proposal;
import dev.peregrine.yolo.scaling.CompoundScaling.Trial;
import dev.peregrine.yolo.scaling.CompoundScaling.Tried;
import dev.peregrine.yolo.scaling.LayerCost;
import dev.peregrine.yolo.scaling.MeasuredTimes;
import dev.peregrine.yolo.scaling.NetworkCost;
import dev.peregrine.yolo.scaling.ScaledNetwork;
import dev.peregrine.yolo.scaling.ScalingTable;
import dev.peregrine.yolo.scaling.ScalingTables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Prints the analysis of scaling: the paper's tables, a network's layers, or a search. */
public final class ScalingVerb implements Verb {
  private static final ScalingTables.Sizes SIZES = ScalingTables.Sizes.DEFAULT;
  private static final Key<Integer> TABLE =
      Key.whole(
          "table",
          "",
          1,
          ScalingTables.COUNT,
          "the paper's table of this number, 1 to " + ScalingTables.COUNT + ", computed");
  private static final Key<Double> LATENCY =
      Key.number(
          "latency",
          "",
          0,
          Double.MAX_VALUE,
          "search: milliseconds of the network for one picture, by times of layers measured on this"
              + " machine");
  private static final Key<Double> FLOPS =
      Key.number(
          "flops",
          "",
          0,
          Double.MAX_VALUE,
          "search: 10^9 operations for one picture, a multiply-add as two");
  private static final Key<String> MODEL =
      Key.text(
          ModelLoader.MODEL.name(),
          "",
          "a network, as for summary: receptive field, MAC and CIO of each of its layers");
  private static final Key<Boolean> CHECK =
      Key.flag(
          "check",
          true,
          "latency=: run the network that was found, and search again if it is slower");
  private static final Key<Integer> CLASSES =
      Key.whole("classes", "80", 1, 100_000, "search: classes of the networks");
  private static final Key<Integer> MAP =
      Key.whole("map", text(SIZES.side()), 1, 1 << 14, "table=1..3, 5: w = h, sides of the map");
  private static final Key<Integer> CHANNELS =
      Key.whole("channels", text(SIZES.channels()), 2, 1 << 14, "table=1..5: b, of the stage");
  private static final Key<Integer> GROWTH =
      Key.whole("growth", text(SIZES.growth()), 1, 1 << 14, "table=3..5: g, channels of a layer");
  private static final Key<Integer> LAYERS =
      Key.whole("layers", text(SIZES.layers()), 1, 1000, "table=1..5: k, layers of the stage");
  private static final Key<Integer> TAU =
      Key.whole("tau", text(SIZES.tau()), 1, 1 << 14, "table=4: channels moved at once");
  private static final Key<Path> JSON = Key.path("json", "also write the result to this file");
  private static final int RUNS = 7;
  private static final int CHECKS = 3;

  private static String text(long number) {
    return String.valueOf(number);
  }

  @Override
  public String name() {
    return "scaling";
  }

  @Override
  public String summary() {
    return "computes the scaling analysis of the paper, or searches the network for a budget";
  }

  @Override
  public String example() {
    return "./yolo scaling latency=500";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        TABLE,
        LATENCY,
        FLOPS,
        MODEL,
        ModelLoader.IMGSZ,
        ModelLoader.NAMES,
        CHECK,
        CLASSES,
        MAP,
        CHANNELS,
        GROWTH,
        LAYERS,
        TAU,
        JSON);
  }

  @Override
  public int run(Call call) {
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    if (Stream.of(TABLE, LATENCY, FLOPS, MODEL).filter(call::has).count() != 1) {
      throw new UsageException(
          "scaling: one of table=, latency=, flops= and model= says what to do; './yolo scaling"
              + " --help' explains them");
    }
    Map<String, Object> result;
    if (call.has(TABLE)) {
      result = table(call);
    } else if (call.has(MODEL)) {
      result = layers(call);
    } else if (call.has(FLOPS)) {
      Budget budget = Budget.flops(call.get(FLOPS));
      Answer answer = new CompoundScaling(call.get(CLASSES)).search(budget);
      print(call, budget, answer);
      result = json(budget, answer);
    } else {
      result = latency(call);
    }
    call.find(JSON).ifPresent(file -> Json.write(file, result));
    return Failure.NONE;
  }

  private static Map<String, Object> table(Call call) {
    ScalingTables.Sizes sizes =
        new ScalingTables.Sizes(
            call.get(MAP), call.get(CHANNELS), call.get(GROWTH), call.get(LAYERS), call.get(TAU));
    ScalingTable table = ScalingTables.of(call.get(TABLE), sizes);
    call.print(table.toString().stripTrailing());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("table", table.number());
    all.put("title", table.title());
    all.put("columns", table.columns());
    all.put("rows", table.rows());
    all.put("notes", table.notes());
    return all;
  }

  private static Map<String, Object> layers(Call call) {
    DetectionModel model = ModelLoader.network(call);
    InputSize size = model.inputSize();
    NetworkCost cost = NetworkCost.of(model, size.height(), size.width());
    call.print(
        "layer            taps/stride                output     MMAC      MAC      CIO  field");
    List<Map<String, Object>> rows = new ArrayList<>();
    for (LayerCost layer : cost.layers()) {
      String kind = layer.kind().name().toLowerCase(Locale.ROOT);
      call.print(
          String.format(
              Locale.ROOT,
              "%-6s%-12s%3d/%d %28s %8.1f %7.2fM %7.2fM %6.0f",
              layer.value(),
              kind,
              layer.taps(),
              layer.stride(),
              layer.output(),
              layer.multiplyAdds() / 1e6,
              layer.memoryAccess() / 1e6,
              layer.cio() / 1e6,
              layer.field()));
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("layer", layer.value());
      row.put("type", kind);
      row.put("taps", layer.taps());
      row.put("stride", layer.stride());
      row.put("groups", layer.groups());
      row.put("output", layer.output().toString());
      row.put("multiply_adds", layer.multiplyAdds());
      row.put("mac", layer.memoryAccess());
      row.put("cio", layer.cio());
      row.put("receptive_field", layer.field());
      rows.add(row);
    }
    call.print(
        String.format(
            Locale.ROOT,
            "%s at %s: %,d parameters, %.3f GFLOP; MAC (memory access) %.1f M and CIO (input and"
                + " output) %.1f M elements; the heads see %s pixels",
            model.name(),
            size,
            cost.parameters(),
            cost.flops() / 1e9,
            cost.memoryAccess() / 1e6,
            cost.cio() / 1e6,
            fields(cost)));
    Map<String, Object> all = counts(cost);
    all.put("layers", rows);
    return all;
  }

  private static String fields(NetworkCost cost) {
    return String.join(", ", cost.fields().stream().map(field -> text(Math.round(field))).toList());
  }

  /** Searches by measured times; a network that turns out slower corrects them. */
  private static Map<String, Object> latency(Call call) {
    Device device = call.device();
    double limit = call.get(LATENCY);
    Budget.latency(limit, layer -> 0); // a wrong limit is told before anything is measured
    call.print("device: " + device.description());
    List<ScaledNetwork> candidates = MeasuredTimes.candidates();
    candidates.forEach(network -> call.print("measuring the layers of " + network));
    MeasuredTimes times = MeasuredTimes.measure(device, candidates, RUNS);
    Tried tried =
        new CompoundScaling(call.get(CLASSES))
            .searchAndRun(
                limit,
                times,
                network -> MeasuredTimes.milliseconds(device, network, RUNS),
                call.get(CHECK) ? CHECKS : 0);
    for (Trial trial : tried.trials()) {
      call.print(
          String.format(
              Locale.ROOT,
              "%s: %.1f ms expected, %.1f ms measured",
              trial.proposal().network(),
              trial.proposal().cost(),
              trial.measured()));
    }
    Budget budget = Budget.latency(limit, times);
    print(call, budget, tried.answer());
    Map<String, Object> result = json(budget, tried.answer());
    if (tried.confirmed()) {
      result.put("measured_ms", tried.trials().getLast().measured());
    } else if (call.get(CHECK)) {
      call.print(
          "this one was not run: after %d that were slower than expected the machine seems busy"
              .formatted(CHECKS));
    }
    return result;
  }

  private static void print(Call call, Budget budget, Answer answer) {
    call.print(
        String.format(
            Locale.ROOT,
            "the widest network of each size within %s %s:",
            budget.limit(),
            budget.unit()));
    call.print(
        "size  stages width depth  parameters    GFLOP  maps (M)   CIO (M)   MAC (M)  field  "
            + budget.unit());
    answer.widest().forEach(proposal -> call.print(row(proposal)));
    call.print("to train:");
    call.print(row(answer.best()));
    ScaledNetwork network = answer.best().network();
    call.print("./yolo train model=%s imgsz=%d data=...".formatted(name(network), network.size()));
  }

  /** The name under which a network can be trained; that of P7 has a width of 1.25 in it. */
  private static String name(ScaledNetwork network) {
    Scale scale = network.scale();
    return network.stages() < 7
        ? scale.of("yolov4-p" + network.stages())
        : new Scale(scale.width() / 1.25, scale.depth()).of("yolov4-p7-yaml");
  }

  private static String row(Proposal proposal) {
    ScaledNetwork network = proposal.network();
    NetworkCost counts = proposal.counts();
    return String.format(
        Locale.ROOT,
        "%4d  %6d %5.3f %5.3f %11.2fM %8.1f %9.1f %9.1f %9.1f %6.0f  %.1f",
        network.size(),
        network.stages(),
        network.scale().width(),
        network.scale().depth(),
        counts.parameters() / 1e6,
        counts.flops() / 1e9,
        counts.activations() / 1e6,
        counts.cio() / 1e6,
        counts.memoryAccess() / 1e6,
        counts.fields().getLast(),
        proposal.cost());
  }

  private static Map<String, Object> json(Budget budget, Answer answer) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("budget", budget.limit());
    all.put("unit", budget.unit());
    all.put("best", json(answer.best()));
    all.put("widest", answer.widest().stream().map(ScalingVerb::json).toList());
    return all;
  }

  private static Map<String, Object> json(Proposal proposal) {
    ScaledNetwork network = proposal.network();
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("size", network.size());
    one.put("stages", network.stages());
    one.put("width", network.scale().width());
    one.put("depth", network.scale().depth());
    one.put("cost", proposal.cost());
    one.putAll(counts(proposal.counts()));
    return one;
  }

  private static Map<String, Object> counts(NetworkCost cost) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("parameters", cost.parameters());
    one.put("bflops", cost.flops() / 1e9);
    one.put("activations", cost.activations());
    one.put("mac", cost.memoryAccess());
    one.put("cio", cost.cio());
    one.put("receptive_fields", cost.fields());
    return one;
  }
}
