package dev.peregrine.yolo.scaling;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.scaling.LayerCost.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What a traced network costs, layer by layer, and how far its layers see.
 *
 * <p>Layers are convolutions, pools and upsamplings; normalisations, activations and sums belong to
 * the layer before them, and joins move nothing.
 *
 * <p><b>Formula</b> of the receptive field: 1 at the input; a window of {@code k} taps in steps of
 * {@code d} adds {@code (k-1)*d*step}, its stride multiplies the step; an upsampling divides the
 * step; where maps meet, the widest counts.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", sections 3.2 and 3.3.
 *
 * @param layers in the order of the graph
 * @param fields the receptive fields of the outputs, rows of the input
 * @param parameters learned numbers, without running statistics
 */
public record NetworkCost(List<LayerCost> layers, List<Double> fields, long parameters) {
  /** Copies the lists. */
  public NetworkCost {
    layers = List.copyOf(layers);
    fields = List.copyOf(fields);
  }

  private record Reach(double step, double field) {
    Reach through(int kernel, int dilation, int stride) {
      return new Reach(step * stride, field + (double) (kernel - 1) * dilation * step);
    }
  }

  /**
   * Traces a network on one picture, without numbers, and counts.
   *
   * @param model the network
   * @param height rows of the input
   * @param width columns of the input
   * @return its cost
   */
  public static NetworkCost of(Model model, int height, int width) {
    return of(
        Tracer.trace(
            List.of(Spec.f32(1, height, width, 3)),
            inputs -> model.forward(Params.symbolic(), inputs.getFirst())));
  }

  /**
   * Counts a traced network.
   *
   * @param graph the network, before or after passes
   * @return its cost
   */
  public static NetworkCost of(Graph graph) {
    Map<Value, Reach> reaches = new HashMap<>();
    graph.inputs().forEach(input -> reaches.put(input, new Reach(1, 1)));
    List<LayerCost> layers = new ArrayList<>();
    for (Node node : graph.nodes()) {
      List<Reach> met =
          node.inputs().stream().filter(reaches::containsKey).map(reaches::get).toList();
      if (met.isEmpty()) { // made of constants alone
        continue;
      }
      double field = met.stream().mapToDouble(Reach::field).max().orElseThrow();
      Reach reach = new Reach(met.getFirst().step, field);
      if (node.op() instanceof Conv2d conv) {
        reach = through(conv.window(), reach);
        layers.add(layer(graph, node, Kind.CONVOLUTION, conv.window(), conv.groups(), reach));
      } else if (node.op() instanceof MaxPool pool) {
        reach = through(pool.window(), reach);
        layers.add(layer(graph, node, Kind.POOL, pool.window(), 1, reach));
      } else if (node.op() instanceof AvgPool pool) {
        reach = through(pool.window(), reach);
        layers.add(layer(graph, node, Kind.POOL, pool.window(), 1, reach));
      } else if (node.op() instanceof Upsample upsample) {
        reach = new Reach(reach.step / upsample.factor(), reach.field);
        Window repeated = Window.of(1).stride(upsample.factor());
        layers.add(layer(graph, node, Kind.UPSAMPLE, repeated, 1, reach));
      }
      for (Value output : node.outputs()) {
        reaches.put(output, reach);
      }
    }
    List<Double> fields =
        graph.outputs().stream()
            .map(output -> reaches.getOrDefault(output, new Reach(0, 0)).field)
            .toList();
    return new NetworkCost(layers, fields, graph.parameters());
  }

  private static Reach through(Window window, Reach reach) {
    return reach.through(window.kernelHeight(), window.dilationHeight(), window.strideHeight());
  }

  private static LayerCost layer(
      Graph graph, Node node, Kind kind, Window window, int groups, Reach reach) {
    return new LayerCost(
        graph.name(node.output()),
        kind,
        window.kernelHeight() * window.kernelWidth(),
        window.strideHeight(),
        groups,
        node.input(0).spec().shape(),
        node.output().spec().shape(),
        reach.step,
        reach.field);
  }

  private long sum(ToLongFunction<LayerCost> what) {
    return layers.stream().mapToLong(what).sum();
  }

  /**
   * Counts the operations of the convolutions.
   *
   * @return two for each multiply-add
   */
  public long flops() {
    return 2 * sum(LayerCost::multiplyAdds);
  }

  /**
   * Sums up what the layers read and write.
   *
   * @return elements of inputs, outputs and weights
   */
  public long memoryAccess() {
    return sum(LayerCost::memoryAccess);
  }

  /**
   * Sums up what goes into and out of convolutions and pools.
   *
   * @return elements
   */
  public long cio() {
    return sum(LayerCost::cio);
  }

  /**
   * Sums up the maps that the layers give.
   *
   * @return elements
   */
  public long activations() {
    return sum(layer -> layer.output().size());
  }

  /**
   * Sums up the time of the layers.
   *
   * @param times how long each takes
   * @return milliseconds
   */
  public double milliseconds(LayerTimes times) {
    return layers.stream().mapToDouble(times::milliseconds).sum();
  }
}
