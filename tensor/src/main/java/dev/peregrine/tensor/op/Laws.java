package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.DTypeException;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/** The laws that several operations share, each with one wording of its error. */
final class Laws {
  private Laws() {}

  static void arity(String op, List<Spec> inputs, String... names) {
    if (inputs.size() != names.length) {
      throw new ShapeException(
          op
              + ": takes "
              + names.length
              + " inputs ("
              + String.join(", ", names)
              + ") but was given "
              + inputs.size());
    }
  }

  static void rank(String op, String name, Spec input, int rank) {
    if (input.shape().rank() != rank) {
      throw new ShapeException(
          op
              + ": "
              + name
              + " has rank "
              + input.shape().rank()
              + " "
              + input.shape()
              + " but rank "
              + rank
              + " is required");
    }
  }

  static void floating(String op, String name, Spec input) {
    if (!input.dtype().isFloating()) {
      throw new DTypeException(
          op + ": " + name + " is " + input.dtype() + " but must be f32 or f64; cast it first");
    }
  }

  static void sameType(String op, List<Spec> inputs) {
    DType first = inputs.get(0).dtype();
    for (Spec input : inputs) {
      if (input.dtype() != first) {
        throw new DTypeException(
            op
                + ": inputs are of types "
                + inputs.stream().map(Spec::dtype).toList()
                + " but must all be of one type; cast them first");
      }
    }
  }

  static void shape(String op, String name, Spec input, Shape expected, String law) {
    if (!input.shape().equals(expected)) {
      throw new ShapeException(
          op
              + ": "
              + name
              + " has shape "
              + input.shape()
              + " but "
              + expected
              + " is required: "
              + law);
    }
  }

  static void channels(String op, String name, Spec input, int channels) {
    shape(
        op,
        name,
        input,
        Shape.of(channels),
        "one number for each of the " + channels + " channels");
  }
}
