package dev.peregrine.nn.optim;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Darknet's learning rates: a burn-in, then a policy.
 *
 * <p><b>Formula</b> below {@code burnIn} iterations {@code rate * (n / burnIn) ^ power}, after it
 * what the policy says; iterations count from 0 for every policy, the burn-in included.
 *
 * <p><b>Source</b> AlexeyAB/darknet, {@code get_current_rate}.
 *
 * @param rate the base rate
 * @param momentum of every step
 * @param burnIn iterations of the burn-in
 * @param power exponent of the burn-in
 * @param policy what follows
 */
public record DarknetSchedule(
    double rate, double momentum, long burnIn, double power, Policy policy) implements Schedule {

  /** What follows the burn-in. */
  public sealed interface Policy {
    /**
     * Returns the learning rate of an iteration after the burn-in.
     *
     * @param rate the base rate
     * @param n the iteration, from 0 at the start of the run
     * @return the learning rate
     */
    double at(double rate, long n);
  }

  /** The base rate throughout. */
  public record Constant() implements Policy {
    @Override
    public double at(double rate, long n) {
      return rate;
    }
  }

  /**
   * A factor every so many iterations.
   *
   * @param step iterations from one change to the next
   * @param scale the factor
   */
  public record Step(long step, double scale) implements Policy {
    /** Checks the range. */
    public Step {
      require(step >= 1, "step " + step + " must be at least 1");
    }

    @Override
    public double at(double rate, long n) {
      return rate * Math.pow(scale, Math.floorDiv(n, step));
    }
  }

  /**
   * Factors at given iterations.
   *
   * @param steps the iterations, rising
   * @param scales the factor from each of them on
   */
  public record Steps(List<Long> steps, List<Double> scales) implements Policy {
    /** Checks and copies the lists. */
    public Steps {
      require(
          steps.size() == scales.size(),
          steps.size() + " steps " + steps + " take as many scales, not " + scales);
      steps = List.copyOf(steps);
      scales = List.copyOf(scales);
    }

    @Override
    public double at(double rate, long n) {
      double factor = 1;
      for (int i = 0; i < steps.size() && steps.get(i) <= n; i++) {
        factor *= scales.get(i);
      }
      return rate * factor;
    }
  }

  /**
   * {@code rate * gamma ^ n}.
   *
   * @param gamma the factor of one iteration
   */
  public record Exponential(double gamma) implements Policy {
    @Override
    public double at(double rate, long n) {
      return rate * Math.pow(gamma, n);
    }
  }

  /**
   * {@code rate * (1 - n / last) ^ power}.
   *
   * @param last the last iteration
   * @param power the exponent
   */
  public record Polynomial(long last, double power) implements Policy {
    /** Checks the range. */
    public Polynomial {
      require(last >= 1, "last iteration " + last + " must be at least 1");
    }

    @Override
    public double at(double rate, long n) {
      return rate * Math.pow(Math.max(0, 1 - (double) n / last), power);
    }
  }

  /**
   * {@code rate / (1 + e ^ (gamma * (n - middle)))}.
   *
   * @param gamma the steepness
   * @param middle where half of the rate is left
   */
  public record Sigmoid(double gamma, long middle) implements Policy {
    @Override
    public double at(double rate, long n) {
      return rate / (1 + Math.exp(gamma * (n - middle)));
    }
  }

  /**
   * Cosine with restarts: each cycle is {@code multiplier} times as long as the one before.
   *
   * <p><b>Formula</b> {@code minimum + (rate - minimum) * (1 + cos(pi * (n - start) / length)) /
   * 2}.
   *
   * <p><b>Source</b> Loshchilov and Hutter 2017.
   *
   * @param minimum the rate at the end of a cycle
   * @param cycle iterations of the first cycle
   * @param multiplier growth of the cycles
   */
  public record Cosine(double minimum, long cycle, double multiplier) implements Policy {
    /** Checks the ranges. */
    public Cosine {
      require(
          cycle >= 1 && multiplier >= 1,
          "cycle " + cycle + " and multiplier " + multiplier + " must be at least 1");
    }

    @Override
    public double at(double rate, long n) {
      long start = 0;
      double length = cycle;
      while (n > start + length) {
        start += (long) length;
        length *= multiplier;
      }
      return minimum + 0.5 * (rate - minimum) * (1 + Math.cos(Math.PI * (n - start) / length));
    }
  }

  /**
   * {@code rate * u ^ power} with a random number u in 0 to 1 for each iteration.
   *
   * @param power the exponent
   * @param seed of the numbers
   */
  public record Random(double power, long seed) implements Policy {
    @Override
    public double at(double rate, long n) {
      double u = new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ n).nextDouble();
      return rate * Math.pow(u, power);
    }
  }

  @Override
  public StepSize at(long iteration) {
    double now =
        iteration < burnIn
            ? rate * Math.pow((double) iteration / burnIn, power)
            : policy.at(rate, iteration);
    return StepSize.of(now, momentum);
  }

  private static void require(boolean holds, String law) {
    if (!holds) {
      throw new IllegalArgumentException("learning rate: " + law);
    }
  }
}
