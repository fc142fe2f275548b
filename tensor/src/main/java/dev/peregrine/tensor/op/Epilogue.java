package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.List;

/**
 * Pointwise steps applied to a result before it is stored, in order; only graph passes make a
 * non-empty one.
 *
 * <p>It is defined by the reference device, which applies the steps one after another.
 *
 * @param steps the steps
 * @param widened whether a result that would be stored in f16 is stored in f32, as it was computed
 */
public record Epilogue(List<Step> steps, boolean widened) {
  /** No steps. */
  public static final Epilogue NONE = new Epilogue(List.of());

  /** One pointwise step. */
  public sealed interface Step {}

  /** Adds one number for each output channel; takes one more input {@code [Cout]}. */
  public record Bias() implements Step {
    @Override
    public String toString() {
      return "bias";
    }
  }

  /**
   * Applies a function.
   *
   * @param kind the function
   */
  public record Activate(Unary.Kind kind) implements Step {
    @Override
    public String toString() {
      return kind.toString();
    }
  }

  /** Adds another value of the output's shape, a shortcut; takes one more input. */
  public record Add() implements Step {
    @Override
    public String toString() {
      return "add";
    }
  }

  /** Copies the list of steps. */
  public Epilogue {
    steps = List.copyOf(steps);
  }

  /**
   * Makes an epilogue that is not widened.
   *
   * @param steps the steps
   */
  public Epilogue(List<Step> steps) {
    this(steps, false);
  }

  /**
   * Appends a step.
   *
   * @param step the step applied last
   * @return the longer epilogue
   */
  public Epilogue then(Step step) {
    ArrayList<Step> longer = new ArrayList<>(steps);
    longer.add(step);
    return new Epilogue(longer, widened);
  }

  /**
   * Stores the result in the type that it was computed in.
   *
   * @return the same steps, widened
   */
  public Epilogue widen() {
    return new Epilogue(steps, true);
  }

  /** The spec of what is stored of a result. */
  Spec stored(Spec result) {
    return widened ? new Spec(result.dtype().computed(), result.shape()) : result;
  }

  /**
   * Counts the inputs that the steps take, in the order of the steps, after the operation's own.
   *
   * @return the number of further inputs
   */
  public int inputs() {
    return (int) steps.stream().filter(step -> !(step instanceof Activate)).count();
  }

  /**
   * Checks the further inputs.
   *
   * @param op the operation's name for errors
   * @param inputs all inputs of the operation
   * @param own how many of them are the operation's own
   * @param output the spec of the output
   */
  void check(String op, List<Spec> inputs, int own, Spec output) {
    int next = own;
    for (Step step : steps) {
      switch (step) {
        case Bias _ -> Laws.perChannel(op, "bias", inputs.get(next++), output);
        case Add _ -> {
          Spec shortcut = inputs.get(next++);
          Laws.shape(op, "shortcut", shortcut, output.shape(), "it is added to the output");
          Laws.type(op, "shortcut", shortcut, output.dtype());
        }
        case Activate _ -> {}
      }
    }
  }

  /** Returns the steps as {@code +bias+mish}, {@code +f32} behind them if widened. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Step step : steps) {
      text.append('+').append(step);
    }
    return text.append(widened ? "+f32" : "").toString();
  }
}
