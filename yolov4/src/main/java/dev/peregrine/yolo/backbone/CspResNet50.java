package dev.peregrine.yolo.backbone;

import static dev.peregrine.nn.Layers.DARKNET_EPSILON;
import static dev.peregrine.nn.Layers.convNorm;
import static dev.peregrine.tensor.Activations.leakyRelu;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Arrays.slice;
import static dev.peregrine.tensor.Pooling.maxPool;
import static dev.peregrine.tensor.op.Unary.Kind.LEAKY_RELU;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CSPResNet50 and CSPResNeXt50: partial stages of bottlenecks, whose 3x3 convolution has one group
 * or 32.
 *
 * <p><b>Cost</b> as classifiers of 1000 classes 21.6 million parameters and 9.0 GFLOP at 256, with
 * groups 20.6 million and 7.9 GFLOP.
 *
 * <p><b>Source</b> Wang et al. 2019, "CSPNet"; {@code csresnet50.cfg}, {@code csresnext50.cfg}.
 *
 * @param groups of the 3x3 convolutions: 1, or 32 for CSPResNeXt50
 */
public record CspResNet50(int groups) implements Backbone {
  private static final int[] DEPTHS = {3, 3, 5, 2};

  /**
   * Makes CSPResNeXt50.
   *
   * @return the backbone with 32 groups
   */
  public static CspResNet50 next() {
    return new CspResNet50(32);
  }

  private boolean grouped() {
    return groups > 1;
  }

  @Override
  public String name() {
    return grouped() ? "csresnext50" : "csresnet50";
  }

  @Override
  public List<Tensor> stages(Params p, Tensor image) { // [N, 256, 256, 3]
    Tensor x = conv(p.at("stem"), image, 64, 7, 2, 1, LEAKY_RELU);
    x = maxPool(x, Window.of(2).stride(2).pad(0, 0, 1, 1)); // [N, 64, 64, 64]
    List<Tensor> stages = new ArrayList<>();
    for (int i = 0; i < DEPTHS.length; i++) {
      x = stage(p.at("stage", i), x, i);
      stages.add(x);
    }
    return stages;
  }

  private Tensor stage(Params p, Tensor x, int index) {
    int out = 128 << index; // of a bottleneck
    int inner = grouped() ? out : out / 2;
    // The middle stages project without an activation.
    Unary.@Nullable Kind activation = index == 1 || index == 2 ? null : LEAKY_RELU;
    Tensor down = index == 0 ? x : conv(p.at("down"), x, inner, 3, 2, groups, LEAKY_RELU);
    Tensor aside = conv(p.at("aside"), down, out, 1, 1, 1, activation);
    Tensor y = conv(p.at("in"), down, index == 0 ? 64 : out, 1, 1, 1, activation);
    for (int i = 0; i < DEPTHS[index]; i++) {
      y = bottleneck(p.at("unit", i), y, inner, out);
    }
    y = conv(p.at("transition"), y, out, 1, 1, 1, LEAKY_RELU);
    return conv(p.at("out"), concat(-1, y, aside), grouped() ? 2 * out : out, 1, 1, 1, LEAKY_RELU);
  }

  private Tensor bottleneck(Params p, Tensor x, int inner, int out) {
    Tensor y = conv(p.at("a"), x, inner, 1, 1, 1, LEAKY_RELU);
    y = conv(p.at("b"), y, inner, 3, 1, groups, LEAKY_RELU);
    y = conv(p.at("c"), y, out, 1, 1, 1, null);
    int common = x.shape().channels();
    // The first unit widens the map: only the channels that both have are added.
    Tensor sum =
        common == out
            ? y.plus(x)
            : concat(-1, slice(y, -1, 0, common).plus(x), slice(y, -1, common, out - common));
    return leakyRelu(sum);
  }

  private static Tensor conv(
      Params p,
      Tensor x,
      int channels,
      int size,
      int stride,
      int groups,
      Unary.@Nullable Kind activation) {
    Window window = Window.same(size, stride);
    return convNorm(p, p, x, channels, window, groups, DARKNET_EPSILON, activation);
  }
}
