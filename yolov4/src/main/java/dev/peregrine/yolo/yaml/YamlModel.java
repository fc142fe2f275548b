package dev.peregrine.yolo.yaml;

import static dev.peregrine.nn.Layers.bias;
import static dev.peregrine.nn.Layers.conv2d;
import static dev.peregrine.nn.block.ScaledBlocks.bottleneck;
import static dev.peregrine.nn.block.ScaledBlocks.bottleneckCsp;
import static dev.peregrine.nn.block.ScaledBlocks.bottleneckCsp2;
import static dev.peregrine.nn.block.ScaledBlocks.conv;
import static dev.peregrine.nn.block.ScaledBlocks.sppCsp;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.PriorBias;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The network that a yaml describes, block by block, in PyTorch's form.
 *
 * <p>Parameters of row 7 live in room {@code model.7}; {@link StateDict} gives PyTorch's names.
 */
public final class YamlModel implements DetectionModel {
  private static final HeadTraining TRAINING =
      new HeadTraining(0.7, 1, 0.2, IouLoss.CIOU, 0.05, 1, 0.5, 2, true, 0);
  private static final int PROBE = 256;

  /** Fifty times those of P7: a short text must not make a network that fills the memory. */
  private static final int MOST_BLOCKS = 4096;

  private final String name;
  private final YamlFile file;
  private final InputSize inputSize;
  private final List<HeadSpec> heads;
  private final int maxStride;

  /**
   * Makes the network at the size that its number of heads suggests: 640 for three, 1280 for four,
   * 1536 for five.
   *
   * @param file its description
   */
  public YamlModel(YamlFile file) {
    this(shortName(file.name()), file, InputSize.square(side(file.anchors().size())));
  }

  /**
   * Makes the network under a name of its own.
   *
   * <p><b>Errors</b> {@link FormatException} where the rows do not fit together.
   *
   * @param name what users call it
   * @param file its description
   * @param inputSize multiples of the largest stride
   */
  public YamlModel(String name, YamlFile file, InputSize inputSize) {
    this.name = name;
    this.file = file;
    this.inputSize = inputSize;
    this.heads = heads(file);
    long blocks = file.rows().stream().mapToLong(row -> file.scale().repeats(row.number())).sum();
    if (blocks > MOST_BLOCKS) {
      throw new FormatException(
          "%s: its rows are %d blocks with their repetitions, and more than %d are not made"
              .formatted(file.name(), blocks, MOST_BLOCKS));
    }
    try {
      this.maxStride = strides().stream().mapToInt(i -> i).max().orElseThrow();
    } catch (ShapeException failure) {
      throw new FormatException(
          file.name() + ": its rows do not fit together: " + failure.getMessage(), failure);
    }
  }

  private static String shortName(String file) {
    String last = file.substring(file.lastIndexOf('/') + 1);
    return last.replaceFirst("\\.ya?ml$", "");
  }

  private static int side(int levels) {
    return levels <= 3 ? 640 : levels == 4 ? 1280 : 1536;
  }

  private static List<HeadSpec> heads(YamlFile file) {
    List<Anchor> all = file.anchors().stream().flatMap(List::stream).toList();
    int each = file.anchors().getFirst().size();
    return IntStream.range(0, file.anchors().size())
        .mapToObj(level -> IntStream.range(level * each, (level + 1) * each).boxed().toList())
        .map(mask -> new HeadSpec(file.classes(), all, mask, 2, true, TRAINING))
        .toList();
  }

  /**
   * Makes the same network with other anchors.
   *
   * @param anchors as many as there are, those of the finest head first, in pixels of the input
   * @return the network
   */
  public YamlModel withAnchors(List<Anchor> anchors) {
    return new YamlModel(name, file.with(file.classes(), file.scale(), anchors), inputSize);
  }

  /**
   * The description that the network follows.
   *
   * @return the file
   */
  public YamlFile file() {
    return file;
  }

  /**
   * The distances of the heads' cells, finest head first.
   *
   * @return pixels of the input
   */
  public List<Integer> strides() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, PROBE, PROBE, 3)), in -> raw(Params.symbolic(), in.getFirst()));
    return graph.outputs().stream().map(out -> PROBE / out.spec().shape().dim(1)).toList();
  }

  @Override
  public List<Tensor> forward(Params params, Tensor image) {
    return raw(params, image).stream().map(Activations::logistic).toList();
  }

  /**
   * Runs the network up to its heads, before the logistic function that {@link #forward} applies.
   *
   * @param params its parameters
   * @param image the input {@code [N, H, W, 3]}
   * @return one tensor {@code [N, H / stride, W / stride, anchors * (5 + classes)]} for each head
   */
  public List<Tensor> raw(Params params, Tensor image) {
    List<Tensor> rows = rows(params, image);
    YamlRow detect = file.detect();
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      Tensor x = rows.get(detect.from().get(i));
      Params p = params.at("model", detect.index()).at("m", i);
      int stride = image.shape().dim(1) / x.shape().dim(1);
      Tensor y = conv2d(p, x, heads.get(i).channels(), Window.of(1), 1);
      outputs.add(bias(p, y, PriorBias.of(heads.get(i), stride)));
    }
    return outputs;
  }

  /**
   * Runs the network and keeps what each row but the last one, the heads, gives.
   *
   * @param params its parameters
   * @param image the input {@code [N, H, W, 3]}
   * @return one tensor a row
   */
  public List<Tensor> rows(Params params, Tensor image) {
    return rows(params, image, file.rows().size());
  }

  private List<Tensor> rows(Params params, Tensor image, int end) {
    List<Tensor> outputs = new ArrayList<>();
    for (YamlRow row : file.rows().subList(0, end)) {
      if (row.unit() != Unit.DETECT) {
        List<Tensor> inputs =
            row.from().stream().map(from -> from < 0 ? image : outputs.get(from)).toList();
        outputs.add(apply(params.at("model", row.index()), row, inputs));
      }
    }
    return outputs;
  }

  /** The rows before the pyramid of pools, with which the head of all published files begins. */
  @Override
  public Optional<Backbone> backbone() {
    List<Unit> units = file.rows().stream().map(YamlRow::unit).toList();
    int end = units.indexOf(Unit.SPP_CSP);
    return end < 1
        ? Optional.empty()
        : Optional.of(Backbone.of(name, (p, image) -> rows(p, image, end)));
  }

  private Tensor apply(Params p, YamlRow row, List<Tensor> inputs) {
    Tensor x = inputs.getFirst();
    Scale scale = file.scale();
    int depth = scale.repeats(row.number());
    int channels = row.unit().hasChannels() ? channels(row.argument(0, 1)) : 0;
    return switch (row.unit()) {
      case CONV, BOTTLENECK -> repeated(p, row, x, channels, depth);
      case BOTTLENECK_CSP -> bottleneckCsp(p, x, channels, depth, row.argument(1, 1) == 1);
      case BOTTLENECK_CSP2 -> bottleneckCsp2(p, x, channels, depth, row.argument(1, 0) == 1);
      case SPP_CSP -> sppCsp(p, x, channels);
      case UPSAMPLE -> Pooling.upsample(x, row.argument(0, 2));
      case CONCAT -> Arrays.concat(-1, inputs.toArray(Tensor[]::new));
      case DETECT -> throw new IllegalStateException("Detect is no row of the body");
    };
  }

  /** A row that is repeated has a room for each repetition. */
  private static Tensor repeated(Params p, YamlRow row, Tensor x, int channels, int depth) {
    Tensor y = x;
    for (int i = 0; i < depth; i++) {
      Params room = depth == 1 ? p : p.at(String.valueOf(i));
      y =
          row.unit() == Unit.CONV
              ? conv(room, y, channels, row.argument(1, 1), row.argument(2, 1))
              : bottleneck(room, y, channels, channels / 2, row.argument(1, 1) == 1);
    }
    return y;
  }

  /**
   * A multiple of 8, also at width 1. The PyTorch code tells heads from blocks by their channels,
   * so that a block as wide as a head keeps its width, whatever the factor.
   */
  private int channels(int published) {
    boolean asHead = published == heads.getFirst().channels();
    return asHead ? published : (int) Math.ceil(published * file.scale().width() / 8) * 8;
  }

  /**
   * Draws the network.
   *
   * @return the text of an SVG file: a box a row
   */
  public String toSvg() {
    return YamlDrawing.svg(this);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<HeadSpec> heads() {
    return heads;
  }

  @Override
  public InputSize inputSize() {
    return inputSize;
  }

  @Override
  public YamlModel withInputSize(InputSize size) {
    return new YamlModel(name, file, size);
  }

  @Override
  public int maxStride() {
    return maxStride;
  }

  @Override
  public Resize resize() {
    return Resize.TORCH_LETTERBOX;
  }

  @Override
  public NonMaximumSuppression suppression() {
    return NonMaximumSuppression.of(NonMaximumSuppression.Kind.PLAIN, 0.5);
  }

  @Override
  public Map<String, String> describe() {
    Map<String, String> texts = DetectionModel.super.describe();
    texts.put("yaml", file.toText());
    return texts;
  }
}
