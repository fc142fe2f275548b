package dev.peregrine.nn.train;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.ParameterBlock;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.NonFinite.Origin;
import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Slab;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for numbers that are infinite or none.
 *
 * <p><b>Cost</b> of a sound mini-batch one sum over its gradients, of an update one over the
 * weights: an infinite number or none makes the sum so. Only then are single numbers looked at, and
 * the mini-batch computed again to find where it began.
 */
final class FiniteCheck {
  private FiniteCheck() {}

  /** The first part of a loss that is not finite. */
  static Optional<String> ofLoss(Map<String, Double> parts) {
    return parts.entrySet().stream()
        .filter(part -> !Double.isFinite(part.getValue()))
        .findFirst()
        .map(part -> part.getKey() + " became " + part.getValue());
  }

  /** The gradient nearest to the loss that is not finite. */
  static Optional<String> ofGradients(Params params, Adjoints gradients) {
    List<Params.Entry> reached =
        params.entries().reversed().stream()
            .filter(entry -> entry.isTrained() && gradients.reaches(entry.value()))
            .toList();
    double[] sums = sums(reached.stream().map(entry -> gradients.of(entry.value())).toList());
    for (int i = 0; i < sums.length; i++) {
      if (!Double.isFinite(sums[i])) {
        Params.Entry entry = reached.get(i);
        String number = bad(gradients.of(entry.value()));
        if (number != null) {
          return Optional.of("the gradient of '" + entry.path() + "' became " + number);
        }
      }
    }
    return Optional.empty();
  }

  /** The sums of tensors of one type and device, which are read at once: one wait for them all. */
  private static double[] sums(List<Tensor> tensors) {
    if (tensors.isEmpty()) {
      return new double[0];
    }
    Device device = tensors.getFirst().device();
    DType dtype = tensors.getFirst().dtype();
    Slab slab = device.slab(dtype, tensors.size());
    Spec one = new Spec(dtype, Shape.of());
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      List<Integer> axes = IntStream.range(0, tensor.shape().rank()).boxed().toList();
      ParameterBlock.overwrite(
          new Reduce(Reduce.Kind.SUM, axes, false),
          List.of(tensor),
          List.of(new Tensor(one, device, slab.at(i, one))));
    }
    Spec row = new Spec(dtype, Shape.of(tensors.size()));
    return new Tensor(row, device, slab.at(0, row)).doubles();
  }

  /** The first array of a model that is not finite. */
  static Optional<String> ofNumbers(Params params) {
    ParameterBlock block = params.pack();
    boolean sound =
        block.ranges(_ -> true).stream()
            .allMatch(range -> Double.isFinite(sum(block.range(range.from(), range.to()))));
    return sound ? Optional.empty() : ofArrays(params);
  }

  private static Optional<String> ofArrays(Params params) {
    for (Params.Entry entry : params.entries()) {
      String number = bad(entry.value());
      if (number != null) {
        return Optional.of("'" + entry.path() + "' became " + number);
      }
    }
    return Optional.empty();
  }

  private static double sum(Tensor x) {
    return Ops.with(new Eager(), () -> Reductions.sum(x)).item();
  }

  /** The first number of a tensor that is not finite, or null; a large sum alone is no fault. */
  private static @Nullable String bad(Tensor x) {
    boolean floating = x.dtype() == DType.F32 || x.dtype() == DType.F64;
    if (!floating || x.shape().size() == 0 || Double.isFinite(sum(x))) {
      return null;
    }
    for (double number : x.doubles()) {
      if (!Double.isFinite(number)) {
        return String.valueOf(number);
      }
    }
    return null;
  }

  /**
   * Computes a part of a mini-batch again and finds the first operation whose result is not finite,
   * forward before backward; where all are finite and only the loss is not, the one of the largest
   * result of forward.
   */
  static <T> Origin search(Params params, Objective<T> objective, List<T> part, List<T> whole) {
    Search search = new Search(params);
    try (Tape tape = Tape.watching(params, search::look)) {
      objective.compute(params, tape, part, whole);
    } finally {
      params.discard();
    }
    Origin found = search.found;
    return found == null ? search.largest : found;
  }

  /** Follows every operation of a step; of replicas, whichever comes first is told. */
  private static final class Search {
    /** The layers of parameters, and of what is computed with them. */
    private final Map<Tensor, String> layers = Collections.synchronizedMap(new IdentityHashMap<>());

    private volatile @Nullable Origin found;
    private Origin largest = new Origin("", "input", false, "only finite numbers");
    private double size;

    /** The layer that forward or backward has come to. */
    private volatile String last = "";

    Search(Params params) {
      for (Params.Entry entry : params.entries()) {
        String path = entry.path();
        layers.put(entry.value(), path.substring(0, Math.max(0, path.lastIndexOf('.'))));
      }
    }

    void look(Op op, List<Tensor> inputs, List<Tensor> outputs, boolean backward) {
      // Parameters come after the activation that they are applied to.
      String layer = "";
      for (Tensor input : inputs) {
        layer = layers.getOrDefault(input, layer);
      }
      if (!backward && !layer.isEmpty()) {
        last = layer;
      } else if (backward && layer.isEmpty()) {
        layer = last; // what goes backward first has no name of its own
      }
      for (Tensor output : outputs) {
        layers.putIfAbsent(output, layer);
        if (found != null) {
          return;
        }
        String operation = op.getClass().getSimpleName();
        String number = bad(output);
        if (number != null) {
          found = new Origin(layer, operation, backward, number);
        } else if (!backward) {
          compare(layer, operation, output);
        }
      }
    }

    private synchronized void compare(String layer, String operation, Tensor output) {
      for (double number : output.doubles()) {
        if (Math.abs(number) > size) {
          size = Math.abs(number);
          String told = number + ", the largest number; the loss overflows";
          largest = new Origin(layer, operation, false, told);
        }
      }
    }
  }
}
