package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.Interpreter;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Writes down the operations of a function instead of computing them.
 *
 * <p>The function runs once, on symbolic tensors. Any other tensor that it meets, with numbers or
 * without, becomes a constant of the graph.
 */
public final class Tracer implements Interpreter {
  private final Graph.Builder builder = new Graph.Builder();
  private final Map<Tensor, Value> values = new HashMap<>();

  private Tracer() {}

  /**
   * Writes down a function.
   *
   * @param inputs what the function will be given
   * @param function any code whose tensors go through {@link Ops}
   * @return the graph
   */
  public static Graph trace(List<Spec> inputs, Function<List<Tensor>, List<Tensor>> function) {
    return trace(inputs, Map.of(), function);
  }

  /**
   * Writes down a function some of whose tensors may change from run to run.
   *
   * @param inputs what the function will be given
   * @param variables for tensors that the function meets and that will change: what gives the
   *     present one
   * @param function any code whose tensors go through {@link Ops}
   * @return the graph
   */
  public static Graph trace(
      List<Spec> inputs,
      Map<Tensor, Supplier<Tensor>> variables,
      Function<List<Tensor>, List<Tensor>> function) {
    Tracer tracer = new Tracer();
    List<Tensor> arguments = new ArrayList<>(inputs.size());
    for (Spec spec : inputs) {
      Tensor argument = Tensor.symbolic(spec);
      tracer.values.put(argument, tracer.builder.input(spec));
      arguments.add(argument);
    }
    variables.forEach((tensor, current) ->
        tracer.values.put(tensor, tracer.builder.variable(tensor.spec(), current)));
    List<Tensor> results = Ops.with(tracer, () -> function.apply(List.copyOf(arguments)));
    return tracer.builder.build(results.stream().map(tracer::value).toList());
  }

  @Override
  public List<Tensor> apply(Op op, List<Tensor> inputs) {
    Node node = builder.apply(op, inputs.stream().map(this::value).toList());
    List<Tensor> outputs = new ArrayList<>(node.outputs().size());
    for (Value output : node.outputs()) {
      Tensor tensor = Tensor.symbolic(output.spec());
      values.put(tensor, output);
      outputs.add(tensor);
    }
    return List.copyOf(outputs);
  }

  private Value value(Tensor tensor) {
    return values.computeIfAbsent(tensor, builder::constant);
  }
}
