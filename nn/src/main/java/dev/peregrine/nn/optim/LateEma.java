package dev.peregrine.nn.optim;

import dev.peregrine.nn.ParameterBlock;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Blend;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Darknet's average of weights: begun in the middle of a run, put in the place of the weights near
 * its end.
 *
 * <p><b>Formula</b> from step {@code begin} on {@code average = alpha * average + (1 - alpha) *
 * value} for weights, biases and scales; at step {@code settle} the values become the average, and
 * training goes on, which finds the running statistics that belong to them. Statistics are not
 * averaged.
 *
 * <p><b>Source</b> AlexeyAB/darknet, {@code ema_update} and {@code ema_apply}.
 */
public final class LateEma implements WeightAverage {
  private final double alpha;
  private final long begin;
  private final long settle;
  private final Set<String> learned = new HashSet<>();
  private @Nullable ParameterBlock average;
  private long updates;

  /**
   * Makes an average.
   *
   * @param alpha share of the average that is kept, darknet's {@code ema_alpha}
   * @param begin the step with whose values it begins, from 1; darknet's is half of the run
   * @param settle the step after which the values become the average; darknet's is 1000 before the
   *     end
   */
  public LateEma(double alpha, long begin, long settle) {
    if (!(alpha >= 0 && alpha < 1 && begin >= 1 && settle >= begin)) {
      throw new IllegalArgumentException(
          "late ema: alpha "
              + alpha
              + " must be at least 0 and less than 1, and its begin "
              + begin
              + " between 1 and its end "
              + settle);
    }
    this.alpha = alpha;
    this.begin = begin;
    this.settle = settle;
  }

  @Override
  public void update(Params params) {
    updates++;
    if (updates < begin || updates > settle) {
      return;
    }
    ParameterBlock values = params.pack();
    boolean first = average == null;
    ParameterBlock block = Ema.following(average, values);
    average = block;
    learned.clear();
    params.entries().stream()
        .filter(entry -> entry.kind() != Params.Kind.STATISTIC)
        .forEach(entry -> learned.add(entry.path()));
    if (!first) {
      double share = (float) alpha;
      for (ParameterBlock.Range range : block.ranges(learned::contains)) {
        Tensor part = block.range(range.from(), range.to());
        ParameterBlock.overwrite(
            new Blend(),
            List.of(part, values.range(range.from(), range.to()), block.numbers(share, 1 - share)),
            List.of(part));
      }
    }
    if (updates == settle) {
      applyTo(params);
      average = null;
    }
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
    return average == null ? Map.of() : average.copies(learned::contains);
  }

  @Override
  public void restore(Map<String, Tensor> state, long updates) {
    learned.clear();
    learned.addAll(state.keySet());
    average = state.isEmpty() ? null : ParameterBlock.of(state);
    this.updates = updates;
  }
}
