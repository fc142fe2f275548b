package dev.peregrine.nn;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.DType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all handles to one set of {@link Params} share. */
final class ParamsState {
  final Map<String, Params.Entry> entries = new LinkedHashMap<>();
  final Map<String, Tensor> pending = new LinkedHashMap<>();
  final DType dtype;
  final boolean symbolic;
  @Nullable ParameterBlock block;
  long seed;
  long step;
  boolean training;
  double statisticsMomentum = 0.03;

  ParamsState(long seed, DType dtype, boolean symbolic) {
    this.seed = seed;
    this.dtype = dtype;
    this.symbolic = symbolic;
  }
}
