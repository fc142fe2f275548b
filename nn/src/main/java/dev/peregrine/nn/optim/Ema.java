package dev.peregrine.nn.optim;

import dev.peregrine.nn.ParameterBlock;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Blend;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The exponential moving average of all numbers of a model, running statistics included, by which
 * it is evaluated.
 *
 * <p><b>Formula</b> after update u, {@code d = decay * (1 - exp(-u / 2000))} and {@code average = d
 * * average + (1 - d) * value}; the average begins as the values of the first update, and follows
 * them closely at first.
 *
 * <p>The average lies in a block like the values', so an update is one pass over memory, in place.
 *
 * <p><b>Source</b> Polyak and Juditsky 1992; Scaled-YOLOv4's training code.
 */
public final class Ema implements WeightAverage {
  private final double decay;
  private final double horizon;
  private @Nullable ParameterBlock average;
  private long updates;

  /** Makes the average of Scaled-YOLOv4: decay 0.9999 and a horizon of 2000 updates. */
  public Ema() {
    this(0.9999, 2000);
  }

  /**
   * Makes an average.
   *
   * @param decay share of the average that is kept in the long run
   * @param horizon updates until the share has grown to 63 percent of that
   */
  public Ema(double decay, double horizon) {
    if (!(decay >= 0 && decay < 1 && horizon > 0)) {
      throw new IllegalArgumentException(
          "ema: decay "
              + decay
              + " must be at least 0 and less than 1, horizon "
              + horizon
              + " more than 0");
    }
    this.decay = decay;
    this.horizon = horizon;
  }

  /**
   * Returns how much of the average an update keeps.
   *
   * @param update the number of the update, from 1
   * @return the share d
   */
  public double share(long update) {
    return decay * (1 - Math.exp(-update / horizon));
  }

  @Override
  public void update(Params params) {
    updates++;
    // Rounded before it is taken from 1: two shares that do not add up to 1 would draw the average
    // of numbers that stay the same away from them, by 1e-4 of their size in the long run.
    double share = (float) share(updates);
    ParameterBlock values = params.pack();
    ParameterBlock block = following(average, values);
    average = block;
    Tensor all = block.range(0, block.size());
    ParameterBlock.overwrite(
        new Blend(),
        List.of(all, values.range(0, values.size()), block.numbers(share, 1 - share)),
        List.of(all));
  }

  /** Brings the average to the places of the values; what it lacks begins as they are. */
  static ParameterBlock following(@Nullable ParameterBlock last, ParameterBlock values) {
    if (last != null && last.isLike(values)) {
      return last;
    }
    ParameterBlock block = values.like();
    for (String path : block.paths()) {
      ParameterBlock source = last != null && last.paths().contains(path) ? last : values;
      block.put(path, source.get(path));
    }
    return block;
  }

  @Override
  public void applyTo(Params params) {
    state().forEach(params::set);
  }

  @Override
  public long updates() {
    return updates;
  }

  @Override
  public Map<String, Tensor> state() {
    return average == null ? Map.of() : average.copies(path -> true);
  }

  @Override
  public void restore(Map<String, Tensor> state, long updates) {
    average = state.isEmpty() ? null : ParameterBlock.of(state);
    this.updates = updates;
  }
}
