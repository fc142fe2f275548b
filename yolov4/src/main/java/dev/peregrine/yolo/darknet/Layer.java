package dev.peregrine.yolo.darknet;

import dev.peregrine.yolo.head.HeadSpec;
import java.util.List;

/**
 * One layer of a cfg: what it computes, from which layers, and the law of its output's extents.
 *
 * <p>Layers are numbered from 0 at the first section after {@code [net]}, as darknet numbers them;
 * references to other layers are resolved to these numbers.
 */
public sealed interface Layer {
  /**
   * Where a layer stands.
   *
   * @param index darknet's number of the layer, from 0
   * @param line the line in the cfg where its section starts, from 1
   * @param kind the section's canonical name without brackets
   * @param input what the layer reads; of several sources, the first
   */
  record Place(int index, int line, String kind, FeatureMap input) {}

  /**
   * Where the layer stands.
   *
   * @return number, line, section and input
   */
  Place place();

  /**
   * Darknet's number of the layer.
   *
   * @return the index, from 0
   */
  default int index() {
    return place().index();
  }

  /**
   * Where the layer's section starts.
   *
   * @return the line in the cfg, from 1
   */
  default int line() {
    return place().line();
  }

  /**
   * What the layer reads; of several sources, the first.
   *
   * @return the extents
   */
  default FeatureMap input() {
    return place().input();
  }

  /**
   * The section's name.
   *
   * @return the canonical name without brackets
   */
  default String kind() {
    return place().kind();
  }

  /**
   * What the layer gives.
   *
   * @return the extents
   */
  FeatureMap output();

  /**
   * Learnable numbers: weights, biases and batch norm's scales.
   *
   * @return how many
   */
  default long parameters() {
    return 0;
  }

  /**
   * Numbers in a weights file: the learnable ones and batch norm's mean and variance.
   *
   * @return how many
   */
  default long storedFloats() {
    return 0;
  }

  /**
   * Darknet's cost figure for one picture.
   *
   * @return operations in 10^9; a multiply-add counts two, a compared or added value one
   */
  default double bflops() {
    return 0;
  }

  /**
   * {@code [convolutional]}: convolution, then batch norm or a bias, then the activation.
   *
   * <p><b>Shapes</b> {@code out = floor((in + 2 padding - dilation (size - 1) - 1) / stride) + 1}.
   *
   * @param place number, line, section and input
   * @param filters output channels
   * @param size side of the square kernel
   * @param strideY step between rows
   * @param strideX step between columns
   * @param padding rows and columns of zeros added on each side, dilation included
   * @param dilation step between the kernel's elements
   * @param groups parts into which both sides' channels are split
   * @param activation the function applied last
   * @param batchNormalize batch norm (epsilon 1e-5) instead of a bias
   * @param crossMiniBatch {@code batch_normalize=2} or {@code cbn=1}: while training, batch norm by
   *     the statistics of all mini-batches since the last update
   * @param stopBackward {@code stopbackward}: 0, or no gradient reaches the layers before this one;
   *     above 1 only until that iteration
   */
  record Convolutional(
      Place place,
      int filters,
      int size,
      int strideY,
      int strideX,
      int padding,
      int dilation,
      int groups,
      Activation activation,
      boolean batchNormalize,
      boolean crossMiniBatch,
      int stopBackward)
      implements Layer {

    @Override
    public FeatureMap output() {
      long reach = dilation * (size - 1L) + 1;
      return new FeatureMap(
          FeatureMap.windows(input().height() + 2L * padding, reach, strideY),
          FeatureMap.windows(input().width() + 2L * padding, reach, strideX),
          filters);
    }

    /**
     * Input channels that one filter sees.
     *
     * @return channels of the input divided by the groups
     */
    public int filterChannels() {
      return input().channels() / groups;
    }

    /**
     * The number of filter weights.
     *
     * @return filters times channels they see times kernel area
     */
    public int weightCount() {
      return Math.multiplyExact(filters, Math.multiplyExact(filterChannels(), size * size));
    }

    @Override
    public long parameters() {
      return (long) weightCount() + filters * (batchNormalize ? 2L : 1L);
    }

    @Override
    public long storedFloats() {
      return (long) weightCount() + filters * (batchNormalize ? 4L : 1L);
    }

    @Override
    public double bflops() {
      FeatureMap out = output();
      return 2.0 * weightCount() * out.height() * out.width() / 1e9;
    }
  }

  /**
   * {@code [maxpool]}: the largest value of each window; cells outside the map never win.
   *
   * <p><b>Shapes</b> {@code out = floor((in + padding - size) / stride) + 1}; the first window
   * starts at {@code -(padding / 2)}.
   *
   * @param place number, line, section and input
   * @param size side of the window
   * @param strideY step between rows
   * @param strideX step between columns
   * @param padding rows and columns added in all, both sides together
   */
  record MaxPool(Place place, int size, int strideY, int strideX, int padding) implements Layer {

    @Override
    public FeatureMap output() {
      return new FeatureMap(
          FeatureMap.windows((long) input().height() + padding, size, strideY),
          FeatureMap.windows((long) input().width() + padding, size, strideX),
          input().channels());
    }

    @Override
    public double bflops() {
      return (double) size * size * output().size() / 1e9;
    }
  }

  /**
   * {@code [avgpool]} and {@code [local_avgpool]}: the mean of the whole map, or of each window,
   * whose cells outside the map do not count.
   *
   * @param place number, line, section and input
   * @param global whether the window is the whole map, whatever its size
   * @param size side of the window
   * @param strideY step between rows
   * @param strideX step between columns
   * @param padding rows and columns added in all, both sides together
   */
  record AvgPool(Place place, boolean global, int size, int strideY, int strideX, int padding)
      implements Layer {

    @Override
    public FeatureMap output() {
      return global
          ? new FeatureMap(1, 1, input().channels())
          : new MaxPool(place, size, strideY, strideX, padding).output();
    }

    @Override
    public double bflops() {
      return global ? 0 : (double) size * size * output().size() / 1e9;
    }
  }

  /**
   * {@code [route]}: the channels of other layers one after another, or one group of each.
   *
   * @param place number, line, section and input
   * @param layers the sources in the order of concatenation
   * @param groups parts into which each source's channels are split
   * @param groupId the part that is taken, from 0
   * @param output the extents after concatenation
   */
  record Route(Place place, List<Integer> layers, int groups, int groupId, FeatureMap output)
      implements Layer {}

  /**
   * {@code [shortcut]}: adds other layers to the previous one, then applies the activation. Where a
   * source has another number of channels, only the channels both have are added.
   *
   * @param place number, line, section and input
   * @param from the layers that are added
   * @param activation the function applied last
   * @param weights how many learned factors each summand has, and how they are balanced
   */
  record Shortcut(Place place, List<Integer> from, Activation activation, ShortcutWeights weights)
      implements Layer {
    @Override
    public FeatureMap output() {
      return input();
    }

    @Override
    public long parameters() {
      return (1L + from.size()) * weights.perSummand(input().channels());
    }

    @Override
    public long storedFloats() {
      return parameters();
    }

    @Override
    public double bflops() {
      return (double) input().size() * from.size() / 1e9;
    }
  }

  /**
   * {@code [sam]} and {@code [scale_channels]}: another layer times the previous one, then the
   * activation; a side of one row and column, or of one channel, counts everywhere.
   *
   * @param place number, line, section and input
   * @param from the other layer
   * @param activation the function applied last
   * @param output the extents of the other layer
   */
  record Product(Place place, int from, Activation activation, FeatureMap output)
      implements Layer {}

  /**
   * {@code [reorg3d]}: each block of pixels becomes one pixel, its channels row by row.
   *
   * @param place number, line, section and input
   * @param stride rows and columns of a block
   */
  record Reorg(Place place, int stride) implements Layer {
    @Override
    public FeatureMap output() {
      return new FeatureMap(
          input().height() / stride,
          input().width() / stride,
          input().channels() * stride * stride);
    }
  }

  /**
   * {@code [upsample]}: repeats each cell in both directions, times a factor.
   *
   * @param place number, line, section and input
   * @param stride how often a cell is repeated in each direction
   * @param scale the factor
   */
  record Upsample(Place place, int stride, double scale) implements Layer {
    @Override
    public FeatureMap output() {
      return new FeatureMap(
          FeatureMap.extent((long) input().height() * stride),
          FeatureMap.extent((long) input().width() * stride),
          input().channels());
    }
  }

  /**
   * {@code [dropout]}: in training, clears values at random; otherwise passes its input on.
   *
   * @param place number, line, section and input
   * @param probability part of the values that is cleared
   * @param blockSize with {@code dropblock=1} rows and columns of the squares that are cleared at
   *     the end of the run, 0 for single values
   */
  record Dropout(Place place, double probability, double blockSize) implements Layer {
    @Override
    public FeatureMap output() {
      return input();
    }
  }

  /**
   * {@code [softmax]}: a classifier's end, the probability of each class.
   *
   * @param place number, line, section and input
   */
  record Softmax(Place place) implements Layer {
    @Override
    public FeatureMap output() {
      return input();
    }
  }

  /**
   * {@code [cost]} and {@code [contrastive]}: what darknet measures in training; passes its input
   * on.
   *
   * @param place number, line, section and input
   */
  record Loss(Place place) implements Layer {
    @Override
    public FeatureMap output() {
      return input();
    }
  }

  /**
   * {@code [yolo]} and {@code [Gaussian_yolo]}: a detection head.
   *
   * @param place number, line, section and input
   * @param head what its numbers mean, and how it is trained
   * @param options thinning of boxes and drawing of training pictures
   */
  record Yolo(Place place, HeadSpec head, YoloOptions options) implements Layer {
    @Override
    public FeatureMap output() {
      return input();
    }
  }
}
