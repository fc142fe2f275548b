package dev.peregrine.yolo.scaling;

import static dev.peregrine.nn.Layers.bias;
import static dev.peregrine.nn.Layers.conv2d;
import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.CspBlocks.csp;
import static dev.peregrine.nn.block.CspBlocks.rCsp;
import static dev.peregrine.nn.block.CspBlocks.sppCsp;
import static dev.peregrine.tensor.op.Unary.Kind.MISH;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.block.Necks;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.backbone.Scale;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The family that the paper scales, in darknet's form: one network for each choice of the four
 * factors. 896 pixels and 5 stages are YOLOv4-P5, 1280 and 6 are P6; 1536, 7 and a width of 1.25
 * are P7.
 *
 * <p>The paper's depths "2^d with d = 1, 3, 15, 15, 7, 7, 7" are the numbers of residual units
 * themselves in everything published; so they are here.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 4.3 and figure 4.
 *
 * @param size rows and columns of the input, a multiple of {@code 2^stages}
 * @param stages how often the backbone halves the map, 5 to 7
 * @param scale factors of width and depth
 * @param classes how many classes it tells apart
 */
public record ScaledNetwork(int size, int stages, Scale scale, int classes) implements Model {
  private static final List<Integer> DEPTHS = List.of(1, 3, 15, 15, 7, 7, 7);
  private static final int NECK_DEPTH = 3;
  private static final int ANCHORS = 4;

  /** The first stage whose map the neck takes, counted from 0: stride 8. */
  private static final int FIRST_LEVEL = 2;

  /** Checks stages, size and classes. */
  public ScaledNetwork {
    if (stages < 5 || stages > DEPTHS.size()) {
      throw new ShapeException("scaling: " + stages + " stages are asked for, but it is 5 to 7");
    }
    if (size < 1 || size % (1 << stages) != 0 || classes < 1) {
      throw new ShapeException(
          "scaling: size %d and %d classes, but with %d stages the size must be a multiple of %d, and there must be a class"
              .formatted(size, classes, stages, 1 << stages));
    }
  }

  @Override
  public List<Tensor> forward(Params p, Tensor image) { // [N, size, size, 3]
    Tensor x = convBn(p.at("stem"), image, scale.channels(32), 3, 1, MISH);
    List<Tensor> maps = new ArrayList<>();
    for (int i = 0; i < stages; i++) {
      int channels = scale.channels(Math.min(64 << i, 1024));
      x = csp(p.at("csp", i), x, channels, scale.repeats(DEPTHS.get(i)), MISH);
      maps.add(x);
    }
    List<Integer> neck =
        IntStream.range(FIRST_LEVEL, stages)
            .mapToObj(i -> scale.channels(Math.min(32 << i, 512)))
            .toList();
    int depth = scale.repeats(NECK_DEPTH);
    return Necks.pan(
        p.at("neck"),
        maps.subList(FIRST_LEVEL, stages - 1),
        sppCsp(p.at("spp"), x, neck.getLast(), 1, 1, MISH),
        neck,
        (q, y, width) -> rCsp(q, y, width, depth, MISH),
        MISH,
        (level, y) -> head(p.at("head", level), y, scale.channels(Math.min(256 << level, 1024))));
  }

  private Tensor head(Params p, Tensor x, int channels) {
    Tensor y = convBn(p.at("in"), x, channels, 3, 1, MISH);
    Params out = p.at("out");
    return bias(out, conv2d(out, y, ANCHORS * (5 + classes), Window.of(1), 1));
  }

  /**
   * Counts what it costs.
   *
   * @return the cost of one picture
   */
  public NetworkCost cost() {
    return NetworkCost.of(this, size, size);
  }

  /** Returns the factors, such as {@code 896x896, 5 stages, width 1, depth 1}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%dx%d, %d stages, width %s, depth %s",
        size,
        size,
        stages,
        plain(scale.width()),
        plain(scale.depth()));
  }

  private static String plain(double factor) {
    return factor == Math.rint(factor)
        ? String.valueOf((long) factor)
        : String.valueOf(Math.round(factor * 1000) / 1000.0);
  }
}
