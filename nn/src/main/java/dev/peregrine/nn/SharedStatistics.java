package dev.peregrine.nn;

import dev.peregrine.autograd.Recording;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation by statistics that more than the rows of this tensor have a part in.
 *
 * <p><b>Formula</b> {@code y = f(gamma * n + beta)}, {@code n = (x - mean) / sqrt(variance +
 * epsilon)}; backward, with {@code g = dy * f'}, {@code dbeta = sum g} and {@code dgamma = sum g *
 * n}: {@code dx = gamma / sqrt(variance + epsilon) * (g - b - n * a)}, where a and b are what the
 * statistics make of dgamma and dbeta.
 *
 * <p><b>Cost</b> twice that of batch normalisation forward, since it reads its own statistics
 * first, and one more pass backward where a and b are not those of batch normalisation.
 */
final class SharedStatistics {
  private SharedStatistics() {}

  /** Mean and biased variance of each channel. */
  record Moments(Tensor mean, Tensor variance) {}

  /** Sums over rows of the gradient: of scale and shift, or their means. */
  record Sums(Tensor scale, Tensor shift) {}

  /** What is shared, and with whom. */
  interface Sharing {
    /** Mixes the statistics of these rows with others. */
    Moments mix(Moments own);

    /**
     * Says how dx answers for the statistics.
     *
     * @param own sums over these rows
     * @return a and b, or null where they are the sums divided by the rows
     */
    @Nullable Sums answer(Sums own);

    /**
     * Counts the rows that the unbiased variance goes by.
     *
     * @param own rows of this tensor
     */
    default double rows(int own) {
      return own;
    }
  }

  /**
   * Normalises.
   *
   * @return y and the mixed statistics
   */
  static List<Tensor> apply(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      double epsilon,
      Unary.@Nullable Kind activation,
      Sharing sharing) {
    return Recording.differentiated(
        List.of(x, gamma, beta),
        () -> {
          List<Tensor> own =
              Ops.applyAll(new BatchNormTrain(epsilon, null), List.of(x, gamma, beta));
          Moments all = sharing.mix(new Moments(own.get(1), own.get(2)));
          Tensor y = Normalization.batchNorm(x, gamma, beta, all.mean(), all.variance(), epsilon);
          return List.of(
              activation == null ? y : Activations.apply(activation, y),
              all.mean(),
              all.variance());
        },
        (inputs, outputs, dy) -> {
          Moments all = new Moments(outputs.get(1), outputs.get(2));
          return backward(x, gamma, beta, all, epsilon, activation, dy, sharing);
        });
  }

  private static List<@Nullable Tensor> backward(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Moments all,
      double epsilon,
      Unary.@Nullable Kind activation,
      Tensor dy,
      Sharing sharing) {
    List<Tensor> plain =
        Ops.applyAll(
            new BatchNormGrad(epsilon, activation),
            List.of(x, gamma, beta, all.mean(), all.variance(), dy));
    Sums own = new Sums(plain.get(1), plain.get(2));
    Sums due = sharing.answer(own);
    if (due == null) {
      return List.copyOf(plain);
    }
    // The plain gradient took own / rows away; give that back and take what is due, which is a
    // linear function of x like batch normalisation itself.
    Tensor root = Pointwise.sqrt(all.variance().plus(epsilon));
    Tensor factor = gamma.dividedBy(root);
    double rows = x.shape().rows();
    Tensor scale = factor.times(own.scale().times(1 / rows).minus(due.scale()));
    Tensor shift = factor.times(own.shift().times(1 / rows).minus(due.shift()));
    Tensor rest = Normalization.batchNorm(x, scale, shift, all.mean(), all.variance(), epsilon);
    return List.of(plain.get(0).plus(rest), own.scale(), own.shift());
  }

  /**
   * Shares statistics with the other replicas: the moments of all rows together, in the order of
   * the replicas.
   *
   * <p><b>Formula</b> {@code mean = sum r_i mean_i / R}, {@code variance = sum r_i (variance_i +
   * (mean_i - mean)^2) / R}, in double precision.
   */
  static final class AcrossReplicas implements Sharing {
    private final Replica replica;
    private final int rows;
    private double totalRows;

    AcrossReplicas(Replica replica, int rows) {
      this.replica = replica;
      this.rows = rows;
    }

    @Override
    public Moments mix(Moments own) {
      int channels = own.mean().shape().size();
      List<double[]> all = replica.exchange(packed(own.mean(), own.variance()));
      double total = total(all, channels);
      totalRows = total;
      double[] mean = new double[channels];
      for (double[] part : all) {
        for (int c = 0; c < channels; c++) {
          mean[c] += part[2 * channels] * part[c] / total;
        }
      }
      double[] variance = new double[channels];
      for (double[] part : all) {
        for (int c = 0; c < channels; c++) {
          double away = part[c] - mean[c];
          variance[c] += part[2 * channels] * (part[channels + c] + away * away) / total;
        }
      }
      return new Moments(tensor(mean, own.mean().spec()), tensor(variance, own.mean().spec()));
    }

    @Override
    public Sums answer(Sums own) {
      int channels = own.scale().shape().size();
      List<double[]> all = replica.exchange(packed(own.scale(), own.shift()));
      double total = total(all, channels);
      double[] scale = new double[channels];
      double[] shift = new double[channels];
      for (double[] part : all) {
        for (int c = 0; c < channels; c++) {
          scale[c] += part[c] / total;
          shift[c] += part[channels + c] / total;
        }
      }
      return new Sums(tensor(scale, own.scale().spec()), tensor(shift, own.scale().spec()));
    }

    @Override
    public double rows(int own) {
      return totalRows;
    }

    private static double total(List<double[]> all, int channels) {
      return all.stream().mapToDouble(part -> part[2 * channels]).sum();
    }

    private double[] packed(Tensor first, Tensor second) {
      int channels = first.shape().size();
      double[] packed = new double[2 * channels + 1];
      System.arraycopy(first.doubles(), 0, packed, 0, channels);
      System.arraycopy(second.doubles(), 0, packed, channels, channels);
      packed[2 * channels] = rows;
      return packed;
    }

    private static Tensor tensor(double[] numbers, Spec spec) {
      return ParameterBlock.numbers(spec.dtype(), Ops.device(), numbers);
    }
  }
}
