package snippets;

import static dev.peregrine.tensor.Reductions.mean;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import java.util.List;

/** Derivatives of a function of tensors. */
public final class Derivative {
  private Derivative() {}

  public static void main(String[] args) {
    // @start region="derivative"
    Tensor w = Tensor.of(Shape.of(4), 1, 2, 3, 4);
    try (Tape tape = Tape.watching(List.of(w))) {
      Tensor loss = tape.record(() -> mean(w.times(w))); // (1 + 4 + 9 + 16) / 4
      Adjoints gradients = tape.backward(loss); // w / 2
      System.out.println(loss);
      System.out.println(gradients.of(w));
    }
    // @end
  }
}
