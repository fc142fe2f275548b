package dev.peregrine.nn.optim;

/** Which mini-batches make up one optimiser step, and how their gradients are weighed. */
public interface Accumulation {
  /**
   * Returns the factor of the gradients of a mini-batch.
   *
   * @param examples of the mini-batch
   * @return the factor of their sum
   */
  double scale(int examples);

  /**
   * Tells whether a mini-batch completes a step.
   *
   * @param iteration how many mini-batches came before in the run
   * @param waiting examples whose gradients wait for the step, those of this mini-batch included
   * @param last whether it is the last mini-batch of its epoch
   * @return true if the step is made now
   */
  boolean steps(long iteration, int waiting, boolean last);

  /**
   * A step for so many examples and at the end of each epoch, by the mean of their gradients:
   * darknet's {@code batch}, of which mini-batches are {@code subdivisions}.
   *
   * @param nominal examples of a step, at least
   */
  record Mean(int nominal) implements Accumulation {
    /** Checks the range. */
    public Mean {
      if (nominal < 1) {
        throw new IllegalArgumentException(
            "accumulation: the nominal batch is " + nominal + " but must be at least 1");
      }
    }

    @Override
    public double scale(int examples) {
      return 1.0 / Math.max(nominal, examples);
    }

    @Override
    public boolean steps(long iteration, int waiting, boolean last) {
      return waiting >= nominal || last;
    }
  }

  /**
   * A step for so many mini-batches as come nearest to a nominal batch, by the sum of their
   * gradients: the accumulation of Scaled-YOLOv4.
   *
   * <p>During the warm-up their number rises from 1. Steps fall on iterations that the number
   * divides, whatever epoch they belong to.
   *
   * <p><b>Formula</b> at iteration n of a warm-up of W: {@code max(1, round(1 + (nominal / batch -
   * 1) n / W))}, halves to even.
   *
   * @param nominal examples of a step
   * @param batch examples of a mini-batch
   * @param warmup iterations of the warm-up
   */
  record Sum(int nominal, int batch, long warmup) implements Accumulation {
    /** Checks the ranges. */
    public Sum {
      if (nominal < 1 || batch < 1 || warmup < 0) {
        throw new IllegalArgumentException(
            "accumulation: nominal batch "
                + nominal
                + " and batch "
                + batch
                + " must be at least 1, warm-up "
                + warmup
                + " at least 0");
      }
    }

    /**
     * Returns how many mini-batches make up a step.
     *
     * @param iteration how many mini-batches came before
     * @return the number
     */
    public long batches(long iteration) {
      double whole = (double) nominal / batch;
      double now = iteration >= warmup ? whole : 1 + (whole - 1) * iteration / warmup;
      return Math.max(1, (long) Math.rint(now));
    }

    @Override
    public double scale(int examples) {
      return 1;
    }

    @Override
    public boolean steps(long iteration, int waiting, boolean last) {
      return iteration % batches(iteration) == 0;
    }
  }
}
