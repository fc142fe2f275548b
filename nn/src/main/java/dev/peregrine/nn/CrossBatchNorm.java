package dev.peregrine.nn;

import dev.peregrine.nn.SharedStatistics.Moments;
import dev.peregrine.nn.SharedStatistics.Sharing;
import dev.peregrine.nn.SharedStatistics.Sums;
import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statistics that mini-batches share with earlier ones. */
final class CrossBatchNorm {
  private static final String MEAN = "mean";
  private static final String SQUARE = "square";
  private static final String COUNT = "window.count";

  private CrossBatchNorm() {}

  /**
   * Cross mini-batch normalisation (CmBN): the mini-batches since the last optimiser step, whose
   * weights are the same, count together.
   *
   * <p><b>Formula</b> for the i-th of them, from 1: {@code m = mean / i + (1 - 1 / i) m}, {@code e
   * = E / i + (1 - 1 / i) e} with {@code E = max(sum x^2 / (rows - 1), mean^2)}, variance {@code
   * max(0, e - m^2)}; backward as ordinary batch normalisation with these statistics, as darknet
   * does, which for i above 1 is not the derivative.
   *
   * <p><b>Source</b> Bochkovskiy, Wang and Liao 2020, "YOLOv4"; darknet.
   */
  record AcrossMiniBatches(LayerMemory memory, boolean first, int rows) implements Sharing {
    @Override
    public Moments mix(Moments own) {
      double bessel = rows > 1 ? rows / (rows - 1.0) : 1;
      Tensor square = own.mean().times(own.mean());
      Tensor second = Pointwise.maximum(own.variance().plus(square).times(bessel), square);
      Tensor before = first ? null : memory.recall(COUNT);
      double count = before == null ? 0 : before.item();
      memory.remember(COUNT, Tensor.full(own.mean().spec().withShape(Shape.of()), count + 1));
      Tensor mean = running("window.mean", own.mean(), count);
      return new Moments(mean, variance(running("window.square", second, count), mean));
    }

    private Tensor running(String name, Tensor value, double count) {
      Tensor before = count == 0 ? null : memory.recall(name);
      double share = 1 / (count + 1);
      Tensor after = before == null ? value : value.times(share).plus(before.times(1 - share));
      memory.remember(name, after);
      return after;
    }

    @Override
    public @Nullable Sums answer(Sums own) {
      return null;
    }

    @Override
    public double rows(int own) {
      return 1; // the variance is unbiased already
    }
  }

  /**
   * Cross-iteration normalisation (CBN): the last mini-batches count as much as this one, their
   * statistics carried to the present weights along their derivatives by the weights.
   *
   * <p><b>Formula</b> for a convolution {@code y = w * x}: {@code mean_t + d mean_t / dw (w - w_t)}
   * and likewise {@code E[y^2]}, both derivatives of filter c's statistics by filter c; the mean of
   * {@code max(E[y^2], mean^2)} over the window less the square of the mean of the means. The
   * gradient takes earlier statistics, carried along, as constants, and is exact then.
   *
   * <p><b>Cost</b> two gradients of the weights more forward, and three arrays of the size of the
   * weights for each earlier mini-batch.
   *
   * <p><b>Source</b> Yao et al. 2020, "Cross-iteration batch normalization".
   */
  static final class AcrossIterations implements Sharing {
    private final LayerMemory memory;
    private final Site site;
    private final int slots;
    private final int slot;
    private int counted = 1;

    /** Where the convolution stands whose result is normalised. */
    record Site(Tensor x, Tensor y, Tensor weights, Window window, int groups) {}

    AcrossIterations(LayerMemory memory, Site site, int window, long step) {
      this.memory = memory;
      this.site = site;
      this.slots = window - 1;
      this.slot = slots == 0 ? 0 : (int) (step % slots);
    }

    @Override
    public Moments mix(Moments own) {
      Tensor square = own.variance().plus(own.mean().times(own.mean()));
      List<Tensor> means = new ArrayList<>(List.of(own.mean()));
      List<Tensor> squares = new ArrayList<>(List.of(square));
      for (int i = 0; i < slots; i++) {
        Tensor weights = memory.recall(name(i, "weights"));
        if (weights != null) {
          Tensor change = site.weights().minus(weights);
          Tensor mean = carried(i, MEAN, change);
          means.add(mean);
          squares.add(Pointwise.maximum(carried(i, SQUARE, change), mean.times(mean)));
        }
      }
      counted = means.size();
      if (slots > 0 && !memory.isPending(name(slot, "weights"))) {
        leave(own.mean(), square);
      }
      Tensor mean = average(means);
      return new Moments(mean, variance(average(squares), mean));
    }

    private Tensor carried(int index, String statistic, Tensor change) {
      Tensor value = recalled(name(index, statistic));
      Tensor slope = recalled(name(index, statistic + ".slope"));
      return value.plus(Reductions.sum(slope.times(change), false, 0, 1, 2));
    }

    private Tensor recalled(String name) {
      Tensor value = memory.recall(name);
      if (value == null) {
        throw new IllegalStateException("cross-iteration statistics: " + name + " is missing");
      }
      return value;
    }

    /** Leaves this mini-batch's statistics for later ones, in place of the oldest. */
    private void leave(Tensor mean, Tensor square) {
      double each = 1.0 / site.y().shape().rows();
      Ops.with(
          new Eager(),
          () -> {
            memory.remember(name(slot, MEAN), mean);
            memory.remember(name(slot, SQUARE), square);
            Tensor even = Tensor.full(site.y().spec(), each);
            memory.remember(name(slot, MEAN + ".slope"), slope(even));
            memory.remember(name(slot, SQUARE + ".slope"), slope(site.y().times(2 * each)));
            memory.remember(name(slot, "weights"), site.weights());
            return mean;
          });
    }

    private Tensor slope(Tensor dy) {
      Conv2dWeightGrad gradient =
          new Conv2dWeightGrad(site.window(), site.groups(), site.weights().shape());
      return Ops.apply(gradient, site.x(), dy);
    }

    @Override
    public Sums answer(Sums own) {
      double share = 1.0 / ((double) site.y().shape().rows() * counted);
      return new Sums(own.scale().times(share), own.shift().times(share));
    }

    private static String name(int slot, String what) {
      return "iteration." + slot + "." + what;
    }

    private static Tensor average(List<Tensor> values) {
      Tensor sum = values.getFirst();
      for (Tensor value : values.subList(1, values.size())) {
        sum = sum.plus(value);
      }
      return sum.times(1.0 / values.size());
    }
  }

  private static Tensor variance(Tensor square, Tensor mean) {
    Tensor variance = square.minus(mean.times(mean));
    return Pointwise.maximum(variance, Tensor.full(variance.spec(), 0));
  }
}
