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

  /** Asks for so many inputs, none of a type that only stores. */
  static void arity(String op, List<Spec> inputs, String... names) {
    count(op, inputs, names);
    for (int i = 0; i < names.length; i++) {
      computed(op, names[i], inputs.get(i));
    }
  }

  /** Asks for so many inputs, of whatever type. */
  static void count(String op, List<Spec> inputs, String... names) {
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

  static void computed(String op, String name, Spec input) {
    type(op, name, input, input.dtype().computed());
  }

  static void type(String op, String name, Spec input, DType required) {
    if (input.dtype() != required) {
      throw new DTypeException(
          op
              + ": "
              + name
              + " is "
              + input.dtype()
              + " but must be "
              + required
              + "; cast it first");
    }
  }

  static void floating(String op, String name, Spec input) {
    if (!input.dtype().computed().isFloating()) {
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

  /** Asks for a number for each channel of a value, of the type that the value is computed in. */
  static void perChannel(String op, String name, Spec input, Spec value) {
    channels(op, name, input, value.shape().channels());
    type(op, name, input, value.dtype().computed());
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
