package dev.peregrine.yolo.darknet;

import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes a network down as a cfg, so that one that was written in Java has darknet's layer numbers
 * and can read darknet's weights.
 *
 * <p>The network is traced on shapes alone, and each operation becomes a section: the cfg's own
 * network traces to the same graph.
 */
public final class CfgOfModel {
  private static final int CHANNEL_AXIS = 3;

  private final List<String> sections = new ArrayList<>();

  /** The darknet layer that gives a value. */
  private final Map<Value, Integer> layers = new HashMap<>();

  private CfgOfModel() {}

  /**
   * Writes down a network.
   *
   * <p><b>Errors</b> {@link FormatException} where it does something that no section expresses.
   *
   * @param model any network
   * @return its cfg; of a {@link CfgModel} the one that it was made of
   */
  public static CfgFile of(DetectionModel model) {
    if (model instanceof CfgModel walked) {
      return walked.cfg();
    }
    String text = new CfgOfModel().write(model.trace(Params.symbolic()), model);
    return CfgFile.parse(text, model.name() + ".cfg");
  }

  private String write(Graph graph, DetectionModel model) {
    InputSize size = model.inputSize();
    int letterBox = model.resize() == Resize.STRETCH ? 0 : 1;
    String net =
        "[net]\nwidth=%d\nheight=%d\nchannels=3\nletter_box=%d\n"
            .formatted(size.width(), size.height(), letterBox);
    Map<Node, PartialSum> partial = PartialSum.of(graph);
    Set<Node> inner =
        partial.values().stream().flatMap(sum -> sum.inner().stream()).collect(Collectors.toSet());
    for (Node node : headsFirst(graph)) {
      PartialSum sum = partial.get(node);
      if (sum != null) {
        follow(sum.x());
        give(node, "[shortcut]\nfrom=" + layer(sum.other()) + "\n");
      } else if (!inner.contains(node)) {
        add(node, model);
      }
      int head = graph.outputs().indexOf(node.output());
      if (head >= 0) {
        sections.add(yolo(model.heads().get(head), model.suppression()));
      }
    }
    return net + sections.stream().map(CfgOfModel::finished).collect(Collectors.joining());
  }

  /** The activation of a head belongs to its convolution, however late it is applied. */
  private static List<Node> headsFirst(Graph graph) {
    List<Node> late =
        graph.nodes().stream()
            .filter(node -> node.op() instanceof Unary && graph.outputs().contains(node.output()))
            .toList();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!late.contains(node)) {
        nodes.add(node);
        late.stream().filter(head -> head.input(0).equals(node.output())).forEach(nodes::add);
      }
    }
    return nodes;
  }

  /** A convolution without an activation must say so: darknet's default is another one. */
  private static String finished(String section) {
    boolean plain = section.startsWith("[convolutional]") && !section.contains("activation=");
    return "\n" + section + (plain ? "activation=linear\n" : "");
  }

  private void add(Node node, DetectionModel model) {
    if (node.op() instanceof Conv2d conv) {
      follow(node.input(0));
      give(node, convolutional(conv, node));
    } else if (node.op() instanceof BatchNorm(double epsilon, _)
        && epsilon == Layers.DARKNET_EPSILON
        && sections.get(layer(node.input(0))).startsWith("[convolutional]")) {
      amend(node, "batch_normalize=1\n");
    } else if (node.op() instanceof Unary unary) {
      amend(node, "activation=" + activation(unary, model) + "\n");
    } else if (node.op() instanceof Binary(Binary.Kind kind) && kind == Binary.Kind.ADD) {
      sum(node);
    } else if (node.op() instanceof Binary(Binary.Kind kind) && kind == Binary.Kind.MULTIPLY) {
      follow(node.input(1));
      give(node, product(node));
    } else if (node.op() instanceof Slice slice) {
      give(node, group(slice, node, model));
    } else if (node.op() instanceof Concat(int axis) && axis == CHANNEL_AXIS) {
      give(node, "[route]\nlayers=" + join(node.inputs().stream().map(this::layer)) + "\n");
    } else if (node.op() instanceof MaxPool(Window window)) {
      follow(node.input(0));
      give(node, maxPool(window));
    } else if (node.op() instanceof Upsample(int factor)) {
      follow(node.input(0));
      give(node, "[upsample]\nstride=" + factor + "\n");
    } else if (node.op() instanceof BatchNorm(double epsilon, _)) {
      throw new FormatException(
          "%s: one of its batch norms has the epsilon %s and normalises %s; a cfg has %s and norms behind convolutions alone, so this network, in PyTorch's form, has no cfg and no .weights: write .safetensors, .pt or .onnx"
              .formatted(
                  model.name(),
                  epsilon,
                  layers.containsKey(node.input(0)) ? "what a convolution gives" : "a join",
                  Layers.DARKNET_EPSILON));
    } else {
      throw new FormatException(model.name() + ": a cfg has no section for its operation " + node);
    }
  }

  /** A bias belongs to the layer before it; anything else that is added is a shortcut. */
  private void sum(Node node) {
    if (node.input(1) instanceof Value.Constant) {
      amend(node, "");
    } else {
      follow(node.input(0));
      give(node, "[shortcut]\nfrom=" + layer(node.input(1)) + "\n");
    }
  }

  /** A gate as large as the map is attention in space, any other one a factor a channel. */
  private String product(Node node) {
    Shape gate = node.input(1).spec().shape();
    boolean whole = gate.equals(node.input(0).spec().shape());
    return "[%s]\nfrom=%d\n".formatted(whole ? "sam" : "scale_channels", layer(node.input(0)));
  }

  private static String maxPool(Window window) {
    return "[maxpool]\nsize=%d\nstride_x=%d\nstride_y=%d\npadding=%d\n"
        .formatted(
            window.kernelHeight(),
            window.strideWidth(),
            window.strideHeight(),
            window.padTop() + window.padBottom());
  }

  private int layer(Value value) {
    return Optional.ofNullable(layers.get(value))
        .orElseThrow(
            () -> new FormatException("a cfg's layers cannot read the input again, or a constant"));
  }

  /** Makes a value the one that the next section reads: the layer just before it. */
  private void follow(Value value) {
    if (sections.isEmpty() && value instanceof Value.Input) {
      return;
    }
    if (layer(value) != sections.size() - 1) {
      sections.add("[route]\nlayers=" + layer(value) + "\n");
    }
  }

  private void give(Node node, String section) {
    layers.put(node.output(), sections.size());
    sections.add(section);
  }

  /** An operation that darknet counts to the layer before it. */
  private void amend(Node node, String lines) {
    int layer = layer(node.input(0));
    sections.set(layer, sections.get(layer) + lines);
    layers.put(node.output(), layer);
  }

  private static String convolutional(Conv2d conv, Node node) {
    Window window = conv.window();
    return "[convolutional]\nfilters=%d\nsize=%d\nstride_x=%d\nstride_y=%d\npadding=%d\n"
            .formatted(
                node.output().spec().shape().channels(),
                window.kernelHeight(),
                window.strideWidth(),
                window.strideHeight(),
                window.padTop() / window.dilationHeight())
        + "dilation=%d\ngroups=%d\n".formatted(window.dilationHeight(), conv.groups());
  }

  private static String activation(Unary unary, DetectionModel model) {
    Activation activation =
        switch (unary.kind()) {
          case LEAKY_RELU -> Activation.LEAKY;
          case MISH -> Activation.MISH;
          case SWISH -> Activation.SWISH;
          case RELU -> Activation.RELU;
          case LOGISTIC -> Activation.LOGISTIC;
          default ->
              throw new FormatException(model.name() + ": a cfg has no activation " + unary.kind());
        };
    return activation.key();
  }

  /** Channels are taken from a layer in equal parts only. */
  private String group(Slice slice, Node node, DetectionModel model) {
    Shape from = node.input(0).spec().shape();
    int size = slice.sizes().get(CHANNEL_AXIS);
    int start = slice.starts().get(CHANNEL_AXIS);
    boolean channelsOnly =
        IntStream.range(0, CHANNEL_AXIS)
            .allMatch(axis -> slice.sizes().get(axis) == from.dim(axis));
    if (!channelsOnly || from.channels() % size != 0 || start % size != 0) {
      throw new FormatException(model.name() + ": a cfg has no section for its operation " + node);
    }
    return "[route]\nlayers=%d\ngroups=%d\ngroup_id=%d\n"
        .formatted(layer(node.input(0)), from.channels() / size, start / size);
  }

  private static String yolo(HeadSpec head, NonMaximumSuppression suppression) {
    HeadTraining training = head.training();
    String kind =
        switch (suppression.kind()) {
          case PLAIN -> "default";
          case GREEDY -> "greedynms";
          case DIOU -> "diounms";
          case SOFT_LINEAR, SOFT_GAUSSIAN, MERGE, CLUSTER ->
              throw new FormatException(
                  "a cfg has no word for suppression of the kind "
                      + suppression.kind()
                      + "; it knows default, greedynms and diounms");
        };
    StringBuilder text = new StringBuilder(head.gaussian() ? "[Gaussian_yolo]\n" : "[yolo]\n");
    text.append("mask=").append(join(head.mask().stream()));
    text.append("\nanchors=")
        .append(
            head.anchors().stream()
                .map(anchor -> anchor.width() + "," + anchor.height())
                .collect(Collectors.joining(", ")));
    text.append("\nnum=").append(head.anchors().size());
    text.append("\nclasses=").append(head.classes());
    text.append("\nscale_x_y=").append(head.scaleXy());
    if (head.gaussian()) {
      text.append("\nuc_normalizer=").append(training.uncertaintyNormalizer());
    } else {
      text.append("\nnew_coords=").append(head.newCoordinates() ? 1 : 0);
      text.append("\nobjectness_smooth=").append(training.objectnessSmooth() ? 1 : 0);
    }
    text.append("\nignore_thresh=").append(training.ignoreThreshold());
    text.append("\ntruth_thresh=").append(training.truthThreshold());
    text.append("\niou_thresh=").append(training.iouThreshold());
    text.append("\niou_loss=").append(training.iouLoss().name().toLowerCase(Locale.ROOT));
    text.append("\niou_normalizer=").append(training.iouNormalizer());
    text.append("\nobj_normalizer=").append(training.objectnessNormalizer());
    text.append("\ncls_normalizer=").append(training.classNormalizer());
    if (Double.isFinite(training.maxDelta())) {
      text.append("\nmax_delta=").append(training.maxDelta());
    }
    text.append("\nlabel_smooth_eps=").append(training.labelSmoothing());
    if (training.focal()) {
      text.append("\nfocal_loss=1");
    }
    if (training.similarity() != HeadTraining.IouLoss.IOU) {
      text.append("\niou_thresh_kind=")
          .append(training.similarity().name().toLowerCase(Locale.ROOT));
    }
    text.append("\nnms_kind=").append(kind);
    text.append("\nbeta_nms=").append(suppression.beta());
    return text.append('\n').toString();
  }

  private static String join(Stream<Integer> numbers) {
    return numbers.map(String::valueOf).collect(Collectors.joining(","));
  }
}
