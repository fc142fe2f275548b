package dev.peregrine.nn.train;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.Reshape;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The memory that training steps take, known before any of it is taken.
 *
 * <p>A tape remembers what forward made until backward has used it, and then gives it back piece by
 * piece, while derivatives come and go: the most is taken somewhere on the way back. Counted here
 * are values and derivatives; what a device needs for itself and the pictures that wait in the
 * loader come on top.
 *
 * <p><b>Units</b> bytes.
 *
 * @param state weights and statistics, their momentum and their moving average
 * @param gradients derivatives of the weights
 * @param forward all that forward makes
 * @param values the most that values and their derivatives take at one time on the way back
 */
public record StepFootprint(long state, long gradients, long forward, long values) {
  /**
   * Adds up.
   *
   * @param params the numbers of the network, of which shapes are enough
   * @param forward the network traced in training mode, at the batch of a step
   * @return the memory
   */
  public static StepFootprint of(Params params, Graph forward) {
    long trained = 0;
    long all = 0;
    for (Params.Entry entry : params.entries()) {
      long bytes = entry.value().spec().bytes();
      all += bytes;
      trained += entry.isTrained() ? bytes : 0;
    }
    long made = forward.inputs().stream().mapToLong(input -> input.spec().bytes()).sum();
    for (Node node : forward.nodes()) {
      made += bytes(node);
    }
    return new StepFootprint(2 * all + trained, trained, made, most(forward, made));
  }

  /** A reshaped tensor is another look at the same memory. */
  private static long bytes(Node node) {
    return node.op() instanceof Reshape
        ? 0
        : node.outputs().stream().mapToLong(output -> output.spec().bytes()).sum();
  }

  private static long most(Graph forward, long made) {
    Map<Value, Integer> lastUse = new HashMap<>();
    int end = forward.nodes().size();
    for (int i = 0; i < end; i++) {
      for (Value input : forward.nodes().get(i).inputs()) {
        if (input instanceof Value.Result) {
          lastUse.put(input, i);
        }
      }
    }
    long derivatives = 0;
    for (Value output : forward.outputs()) {
      lastUse.put(output, end);
      derivatives += output.spec().bytes();
    }
    long values = made;
    long most = values + derivatives;
    for (int i = end - 1; i >= 0; i--) {
      Node node = forward.nodes().get(i);
      for (Value input : node.inputs().stream().distinct().toList()) {
        boolean first = lastUse.getOrDefault(input, -1) == i;
        derivatives += first ? input.spec().bytes() : 0;
      }
      most = Math.max(most, values + derivatives);
      for (Value output : node.outputs()) {
        derivatives -= lastUse.containsKey(output) ? output.spec().bytes() : 0;
      }
      values -= bytes(node);
    }
    return most;
  }

  /**
   * Returns what a run takes at its peak.
   *
   * @return the sum of state, gradients and values
   */
  public long total() {
    return state + gradients + values;
  }

  /** Returns the sizes in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "weights, momentum and average %.1f MiB; gradients %.1f MiB; activations %.1f MiB, with"
            + " their derivatives at most %.1f MiB; together %.1f MiB",
        state / 1048576.0,
        gradients / 1048576.0,
        forward / 1048576.0,
        values / 1048576.0,
        total() / 1048576.0);
  }
}
