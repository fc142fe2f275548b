package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Spec;
import java.util.function.Supplier;

/**
 * One value of a graph: a leaf that comes from outside or the result of a node.
 *
 * <p>Values compare by identity and never change, so graphs may share them.
 */
public sealed interface Value {
  /**
   * Returns all that is known of the value but its numbers.
   *
   * @return its spec
   */
  Spec spec();

  /** A value that the caller gives for each run. */
  final class Input implements Value {
    private final Spec spec;

    Input(Spec spec) {
      this.spec = spec;
    }

    @Override
    public Spec spec() {
      return spec;
    }
  }

  /** A value that is the same in each run; a device may pack it into a layout of its own. */
  final class Constant implements Value {
    private final Tensor tensor;

    Constant(Tensor tensor) {
      this.tensor = tensor;
    }

    @Override
    public Spec spec() {
      return tensor.spec();
    }

    /**
     * Returns the numbers.
     *
     * @return the tensor, symbolic if the graph was traced on shapes alone
     */
    public Tensor tensor() {
      return tensor;
    }
  }

  /** A value that may change from run to run, such as a weight that is being trained. */
  final class Variable implements Value {
    private final Spec spec;
    private final Supplier<Tensor> current;

    Variable(Spec spec, Supplier<Tensor> current) {
      this.spec = spec;
      this.current = current;
    }

    @Override
    public Spec spec() {
      return spec;
    }

    /**
     * Reads the present numbers.
     *
     * @return a tensor of this value's spec
     */
    public Tensor current() {
      return current.get();
    }
  }

  /** A value that a node computes. */
  final class Result implements Value {
    private final Node node;
    private final int index;
    private final Spec spec;

    Result(Node node, int index, Spec spec) {
      this.node = node;
      this.index = index;
      this.spec = spec;
    }

    @Override
    public Spec spec() {
      return spec;
    }

    /**
     * Returns who computes it.
     *
     * @return the node
     */
    public Node node() {
      return node;
    }

    /**
     * Returns which of the node's outputs it is.
     *
     * @return its position
     */
    public int index() {
      return index;
    }
  }
}
