package dev.peregrine.yolo.cli.model;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.plan.MemoryPlan;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgNetwork;
import dev.peregrine.yolo.darknet.FeatureMap;
import dev.peregrine.yolo.darknet.Layer;
import dev.peregrine.yolo.yaml.YamlModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Prints a network as a table of layers, with what it costs. */
public final class SummaryVerb implements Verb {
  private static final Key<Path> JSON = Key.path("json", "also write the table to this file");
  private static final Key<Path> SVG =
      Key.path("svg", "also draw the network to this file, a box a layer and a column a size");

  @Override
  public String name() {
    return "summary";
  }

  @Override
  public String summary() {
    return "prints a network's layers, parameters, operations and memory";
  }

  @Override
  public String example() {
    return "./yolo summary model=yolov4-tiny imgsz=416";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        ShippedModel.MODEL,
        ModelLoader.IMGSZ,
        ModelLoader.NAMES,
        CfgAdapter.CLASSES,
        CfgAdapter.ANCHORS,
        MemoryForecast.BATCH,
        JSON,
        SVG);
  }

  @Override
  public int run(Call call) {
    ShippedModel.tell(call);
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    call.find(SVG).ifPresent(TextFiles::requireWritable);
    Optional<YamlModel> yaml = ModelLoader.yaml(call);
    if (yaml.isPresent()) {
      if (call.has(CfgAdapter.CLASSES) || call.has(CfgAdapter.ANCHORS)) {
        throw new UsageException(
            "classes= and anchors= adapt a cfg; a yaml says nc: and anchors: itself, and a name"
                + " takes its classes from names=");
      }
      YamlSummary summary = new YamlSummary(yaml.get());
      MemoryForecast memory =
          MemoryForecast.of(
              yaml.get(), summary.image(), call.get(MemoryForecast.BATCH), call.device());
      summary.print(call);
      memory.print(call);
      call.find(JSON).ifPresent(file -> Json.write(file, summary.json(memory)));
      draw(call, yaml.get()::toSvg);
      return Failure.NONE;
    }
    CfgFile cfg = CfgAdapter.adapt(call, ModelLoader.description(call));
    List<LayerRow> rows = LayerRow.of(cfg);
    call.print(LayerRow.HEADER);
    rows.forEach(row -> call.print(row.toString()));
    FeatureMap input = cfg.net().input();
    Spec image = Spec.f32(1, input.height(), input.width(), input.channels());
    MemoryForecast memory =
        MemoryForecast.of(
            new CfgNetwork(cfg), image, call.get(MemoryForecast.BATCH), call.device());
    printTotals(call, cfg, rows, image);
    memory.print(call);
    call.find(JSON).ifPresent(file -> Json.write(file, json(cfg, memory)));
    draw(call, cfg::toSvg);
    return Failure.NONE;
  }

  private static void draw(Call call, Supplier<String> drawing) {
    call.find(SVG)
        .ifPresent(file -> {
          TextFiles.write(file, drawing.get());
          call.print("drawing: " + file);
        });
  }

  private static void printTotals(Call call, CfgFile cfg, List<LayerRow> rows, Spec image) {
    FeatureMap input = cfg.net().input();
    CfgNetwork model = new CfgNetwork(cfg);
    Graph graph =
        Tracer.trace(List.of(image), inputs -> model.forward(Params.symbolic(), inputs.getFirst()));
    Graph fused = Passes.inference().apply(graph);
    long activations = rows.stream().mapToLong(LayerRow::bytes).sum();
    call.print(
        String.format(
            Locale.ROOT,
            "%s: %d layers, input %dx%d (height x width), %s",
            model.name(),
            rows.size(),
            input.height(),
            input.width(),
            end(cfg)));
    call.print(
        String.format(
            Locale.ROOT,
            "parameters %,d (with statistics, as in a weights file: %,d numbers, %.1f MB)",
            cfg.parameters(),
            cfg.storedFloats(),
            cfg.storedFloats() * 4 / 1e6));
    call.print(
        String.format(
            Locale.ROOT,
            "operations %.3f BFLOPs for one picture; the average layer gives %.1f K numbers",
            cfg.bflops(),
            averageOutput(cfg) / 1e3));
    call.print(
        String.format(
            Locale.ROOT,
            "activations: %s; all layers' outputs apart would take %.1f MiB",
            MemoryPlan.of(fused),
            mebi(activations)));
    call.print(
        String.format(
            Locale.ROOT,
            "graph: %d operations, %d after folding and fusing",
            graph.nodes().size(),
            fused.nodes().size()));
  }

  /** Numbers that a layer gives on average: of a classifier, up to the pool over the whole map. */
  private static double averageOutput(CfgFile cfg) {
    List<Layer> layers = cfg.layers();
    int end = layers.size();
    for (Layer layer : layers) {
      end = layer instanceof Layer.AvgPool pool && pool.global() ? layer.index() + 1 : end;
    }
    return layers.subList(0, end).stream()
        .mapToLong(layer -> layer.output().size())
        .average()
        .orElse(0);
  }

  private static String end(CfgFile cfg) {
    return cfg.heads().isEmpty()
        ? "output " + cfg.layers().getLast().output()
        : cfg.heads().getFirst().head().classes() + " classes";
  }

  private static double mebi(long bytes) {
    return bytes / (double) (1 << 20);
  }

  private static Map<String, Object> json(CfgFile cfg, MemoryForecast memory) {
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Layer layer : cfg.layers()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("index", layer.index());
      row.put("type", layer.kind());
      row.put("filters", LayerRow.filters(layer));
      row.put("size", LayerRow.size(layer));
      row.put("stride", LayerRow.stride(layer));
      row.put("input", extents(layer.input()));
      row.put("output", extents(layer.output()));
      row.put("parameters", layer.parameters());
      row.put("bflops", layer.bflops());
      layers.add(row);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("parameters", cfg.parameters());
    all.put("file_parameters", cfg.storedFloats());
    all.put("bflops", cfg.bflops());
    all.put("memory_mib", memory.json());
    all.put("layers", layers);
    return all;
  }

  private static List<Integer> extents(FeatureMap map) {
    return List.of(map.height(), map.width(), map.channels());
  }
}
