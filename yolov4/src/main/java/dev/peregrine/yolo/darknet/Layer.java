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
   * Darknet's number of the layer.
   *
   * @return the index, from 0
   */
  int index();

  /**
   * Where the layer's section starts.
   *
   * @return the line in the cfg, from 1
   */
  int line();

  /**
   * What the layer reads; of several sources, the first.
   *
   * @return the extents
   */
  FeatureMap input();

  /**
   * What the layer gives.
   *
   * @return the extents
   */
  FeatureMap output();

  /**
   * The section's name.
   *
   * @return the canonical name without brackets
   */
  String kind();

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
   * @param index darknet's number
   * @param line line in the cfg
   * @param input what it reads
   * @param filters output channels
   * @param size side of the square kernel
   * @param strideY step between rows
   * @param strideX step between columns
   * @param padding rows and columns of zeros added on each side, dilation included
   * @param dilation step between the kernel's elements
   * @param groups parts into which both sides' channels are split
   * @param activation the function applied last
   * @param batchNormalize batch norm (epsilon 1e-5) instead of a bias
   * @param stopBackward {@code stopbackward}: 0, or no gradient reaches the layers before this one;
   *     above 1 only until that iteration
   */
  record Convolutional(
      int index,
      int line,
      FeatureMap input,
      int filters,
      int size,
      int strideY,
      int strideX,
      int padding,
      int dilation,
      int groups,
      Activation activation,
      boolean batchNormalize,
      int stopBackward)
      implements Layer {

    @Override
    public FeatureMap output() {
      int reach = dilation * (size - 1) + 1;
      return new FeatureMap(
          Math.floorDiv(input.height() + 2 * padding - reach, strideY) + 1,
          Math.floorDiv(input.width() + 2 * padding - reach, strideX) + 1,
          filters);
    }

    @Override
    public String kind() {
      return "convolutional";
    }

    /**
     * Input channels that one filter sees.
     *
     * @return channels of the input divided by the groups
     */
    public int filterChannels() {
      return input.channels() / groups;
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
   * @param index darknet's number
   * @param line line in the cfg
   * @param input what it reads
   * @param size side of the window
   * @param strideY step between rows
   * @param strideX step between columns
   * @param padding rows and columns added in all, both sides together
   */
  record MaxPool(
      int index, int line, FeatureMap input, int size, int strideY, int strideX, int padding)
      implements Layer {

    @Override
    public FeatureMap output() {
      return new FeatureMap(
          Math.floorDiv(input.height() + padding - size, strideY) + 1,
          Math.floorDiv(input.width() + padding - size, strideX) + 1,
          input.channels());
    }

    @Override
    public String kind() {
      return "maxpool";
    }

    @Override
    public double bflops() {
      return (double) size * size * output().size() / 1e9;
    }
  }

  /**
   * {@code [route]}: the channels of other layers one after another, or one group of each.
   *
   * @param index darknet's number
   * @param line line in the cfg
   * @param input the first source's extents
   * @param layers the sources in the order of concatenation
   * @param groups parts into which each source's channels are split
   * @param groupId the part that is taken, from 0
   * @param output the extents after concatenation
   */
  record Route(
      int index,
      int line,
      FeatureMap input,
      List<Integer> layers,
      int groups,
      int groupId,
      FeatureMap output)
      implements Layer {
    @Override
    public String kind() {
      return "route";
    }
  }

  /**
   * {@code [shortcut]}: adds other layers to the previous one, then applies the activation. Where a
   * source has another number of channels, only the channels both have are added.
   *
   * @param index darknet's number
   * @param line line in the cfg
   * @param input what it reads and the extents it keeps
   * @param from the layers that are added
   * @param activation the function applied last
   */
  record Shortcut(int index, int line, FeatureMap input, List<Integer> from, Activation activation)
      implements Layer {
    @Override
    public FeatureMap output() {
      return input;
    }

    @Override
    public String kind() {
      return "shortcut";
    }

    @Override
    public double bflops() {
      return (double) input.size() * from.size() / 1e9;
    }
  }

  /**
   * {@code [upsample]}: repeats each cell in both directions, times a factor.
   *
   * @param index darknet's number
   * @param line line in the cfg
   * @param input what it reads
   * @param stride how often a cell is repeated in each direction
   * @param scale the factor
   */
  record Upsample(int index, int line, FeatureMap input, int stride, double scale)
      implements Layer {
    @Override
    public FeatureMap output() {
      return new FeatureMap(input.height() * stride, input.width() * stride, input.channels());
    }

    @Override
    public String kind() {
      return "upsample";
    }
  }

  /**
   * {@code [dropout]}: in training, clears values at random; otherwise passes its input on.
   *
   * @param index darknet's number
   * @param line line in the cfg
   * @param input what it reads and gives
   * @param probability part of the values that is cleared
   */
  record Dropout(int index, int line, FeatureMap input, double probability) implements Layer {
    @Override
    public FeatureMap output() {
      return input;
    }

    @Override
    public String kind() {
      return "dropout";
    }
  }

  /**
   * {@code [yolo]}: a detection head.
   *
   * @param index darknet's number
   * @param line line in the cfg
   * @param input the raw head
   * @param head what its numbers mean, and how it is trained
   * @param options thinning of boxes and drawing of training pictures
   */
  record Yolo(int index, int line, FeatureMap input, HeadSpec head, YoloOptions options)
      implements Layer {
    @Override
    public FeatureMap output() {
      return input;
    }

    @Override
    public String kind() {
      return "yolo";
    }
  }
}
