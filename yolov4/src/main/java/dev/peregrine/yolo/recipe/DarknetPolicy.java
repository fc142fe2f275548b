package dev.peregrine.yolo.recipe;

import dev.peregrine.nn.optim.DarknetSchedule;
import dev.peregrine.nn.optim.DarknetSchedule.Policy;
import java.util.List;

/**
 * Darknet's policies of the learning rate after the burn-in, with numbers that suit a run of any
 * length: at its end little more than a last share of the rate is left.
 */
public enum DarknetPolicy implements DarknetRecipe.Curve {
  /** Half a cosine, {@code sgdr} with one cycle. */
  SGDR {
    @Override
    public Policy over(long iterations, double rate, double last, long seed) {
      return new DarknetSchedule.Cosine(rate * last, iterations, 2);
    }
  },
  /** A tenth at four fifths of the run, and a tenth of that at nine tenths. */
  STEPS {
    @Override
    public Policy over(long iterations, double rate, double last, long seed) {
      return new DarknetSchedule.Steps(
          List.of(iterations * 4 / 5, iterations * 9 / 10), List.of(0.1, 0.1));
    }
  },
  /** A tenth at each third of the run. */
  STEP {
    @Override
    public Policy over(long iterations, double rate, double last, long seed) {
      return new DarknetSchedule.Step(Math.max(1, iterations / 3), 0.1);
    }
  },
  /** The rate stays. */
  CONSTANT {
    @Override
    public Policy over(long iterations, double rate, double last, long seed) {
      return new DarknetSchedule.Constant();
    }
  },
  /** The fourth power of what is left of the run. */
  POLY {
    @Override
    public Policy over(long iterations, double rate, double last, long seed) {
      return new DarknetSchedule.Polynomial(iterations, 4);
    }
  },
  /** The same factor in each step. */
  EXP {
    @Override
    public Policy over(long iterations, double rate, double last, long seed) {
      return new DarknetSchedule.Exponential(Math.pow(last, 1.0 / iterations));
    }
  },
  /** A logistic function around the middle of the run. */
  SIG {
    @Override
    public Policy over(long iterations, double rate, double last, long seed) {
      double steepness = Math.log(1 / Math.min(0.5, last) - 1) * 2 / iterations;
      return new DarknetSchedule.Sigmoid(steepness, iterations / 2);
    }
  },
  /** The fourth power of a random number. */
  RANDOM {
    @Override
    public Policy over(long iterations, double rate, double last, long seed) {
      return new DarknetSchedule.Random(4, seed);
    }
  }
}
