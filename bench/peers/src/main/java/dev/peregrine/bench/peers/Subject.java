package dev.peregrine.bench.peers;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.RemoveDead;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.darknet.DarknetWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is raced: a network, its numbers, and pictures.
 *
 * @param model the network
 * @param params its numbers
 * @param batch pictures at once
 * @param size rows and columns
 * @param pictures {@code [batch, size, size, 3]}
 */
record Subject(CfgModel model, Params params, int batch, int size, float[] pictures) {
  static Subject of(Arguments arguments) {
    CfgFile cfg = cfg(arguments.text("net"));
    Path weights = arguments.path("weights");
    Params params =
        weights == null ? FormulaWeights.SPLIT_MIX.params(cfg) : DarknetWeights.read(cfg, weights);
    int batch = arguments.number("batch");
    int size = arguments.number("size");
    float[] one = FormulaWeights.SPLIT_MIX.picture(size, size, 3);
    float[] all = new float[batch * one.length];
    for (int i = 0; i < all.length; i++) {
      // Each picture of a batch is a little darker than the one before.
      int picture = i / one.length;
      all[i] = one[i % one.length] * (1 - 0.1f * picture);
    }
    return new Subject(new CfgModel(cfg), params, batch, size, all);
  }

  private static CfgFile cfg(String net) {
    if (Models.names().contains(net)) {
      return CfgOfModel.of(Models.named(net, 80));
    }
    return CfgFile.read(file(net, System.getenv("PEREGRINE_REFERENCE")));
  }

  private static Path file(String net, @Nullable String reference) {
    Path file = Path.of(net);
    return Files.isRegularFile(file) || reference == null
        ? file
        : Path.of(reference, "cfg", "darknet", net + ".cfg");
  }

  Spec spec() {
    return Spec.f32(batch, size, size, 3);
  }

  Graph trace() {
    Graph graph = Tracer.trace(List.of(spec()), inputs -> model.forward(params, inputs.get(0)));
    return new RemoveDead().apply(graph);
  }

  /** The pictures with channels first. */
  float[] channelsFirst() {
    return Layouts.channelsFirst(pictures, batch, size * size, 3);
  }
}
