package dev.peregrine.yolo.anchor;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.PictureHeader;
import dev.peregrine.yolo.image.Placement;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * How wide and high the boxes of a data set are in the input of a network.
 *
 * <p><b>Units</b> pixels of the network's input.
 */
public final class BoxSizes {
  /** Sums are taken in blocks of this many boxes, so that threads do not change their last bits. */
  private static final int BLOCK = 8192;

  private final double[] widths;
  private final double[] heights;

  private BoxSizes(double[] widths, double[] heights) {
    this.widths = widths;
    this.heights = heights;
  }

  /**
   * Takes sizes from a list.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for a size that is not positive and finite.
   *
   * @param sizes one a box
   * @return the sizes
   */
  public static BoxSizes of(List<Anchor> sizes) {
    for (Anchor size : sizes) {
      if (!(size.width() > 0 && size.height() > 0)
          || !Double.isFinite(size.width() + size.height())) {
        throw new IllegalArgumentException("box sizes must be positive and finite, got " + size);
      }
    }
    return new BoxSizes(
        sizes.stream().mapToDouble(Anchor::width).toArray(),
        sizes.stream().mapToDouble(Anchor::height).toArray());
  }

  /**
   * Measures a data set whose pictures are stretched to the input.
   *
   * @param data the labels; boxes without an extent are left out
   * @param size of the network's input
   * @return one size a label
   */
  public static BoxSizes stretched(DataSet data, InputSize size) {
    Placement whole = Placement.stretch(1, 1, size.width(), size.height());
    return of(data, _ -> whole);
  }

  /**
   * Measures a data set whose pictures are fitted to the input as a network wants them.
   *
   * <p><b>Cost</b> looks at the head of each picture's file unless they are stretched.
   *
   * <p><b>Errors</b> {@link FormatException} where a file is no picture.
   *
   * @param data the labels; boxes without an extent are left out
   * @param size of the network's input
   * @param resize how pictures are fitted
   * @return one size a label
   */
  public static BoxSizes fitted(DataSet data, InputSize size, Resize resize) {
    return resize == Resize.STRETCH
        ? stretched(data, size)
        : of(
            data,
            sample -> {
              PictureHeader picture =
                  PictureHeader.find(sample.image())
                      .orElseThrow(() ->
                          new FormatException(sample.image() + ": is no picture that can be read"));
              return resize.placement(
                  picture.width(), picture.height(), size.width(), size.height());
            });
  }

  /**
   * Measures a data set.
   *
   * @param data the labels; boxes without an extent are left out
   * @param fit how each picture lies in the network's input
   * @return one size a label
   */
  public static BoxSizes of(DataSet data, Function<Sample, Placement> fit) {
    List<Anchor> sizes = new ArrayList<>();
    for (Sample sample : data.samples()) {
      if (!sample.labels().isEmpty()) {
        Placement placement = fit.apply(sample);
        for (Label label : sample.labels()) {
          double width = label.width() * placement.contentWidth();
          double height = label.height() * placement.contentHeight();
          if (width > 0 && height > 0) {
            sizes.add(new Anchor(width, height));
          }
        }
      }
    }
    return of(sizes);
  }

  /**
   * Returns how many boxes there are.
   *
   * @return their number
   */
  public int count() {
    return widths.length;
  }

  /**
   * Returns one size.
   *
   * @param box from 0 to {@link #count()} - 1
   * @return its width and height
   */
  public Anchor size(int box) {
    return new Anchor(widths[box], heights[box]);
  }

  double width(int box) {
    return widths[box];
  }

  double height(int box) {
    return heights[box];
  }

  /**
   * Keeps some of the boxes.
   *
   * @param which those to keep
   * @return their sizes, in the same order
   */
  public BoxSizes filter(Predicate<Anchor> which) {
    return of(IntStream.range(0, count()).mapToObj(this::size).filter(which).toList());
  }

  /**
   * Multiplies every box by a factor of its own, as training at many scales does.
   *
   * @param factors by index of the box
   * @return the changed sizes
   */
  public BoxSizes scaled(IntToDoubleFunction factors) {
    double[] width = new double[count()];
    double[] height = new double[count()];
    for (int i = 0; i < width.length; i++) {
      double factor = factors.applyAsDouble(i);
      width[i] = widths[i] * factor;
      height[i] = heights[i] * factor;
    }
    return new BoxSizes(width, height);
  }

  /** At most {@code most} of the boxes, evenly picked. */
  BoxSizes thinned(int most) {
    int count = count();
    return count <= most
        ? this
        : of(
            IntStream.range(0, most).mapToObj(i -> size((int) ((long) i * count / most))).toList());
  }

  /** The mean over all boxes of a function of width and height; computed on all cores. */
  double mean(DoubleBinaryOperator value) {
    int blocks = (count() + BLOCK - 1) / BLOCK;
    double[] sums =
        IntStream.range(0, blocks)
            .parallel()
            .mapToDouble(b -> {
              double sum = 0;
              for (int i = b * BLOCK; i < Math.min(count(), (b + 1) * BLOCK); i++) {
                sum += value.applyAsDouble(widths[i], heights[i]);
              }
              return sum;
            })
            .toArray();
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return count() == 0 ? 0 : total / count();
  }
}
