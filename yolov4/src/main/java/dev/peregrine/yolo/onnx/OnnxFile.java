package dev.peregrine.yolo.onnx;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import dev.peregrine.tensor.graph.FoldBatchNorm;
import dev.peregrine.tensor.graph.FuseEpilogue;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.RemoveDead;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.shape.Shape;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes networks as ONNX files.
 *
 * <p>Batch norms are folded into the convolutions before. The file holds one batch size and picture
 * size, those of the graph.
 */
public final class OnnxFile {
  private static final int FORMAT = 8;
  private static final int OPERATORS = 13;
  private static final int OPERATORS_WITH_MISH = 18;

  private OnnxFile() {}

  /**
   * Writes a graph.
   *
   * <p><b>Shapes</b> inputs and outputs of four axes are {@code [N, C, H, W]} in the file, all
   * others as in the graph; nothing is transposed between them unless the graph reshapes.
   *
   * <p><b>Errors</b> {@link FormatException} where an operation or element type cannot be written,
   * the names do not fit the graph, the network exceeds the format's 2 GiB, or the file cannot be
   * written; a file that was there stays then.
   *
   * @param graph a network in inference mode, as traced or after any passes; variables are written
   *     with their present numbers
   * @param options names and forms
   * @param file the file
   */
  public static void write(Graph graph, OnnxOptions options, Path file) {
    ProtoMessage model = model(graph, options);
    if (model.length() > Integer.MAX_VALUE) {
      throw new FormatException(
          file
              + ": the network takes "
              + model.length()
              + " bytes but an ONNX file holds at most "
              + Integer.MAX_VALUE);
    }
    try {
      WholeFile.make(
          file,
          beside -> {
            try (OutputStream out =
                new BufferedOutputStream(Files.newOutputStream(beside), 1 << 16)) {
              model.writeTo(out);
            }
          });
    } catch (IOException failure) {
      throw new FormatException(
          file + ": cannot be written: " + failure + "; a file that was there is still whole",
          failure);
    }
  }

  private static ProtoMessage model(Graph graph, OnnxOptions options) {
    Graph folded = new FoldBatchNorm().then(new FuseEpilogue()).then(new RemoveDead()).apply(graph);
    ProtoMessage model =
        new ProtoMessage()
            .integer(1, FORMAT)
            .text(2, "peregrine")
            .message(7, graph(folded, options))
            .message(
                8,
                new ProtoMessage()
                    .text(1, "")
                    .integer(
                        2, options.mish() == MishForm.OPERATOR ? OPERATORS_WITH_MISH : OPERATORS));
    options
        .metadata()
        .forEach((key, value) -> model.message(14, new ProtoMessage().text(1, key).text(2, value)));
    return model;
  }

  private static ProtoMessage graph(Graph graph, OnnxOptions options) {
    requireNames("inputs", options.inputs(), graph.inputs().size());
    if (!options.outputs().isEmpty()) {
      requireNames("outputs", options.outputs(), graph.outputs().size());
    }
    OnnxNodes nodes = new OnnxNodes();
    OnnxTranslation translation = new OnnxTranslation(graph, nodes, options.mish());
    List<ProtoMessage> inputs = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Value.Input input = graph.inputs().get(i);
      translation.input(input, options.inputs().get(i));
      inputs.add(declaration(options.inputs().get(i), input));
    }
    graph.nodes().forEach(translation::translate);
    List<ProtoMessage> outputs = new ArrayList<>();
    List<String> names = new ArrayList<>(options.inputs());
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value output = graph.outputs().get(i);
      String name = options.outputs().isEmpty() ? "output" + i : options.outputs().get(i);
      nodes.rename(translation.name(output), name);
      outputs.add(declaration(name, output));
      names.add(name);
    }
    requireDistinct(names, nodes);
    return nodes.graph(options.name(), inputs, outputs);
  }

  private static ProtoMessage declaration(String name, Value value) {
    int[] extents = AxisOrder.extents(value.spec().shape());
    return OnnxNodes.declaration(name, Shape.of(Arrays.stream(extents).boxed().toList()));
  }

  /** In a file each value has one name, and each name means one value. */
  private static void requireDistinct(List<String> names, OnnxNodes nodes) {
    for (String name : names) {
      if (name.isEmpty() || names.indexOf(name) != names.lastIndexOf(name) || nodes.has(name)) {
        throw new FormatException(
            "onnx: '"
                + name
                + "' cannot name an input or output: it is empty, or the name of another value;"
                + " give each a name of its own, unlike conv_0 and constant_0");
      }
    }
  }

  private static void requireNames(String what, List<String> names, int needed) {
    if (names.size() != needed || names.stream().distinct().count() != needed) {
      throw new FormatException(
          "onnx: the network has "
              + needed
              + " "
              + what
              + " but their names are "
              + names
              + "; give each a name of its own");
    }
  }
}
