package dev.peregrine.bench;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints {@code layers.txt} from the cfgs of the networks.
 *
 * <p>Convolutions, poolings and upsamplings are those of the graph that a plan runs, batch norms
 * those of the graph that training records. Its one argument is the folder of darknet's cfgs.
 */
public final class WriteLayers {
  private record Net(String name, String cfg, int size) {}

  private static final List<Net> NETS =
      List.of(
          new Net("tiny", "yolov4-tiny", 416),
          new Net("csp", "yolov4-csp", 512),
          new Net("v4", "yolov4", 608),
          new Net("p5", "yolov4-p5", 896),
          new Net("p6", "yolov4-p6", 1280),
          // Beyond the family: convolutions in 32 groups, and depthwise ones.
          new Net("resnext", "csresnext50-panet-spp-original-optimal", 512),
          new Net("enet", "enet-coco", 416));

  private WriteLayers() {}

  /**
   * Prints the file.
   *
   * @param arguments the folder of the cfgs
   */
  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      throw new FormatException("bench: give one argument, the folder of darknet's cfg files");
    }
    System.out.println("# Made by dev.peregrine.bench.WriteLayers from darknet's cfgs.");
    System.out.printf(
        "%-9s %-10s %-13s %-13s %-13s %-16s %s%n",
        "# net", "op", "window", "input", "output", "epilogue", "count");
    for (Net net : NETS) {
      CfgFile cfg = CfgFile.read(Path.of(arguments[0], net.cfg + ".cfg"));
      layers(net, cfg).forEach(System.out::println);
    }
  }

  private static List<Layer> layers(Net net, CfgFile cfg) {
    String name = net.name + "@" + net.size;
    Graph plan = Passes.inference().apply(trace(cfg, net.size, false));
    List<Node> nodes = new ArrayList<>(plan.nodes());
    trace(cfg, net.size, true).nodes().stream()
        .filter(node -> node.op() instanceof BatchNormTrain)
        .forEach(nodes::add);
    Map<Layer, Integer> counts = new LinkedHashMap<>();
    for (Node node : nodes) {
      if (belongs(node.op())) {
        Shape input = node.inputSpecs().get(0).shape();
        Shape output = node.outputSpecs().get(0).shape();
        counts.merge(new Layer(name, node.op(), input, output, 1), 1, Integer::sum);
      }
    }
    List<Layer> layers = new ArrayList<>();
    counts.forEach((layer, count) ->
        layers.add(new Layer(name, layer.op(), layer.input(), layer.output(), count)));
    return layers;
  }

  private static boolean belongs(Op op) {
    return op instanceof Conv2d
        || op instanceof MaxPool
        || op instanceof Upsample
        || op instanceof BatchNormTrain;
  }

  private static Graph trace(CfgFile cfg, int size, boolean training) {
    Params params = Params.symbolic().training(training);
    return Tracer.trace(
        List.of(Spec.f32(1, size, size, 3)),
        inputs -> new CfgModel(cfg).forward(params, inputs.get(0)));
  }
}
