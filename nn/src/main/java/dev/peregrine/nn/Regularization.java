package dev.peregrine.nn;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.function.Supplier;

/**
 * What clears values at random while training, so that no value relies on another; all of it is the
 * identity otherwise.
 *
 * <p>A mask depends on seed, step and path alone ({@link Params#noiseSeed}): any number of threads,
 * a resumed run and a passage that is computed again draw the same one.
 */
public final class Regularization {
  private static final double DARKNET_RAMP = 0.85;

  private Regularization() {}

  /**
   * Clears single values.
   *
   * <p><b>Shapes</b> any; the result has the shape of x.
   *
   * <p><b>Formula</b> {@code y = x * mask / (1 - probability)}, the mask 0 with that probability
   * and else 1, drawn anew in each training step: the mean of y is x.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} if the probability is not in 0 (included) to
   * 1 (excluded).
   *
   * <p><b>Source</b> Srivastava et al. 2014.
   *
   * @param p the room, whose path and training step decide the mask
   * @param x the activation
   * @param probability how likely a value is cleared
   * @return the thinned activation
   */
  public static Tensor dropout(Params p, Tensor x, double probability) {
    return thin(p, "dropout", x, x.shape(), probability);
  }

  /**
   * Clears whole channels of a picture, since neighbouring values of a map say the same.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result has the same, the mask {@code [N, 1, 1,
   * C]}.
   *
   * <p><b>Formula</b> as {@link #dropout}.
   *
   * <p><b>Source</b> Tompson et al. 2015.
   *
   * @param p the room, whose path and training step decide the mask
   * @param x the map
   * @param probability how likely a channel is cleared
   * @return the thinned map
   */
  public static Tensor spatialDropout(Params p, Tensor x, double probability) {
    Shape channels = Shape.of(x.shape().dim(0), 1, 1, x.shape().channels());
    return thin(p, "spatial_dropout", x, channels, probability);
  }

  /**
   * Leaves a residual branch out for some pictures of the mini-batch (stochastic depth).
   *
   * <p><b>Shapes</b> branch {@code [N, H, W, C]}; the result has the same, the mask {@code [N, 1,
   * 1, 1]}.
   *
   * <p><b>Formula</b> as {@link #dropout}.
   *
   * <p><b>Source</b> Huang et al. 2016.
   *
   * @param p the room, whose path and training step decide the mask
   * @param branch what would be added to the shortcut
   * @param probability how likely it is left out
   * @return the branch, to be added
   */
  public static Tensor dropPath(Params p, Tensor branch, double probability) {
    Shape pictures = Shape.of(branch.shape().dim(0), 1, 1, 1);
    return thin(p, "drop_path", branch, pictures, probability);
  }

  /**
   * Leaves single weights out.
   *
   * <p><b>Shapes</b> any; the result has the shape of the weights.
   *
   * <p><b>Formula</b> as {@link #dropout}, one mask for all pictures of the mini-batch.
   *
   * <p><b>Source</b> Wan et al. 2013.
   *
   * @param p the room, whose path and training step decide the mask
   * @param weights of a layer
   * @param probability how likely one is left out
   * @return the weights to compute with
   */
  public static Tensor dropConnect(Params p, Tensor weights, double probability) {
    return thin(p, "drop_connect", weights, weights.shape(), probability);
  }

  private static Tensor thin(Params p, String name, Tensor x, Shape mask, double probability) {
    requireProbability(name, probability);
    if (!p.isTraining() || probability == 0) {
      return x;
    }
    Spec spec = x.spec().withShape(mask);
    long seed = p.noiseSeed(name);
    return x.times(
        drawn(
            x,
            () -> {
              Tensor threshold = Tensor.full(spec.withShape(Shape.of()), probability);
              Tensor keep = Pointwise.greaterOrEqual(Arrays.uniform(spec, seed), threshold);
              return keep.times(1 / (1 - probability));
            }));
  }

  /**
   * Clears squares of a map, since what is left of an object around a single cleared value tells as
   * much as before.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result has the same. A size above H or W is
   * lowered to it.
   *
   * <p><b>Formula</b> with {@code q = probability * progress}, so that it grows linearly over the
   * run, corners are drawn where a whole square of side s fits, with the probability {@code q / s^2
   * * H * W / ((H - s + 1) * (W - s + 1))}; {@code y = x * mask * count / (count of ones)} over the
   * whole mini-batch.
   *
   * <p><b>Cost</b> one max pool of size s and four passes over the map.
   *
   * <p><b>Source</b> Ghiasi, Lin and Le 2018, "DropBlock".
   *
   * @param p the room, whose path and training step decide the mask
   * @param x the map
   * @param probability about which part of the map is cleared at the end of the run
   * @param size rows and columns of a square
   * @return the thinned map
   */
  public static Tensor dropBlock(Params p, Tensor x, double probability, int size) {
    requireProbability("drop_block", probability);
    double grown = probability * p.moment().progress();
    if (!p.isTraining() || grown == 0) {
      return x;
    }
    Shape shape = x.shape();
    int side = side(shape, size);
    int rows = shape.dim(1) - side + 1;
    int columns = shape.dim(2) - side + 1;
    double area = (double) shape.dim(1) * shape.dim(2) / ((double) rows * columns);
    double corner = grown / (side * side) * area;
    long seed = p.noiseSeed("drop_block");
    Spec corners = x.spec().withShape(Shape.of(shape.dim(0), rows, columns, shape.channels()));
    return x.times(
        drawn(
            x,
            () -> {
              Tensor threshold = Tensor.full(corners.withShape(Shape.of()), corner);
              Tensor seeds = Pointwise.less(Arrays.uniform(corners, seed), threshold);
              int around = side - 1;
              Window square = Window.of(side).pad(around, around, around, around);
              Tensor mask = Pooling.maxPool(seeds, square).negate().plus(1);
              Tensor ones = Reductions.sum(mask);
              Tensor least = Tensor.full(ones.spec(), 1); // nothing left stays nothing
              Tensor count = Tensor.full(ones.spec(), shape.size());
              return mask.times(count.dividedBy(Pointwise.maximum(ones, least)));
            }));
  }

  /**
   * Clears at most one square in each channel of a picture, as darknet does.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result has the same.
   *
   * <p><b>Formula</b> until 0.85 of the run the probability grows linearly from 0 and the side from
   * 1 to s; a square is drawn around a value with the probability {@code q / s^2}, of several in a
   * channel the one with the least random number, and cut at the border; what is left of a picture
   * is divided by its part of the picture.
   *
   * <p><b>Source</b> darknet's {@code [dropout] dropblock=1}; which of several squares wins and
   * that it is cut at the border is our choice.
   *
   * @param p the room, whose path and training step decide the mask
   * @param x the map
   * @param probability about how much is cleared at the end of the run
   * @param size rows and columns of a square at the end of the run, rounded down once it is reached
   * @return the thinned map
   */
  public static Tensor darknetDropBlock(Params p, Tensor x, double probability, double size) {
    requireProbability("drop_block", probability);
    double growth = Math.min(1, p.moment().progress() / DARKNET_RAMP);
    double grown = probability * growth;
    if (!p.isTraining() || grown == 0) {
      return x;
    }
    Shape shape = x.shape();
    int side = side(shape, (int) (size * growth));
    long seed = p.noiseSeed("drop_block");
    int values = shape.size() / shape.dim(0);
    int before = side / 2;
    int after = side - 1 - before;
    return x.times(
        drawn(
            x,
            () -> {
              Tensor low = Arrays.uniform(x.spec(), seed).negate(); // the least has the largest
              Tensor threshold =
                  Tensor.full(x.spec().withShape(Shape.of()), -grown / (side * side));
              Tensor least = Pointwise.equal(low, Reductions.max(low, true, 1, 2));
              Tensor seeds = least.times(Pointwise.greater(low, threshold));
              Window square = Window.of(side).pad(before, before, after, after);
              Tensor mask = Pooling.maxPool(seeds, square).negate().plus(1);
              Tensor ones = Reductions.sum(mask, true, 1, 2, 3);
              Tensor one = Tensor.full(x.spec().withShape(Shape.of()), 1);
              Tensor count = Tensor.full(one.spec(), values);
              return mask.times(count.dividedBy(Pointwise.maximum(ones, one)));
            }));
  }

  private static int side(Shape shape, int size) {
    return Math.max(1, Math.min(size, Math.min(shape.dim(1), shape.dim(2))));
  }

  /** Draws a mask aside of any tape, which would keep what it is made of. */
  private static Tensor drawn(Tensor x, Supplier<Tensor> mask) {
    return x.isSymbolic() ? mask.get() : Ops.on(x.device(), () -> Ops.with(new Eager(), mask));
  }

  private static void requireProbability(String name, double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          name
              + ": the probability is "
              + probability
              + " but must be at least 0 and less than 1, since what is left is divided by what"
              + " remains");
    }
  }
}
