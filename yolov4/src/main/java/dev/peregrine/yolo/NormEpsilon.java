package dev.peregrine.yolo;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.yolo.model.DetectionModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The epsilon of batch norms, which no file of numbers tells and in which programs differ: darknet
 * has 1e-5, ScaledYOLOv4's cfg networks 1e-4, its yaml networks 1e-3.
 *
 * <p>A network gives the same with another epsilon once the difference is moved into the variances.
 *
 * <p><b>Formula</b> {@code (x - mean) / sqrt(variance + e) = (x - mean) / sqrt(variance' + e')} for
 * {@code variance' = variance + e - e'}.
 */
public final class NormEpsilon {
  private NormEpsilon() {}

  /**
   * Returns the epsilon that a network computes with.
   *
   * <p><b>Errors</b> {@link FormatException} where it has no batch norm, or several epsilons.
   *
   * @param model the network
   * @return its epsilon
   */
  public static double of(DetectionModel model) {
    List<Double> found =
        model.trace(Params.symbolic()).nodes().stream()
            .filter(node -> node.op() instanceof BatchNorm)
            .map(node -> ((BatchNorm) node.op()).epsilon())
            .distinct()
            .toList();
    if (found.size() != 1) {
      throw new FormatException(
          "%s: its batch norms have the epsilons %s, so that numbers cannot be moved to another one"
              .formatted(model.name(), found));
    }
    return found.getFirst();
  }

  /**
   * Makes numbers serve another epsilon.
   *
   * <p><b>Errors</b> {@link FormatException} where a variance is so small that none serves.
   *
   * @param params the numbers; their variances are replaced
   * @param from the epsilon they serve
   * @param to the epsilon they shall serve
   */
  public static void move(Params params, double from, double to) {
    if (from == to) {
      return;
    }
    Map<String, Tensor> moved = new HashMap<>();
    for (Params.Entry entry : params.entries()) {
      if (entry.kind() == Params.Kind.STATISTIC && entry.path().endsWith(".variance")) {
        moved.put(entry.path(), move(entry, from, to));
      }
    }
    moved.forEach(params::set);
  }

  private static Tensor move(Params.Entry entry, double from, double to) {
    Tensor old = entry.value();
    double[] variances = old.doubles();
    float[] rounded = new float[variances.length];
    for (int i = 0; i < variances.length; i++) {
      variances[i] += from - to;
      rounded[i] = (float) variances[i];
      if (!(rounded[i] + to > 0)) {
        throw new FormatException(
            "%s: number %d is a variance of %s for the epsilon %s, which has no counterpart for %s"
                .formatted(entry.path(), i, variances[i] - from + to, from, to));
      }
    }
    return Ops.on(
        old.device(),
        () ->
            old.dtype() == DType.F64
                ? Tensor.of(old.shape(), variances)
                : Tensor.of(old.shape(), rounded));
  }
}
