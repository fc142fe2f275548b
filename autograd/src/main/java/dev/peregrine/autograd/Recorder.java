package dev.peregrine.autograd;

import dev.peregrine.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/** Who records the code that runs now, behind the doors of {@link Recording}. */
interface Recorder {
  List<Tensor> recomputed(Supplier<List<Tensor>> body);

  List<Tensor> differentiated(
      List<Tensor> inputs, Supplier<List<Tensor>> forward, Recording.Derivative derivative);
}
