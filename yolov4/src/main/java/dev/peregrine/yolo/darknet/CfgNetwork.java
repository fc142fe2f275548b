package dev.peregrine.yolo.darknet;

import dev.peregrine.autograd.Recording;
import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.Regularization;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The network that a cfg describes, detector or not, layer by layer with the same functions as the
 * networks written in Java, so that both trace to the same graph.
 *
 * <p>Parameters of layer 7 live in room {@code layer.7}.
 */
public final class CfgNetwork implements Model {
  private final CfgFile cfg;
  private final int maxStride;

  /**
   * Makes the network.
   *
   * @param cfg its description
   */
  public CfgNetwork(CfgFile cfg) {
    this.cfg = cfg;
    this.maxStride = maxStride(cfg);
  }

  /**
   * The name that users call it by.
   *
   * @return the cfg's file name without its ending
   */
  public String name() {
    String file = cfg.name().substring(cfg.name().lastIndexOf('/') + 1);
    return file.endsWith(".cfg") ? file.substring(0, file.length() - ".cfg".length()) : file;
  }

  /**
   * The largest number of input rows or columns between two neighbouring cells of a layer.
   *
   * @return pixels of the input
   */
  public int maxStride() {
    return maxStride;
  }

  /** The room of a layer's parameters. */
  static Params room(Params params, Layer layer) {
    return params.at("layer", layer.index());
  }

  /** Gives the raw heads, or what the last layer gives where there are none. */
  @Override
  public List<Tensor> forward(Params params, Tensor image) {
    List<Tensor> outputs = walk(params, image);
    return cfg.heads().isEmpty()
        ? List.of(outputs.getLast())
        : cfg.heads().stream().map(head -> outputs.get(head.index())).toList();
  }

  /**
   * Runs the network and keeps what each layer gives, as darknet would show it: a {@code [yolo]}
   * layer gives activated numbers, not the raw head that {@link #forward} returns.
   *
   * @param params its parameters
   * @param image the input {@code [N, H, W, C]}
   * @return one tensor {@code [N, H, W, C]} for each layer of the cfg
   */
  public List<Tensor> layers(Params params, Tensor image) {
    List<Tensor> outputs = walk(params, image);
    for (Layer.Yolo layer : cfg.heads()) {
      outputs.set(layer.index(), YoloActivation.apply(layer.head(), outputs.get(layer.index())));
    }
    return outputs;
  }

  private List<Tensor> walk(Params params, Tensor image) {
    int channels = cfg.net().input().channels();
    if (image.shape().rank() != 4 || image.shape().channels() != channels) {
      throw new ShapeException(
          name() + ": image is " + image.shape() + " but must be [N, H, W, " + channels + "]");
    }
    List<Tensor> outputs = new ArrayList<>();
    for (Layer layer : cfg.layers()) {
      Tensor x = outputs.isEmpty() ? image : outputs.getLast();
      outputs.add(
          switch (layer) {
            case Layer.Convolutional conv -> convolution(room(params, conv), x, conv);
            case Layer.MaxPool pool -> Pooling.maxPool(x, window(pool));
            case Layer.AvgPool pool ->
                pool.global() ? Pooling.globalAvgPool(x) : Pooling.avgPool(x, window(pool));
            case Layer.Route route -> route(outputs, route);
            case Layer.Shortcut shortcut -> shortcut(room(params, shortcut), outputs, x, shortcut);
            case Layer.Product product ->
                activate(unary(product.activation()), outputs.get(product.from()).times(x));
            case Layer.Reorg reorg -> reorg(x, reorg.stride());
            case Layer.Upsample upsample -> upsample(x, upsample);
            case Layer.Dropout dropout -> dropout(room(params, dropout), x, dropout);
            case Layer.Softmax _ -> Reductions.softmax(x);
            case Layer.Loss _, Layer.Yolo _ -> x;
          });
    }
    return outputs;
  }

  private static Tensor convolution(Params p, Tensor x, Layer.Convolutional layer) {
    Window window =
        new Window(
            layer.size(),
            layer.size(),
            layer.strideY(),
            layer.strideX(),
            layer.padding(),
            layer.padding(),
            layer.padding(),
            layer.padding(),
            layer.dilation(),
            layer.dilation());
    Unary.Kind kind = unary(layer.activation());
    Tensor input = isStopped(p, layer) ? Recording.detached(x) : x;
    if (layer.batchNormalize()) {
      Params norm = layer.crossMiniBatch() ? acrossMiniBatches(p) : p;
      double epsilon = Layers.DARKNET_EPSILON;
      int groups = layer.groups();
      return Layers.convNorm(p, norm, input, layer.filters(), window, groups, epsilon, kind);
    }
    Tensor y = Layers.conv2d(p, input, layer.filters(), window, layer.groups());
    return activate(kind, Layers.bias(p, y));
  }

  /** Whether no gradient is to reach the layers before this one. */
  private static boolean isStopped(Params p, Layer.Convolutional layer) {
    int until = layer.stopBackward();
    return p.isTraining() && (until == 1 || until > 1 && p.moment().step() < until);
  }

  private static Params acrossMiniBatches(Params p) {
    return p.style().normalization() == LayerStyle.Kind.BATCH
        ? p.with(p.style().normalizing(LayerStyle.Kind.CROSS_MINI_BATCH))
        : p;
  }

  private static Tensor dropout(Params p, Tensor x, Layer.Dropout layer) {
    return layer.blockSize() > 0
        ? Regularization.darknetDropBlock(p, x, layer.probability(), layer.blockSize())
        : Regularization.dropout(p, x, layer.probability());
  }

  private static Unary.@Nullable Kind unary(Activation activation) {
    return switch (activation) {
      case LINEAR -> null;
      case LEAKY -> Unary.Kind.LEAKY_RELU;
      case MISH -> Unary.Kind.MISH;
      case SWISH -> Unary.Kind.SWISH;
      case RELU -> Unary.Kind.RELU;
      case LOGISTIC -> Unary.Kind.LOGISTIC;
    };
  }

  private static Tensor activate(Unary.@Nullable Kind kind, Tensor x) {
    return kind == null ? x : Activations.apply(kind, x);
  }

  private static Window window(Layer.MaxPool pool) {
    return window(pool.size(), pool.strideY(), pool.strideX(), pool.padding());
  }

  private static Window window(Layer.AvgPool pool) {
    return window(pool.size(), pool.strideY(), pool.strideX(), pool.padding());
  }

  /** Darknet gives the padding of both sides together; the smaller half comes first. */
  private static Window window(int size, int strideY, int strideX, int padding) {
    int before = padding / 2;
    int after = padding - before;
    return new Window(size, size, strideY, strideX, before, before, after, after, 1, 1);
  }

  private static Tensor route(List<Tensor> outputs, Layer.Route layer) {
    Tensor[] parts =
        layer.layers().stream().map(outputs::get).map(x -> group(x, layer)).toArray(Tensor[]::new);
    return parts.length == 1 ? parts[0] : Arrays.concat(-1, parts);
  }

  private static Tensor group(Tensor x, Layer.Route layer) {
    if (layer.groups() == 1) {
      return x;
    }
    int size = x.shape().channels() / layer.groups();
    return Arrays.slice(x, -1, layer.groupId() * size, size);
  }

  private static Tensor shortcut(Params p, List<Tensor> outputs, Tensor x, Layer.Shortcut layer) {
    boolean weighted = layer.parameters() > 0;
    Tensor factors = weighted ? SummandWeights.of(p, layer) : x;
    Tensor sum = weighted ? SummandWeights.weigh(x, factors, 0) : x;
    for (int i = 0; i < layer.from().size(); i++) {
      Tensor other = outputs.get(layer.from().get(i));
      sum = addCommonChannels(sum, weighted ? SummandWeights.weigh(other, factors, i + 1) : other);
    }
    return activate(unary(layer.activation()), sum);
  }

  private static Tensor addCommonChannels(Tensor x, Tensor other) {
    int own = x.shape().channels();
    int common = Math.min(own, other.shape().channels());
    Tensor added = other.shape().channels() == common ? other : Arrays.slice(other, -1, 0, common);
    if (own == common) {
      return x.plus(added);
    }
    return Arrays.concat(
        -1, Arrays.slice(x, -1, 0, common).plus(added), Arrays.slice(x, -1, common, own - common));
  }

  /** Space to depth: the pixels of a block one after another, row by row. */
  private static Tensor reorg(Tensor x, int stride) {
    Shape shape = x.shape();
    int rows = shape.dim(1) / stride;
    int columns = shape.dim(2) / stride;
    int channels = shape.channels();
    Tensor blocks = x.reshape(shape.dim(0), rows, stride, columns, stride, channels);
    return Arrays.permute(blocks, 0, 1, 3, 2, 4, 5)
        .reshape(shape.dim(0), rows, columns, stride * stride * channels);
  }

  private static Tensor upsample(Tensor x, Layer.Upsample layer) {
    Tensor y = layer.stride() == 1 ? x : Pooling.upsample(x, layer.stride());
    return layer.scale() == 1 ? y : y.times(layer.scale());
  }

  private static int maxStride(CfgFile cfg) {
    double[] strides = new double[cfg.layers().size()];
    double largest = 1;
    for (Layer layer : cfg.layers()) {
      double before = layer.index() == 0 ? 1 : strides[layer.index() - 1];
      double stride =
          switch (layer) {
            case Layer.Convolutional conv -> before * Math.max(conv.strideY(), conv.strideX());
            case Layer.MaxPool pool -> before * Math.max(pool.strideY(), pool.strideX());
            case Layer.Route route -> strides[route.layers().getFirst()];
            case Layer.Upsample upsample -> before / upsample.stride();
            // A mean of the whole map has no stride of its own.
            case Layer.AvgPool pool ->
                pool.global() ? before : before * Math.max(pool.strideY(), pool.strideX());
            case Layer.Product product -> strides[product.from()];
            case Layer.Reorg reorg -> before * reorg.stride();
            case Layer.Shortcut _, Layer.Dropout _, Layer.Softmax _, Layer.Loss _, Layer.Yolo _ ->
                before;
          };
      strides[layer.index()] = stride;
      largest = Math.max(largest, stride);
    }
    return (int) largest;
  }
}
