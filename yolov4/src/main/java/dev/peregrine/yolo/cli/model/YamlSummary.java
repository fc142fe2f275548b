package dev.peregrine.yolo.cli.model;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.plan.MemoryPlan;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.yaml.YamlModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of a network whose description is a yaml: a row a block. */
final class YamlSummary {
  private final YamlModel model;
  private final Graph graph;
  private final List<Row> rows = new ArrayList<>();

  private record Row(int index, String text, String output, long parameters) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%3d %-44s %-20s %,12d", index, text, output, parameters);
    }
  }

  YamlSummary(YamlModel model) {
    this.model = model;
    Spec image = image();
    Params params = Params.symbolic();
    this.graph = Tracer.trace(List.of(image), in -> model.forward(params, in.getFirst()));
    List<String> texts = model.file().rowTexts();
    Tracer.trace(
        List.of(image),
        in -> {
          List<Tensor> outputs = model.rows(params, in.getFirst());
          for (int i = 0; i < texts.size(); i++) {
            String output = i < outputs.size() ? extents(outputs.get(i).shape()) : "";
            rows.add(new Row(i, texts.get(i), output, count(params, "model." + i + ".")));
          }
          return outputs;
        });
  }

  /** One picture at the network's size. */
  Spec image() {
    InputSize size = model.inputSize();
    return Spec.f32(1, size.height(), size.width(), 3);
  }

  private static String extents(Shape shape) {
    return shape.dim(2) + " x " + shape.dim(1) + " x " + shape.channels();
  }

  private static long count(Params params, String room) {
    return params.entries().stream()
        .filter(entry -> entry.path().startsWith(room))
        .filter(entry -> entry.kind() != Params.Kind.STATISTIC)
        .mapToLong(entry -> entry.value().shape().size())
        .sum();
  }

  /** Two operations a multiply-add of the convolutions, in 10^9. */
  private double bflops() {
    double sum = 0;
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Conv2d) {
        Shape filters = node.input(1).spec().shape();
        Shape out = node.output().spec().shape();
        sum += 2.0 * out.dim(1) * out.dim(2) * filters.size();
      }
    }
    return sum / 1e9;
  }

  private long parameters() {
    return rows.stream().mapToLong(Row::parameters).sum();
  }

  void print(Call call) {
    call.print(
        "row [from, number, module, args]                     output                 parameters");
    rows.forEach(row -> call.print(row.toString()));
    Graph fused = Passes.inference().apply(graph);
    call.print(
        String.format(
            Locale.ROOT,
            "%s: %d rows, input %s (height x width), %d classes",
            model.name(),
            rows.size(),
            model.inputSize(),
            model.classes()));
    call.print(String.format(Locale.ROOT, "parameters %,d", parameters()));
    call.print(
        String.format(
            Locale.ROOT, "operations of convolutions %.3f BFLOPs for one picture", bflops()));
    call.print("activations: " + MemoryPlan.of(fused));
    call.print(
        String.format(
            Locale.ROOT,
            "graph: %d operations, %d after folding and fusing",
            graph.nodes().size(),
            fused.nodes().size()));
  }

  Map<String, Object> json(MemoryForecast memory) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("parameters", parameters());
    all.put("bflops", bflops());
    all.put("memory_mib", memory.json());
    List<Map<String, Object>> list = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("index", row.index());
      one.put("row", row.text());
      one.put("output", row.output());
      one.put("parameters", row.parameters());
      list.add(one);
    }
    all.put("rows", list);
    return all;
  }
}
