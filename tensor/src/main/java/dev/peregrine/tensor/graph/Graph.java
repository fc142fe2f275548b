package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A written-down function: inputs, nodes in an order in which they can be computed, outputs.
 *
 * <p>A graph never changes; passes make new ones. Its text names values by order of definition and
 * constants by their spec alone, so two programs that compute the same in the same order have the
 * same text.
 */
public final class Graph {
  private final List<Value.Input> inputs;
  private final List<Node> nodes;
  private final List<Value> outputs;
  private final Map<Value, Placement> placements;
  private final Map<Value, Integer> numbers;

  Graph(List<Value.Input> inputs, List<Node> nodes, List<? extends Value> outputs) {
    this(inputs, nodes, outputs, Map.of());
  }

  Graph(
      List<Value.Input> inputs,
      List<Node> nodes,
      List<? extends Value> outputs,
      Map<Value, Placement> placements) {
    this.inputs = List.copyOf(inputs);
    this.nodes = List.copyOf(nodes);
    this.outputs = List.copyOf(outputs);
    this.placements = Collections.unmodifiableMap(new LinkedHashMap<>(placements));
    this.numbers = new HashMap<>();
    for (Value input : inputs) {
      numbers.put(input, numbers.size());
    }
    for (Node node : nodes) {
      for (Value output : node.outputs()) {
        numbers.put(output, numbers.size());
      }
    }
  }

  /**
   * Returns what the caller gives for each run.
   *
   * @return the inputs, in order
   */
  public List<Value.Input> inputs() {
    return inputs;
  }

  /**
   * Returns the applications of operations.
   *
   * @return the nodes, each behind those whose results it takes
   */
  public List<Node> nodes() {
    return nodes;
  }

  /**
   * Returns what the function returns.
   *
   * @return the outputs, in order
   */
  public List<Value> outputs() {
    return outputs;
  }

  /**
   * Returns which values lie in the memory of others.
   *
   * @return placements by value, empty before {@link ElideConcat}
   */
  public Map<Value, Placement> placements() {
    return placements;
  }

  /**
   * Returns where one value lies.
   *
   * @param value a value of this graph
   * @return its placement, or null if it has memory of its own
   */
  public @Nullable Placement placement(Value value) {
    return placements.get(value);
  }

  /**
   * Tells whether a node has nothing to do because of where values lie: a view of its input, or a
   * concatenation whose parts were written in place.
   *
   * @param node a node of this graph
   * @return true if no kernel is needed
   */
  public boolean isElided(Node node) {
    Placement placement = placements.get(node.output());
    if (placement != null && node.inputs().contains(placement.host())) {
      return true;
    }
    if (!(node.op() instanceof Concat) || node.inputs().isEmpty()) {
      return false;
    }
    int start = 0;
    for (Value input : node.inputs()) {
      if (!(placements.get(input) instanceof Placement.Channels part)
          || part.host() != node.output()
          || part.start() != start) {
        return false;
      }
      start += input.spec().shape().channels();
    }
    return true;
  }

  /**
   * Returns the constants.
   *
   * @return each once, in order of first use
   */
  public List<Value.Constant> constants() {
    return leaves(Value.Constant.class);
  }

  /**
   * Returns the variables.
   *
   * @return each once, in order of first use
   */
  public List<Value.Variable> variables() {
    return leaves(Value.Variable.class);
  }

  private <T extends Value> List<T> leaves(Class<T> kind) {
    Set<Value> leaves = new LinkedHashSet<>();
    nodes.forEach(node -> leaves.addAll(node.inputs()));
    leaves.addAll(outputs);
    return leaves.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /**
   * Counts how often each value is taken, as an operand or as an output.
   *
   * @return the counts; a value that nobody takes is not in the map
   */
  public Map<Value, Integer> uses() {
    Map<Value, Integer> uses = new HashMap<>();
    for (Node node : nodes) {
      node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum));
    }
    outputs.forEach(output -> uses.merge(output, 1, Integer::sum));
    return uses;
  }

  /**
   * Counts the learned numbers: the elements of floating-point constants and variables, without the
   * running statistics of batch norms.
   *
   * @return the count
   */
  public long parameters() {
    Set<Value> learned = new LinkedHashSet<>();
    for (Node node : nodes) {
      List<Value> operands = node.inputs();
      learned.addAll(node.op() instanceof BatchNorm ? operands.subList(0, 3) : operands);
    }
    return learned.stream()
        .filter(leaf -> leaf instanceof Value.Constant || leaf instanceof Value.Variable)
        .filter(leaf -> leaf.spec().dtype().computed().isFloating())
        .mapToLong(leaf -> leaf.spec().shape().size())
        .sum();
  }

  /**
   * Counts the floating-point operations of one run, a multiplication and an addition as two.
   *
   * @return the sum over all nodes
   */
  public long flops() {
    return nodes.stream().mapToLong(Node::flops).sum();
  }

  /**
   * Names a value as {@link #toString} does.
   *
   * @param value a value of this graph
   * @return for instance {@code %5}, or {@code const f32[64]}
   */
  public String name(Value value) {
    return switch (value) {
      case Value.Constant constant -> "const " + constant.spec();
      case Value.Variable variable -> "variable " + variable.spec();
      case Value.Input _, Value.Result _ -> "%" + numbers.get(value);
    };
  }

  /** Returns one line for each input and node, then the outputs. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Value input : inputs) {
      text.append(name(input)).append(" = input ").append(input.spec()).append('\n');
    }
    for (Node node : nodes) {
      String attributes = OpText.attributes(node.op());
      text.append(names(node.outputs()))
          .append(" = ")
          .append(OpText.name(node.op()))
          .append('(')
          .append(names(node.inputs()))
          .append(attributes.isEmpty() ? ")" : ") ")
          .append(attributes)
          .append(" -> ")
          .append(node.outputs().stream().map(this::specAndPlace).collect(Collectors.joining(", ")))
          .append('\n');
    }
    return text.append("return ").append(names(outputs)).append('\n').toString();
  }

  private String specAndPlace(Value value) {
    Placement placement = placements.get(value);
    return placement == null
        ? value.spec().toString()
        : (value.spec() + " in " + name(placement.host()) + " " + placement).strip();
  }

  private String names(List<? extends Value> values) {
    return values.stream().map(this::name).collect(Collectors.joining(", "));
  }

  /**
   * Copies the graph and leaves the numbers of its constants out, so that each can be dropped as
   * soon as a kernel has packed it.
   *
   * @param numbers receives the numbers, by constant of the copy
   * @return the same graph with symbolic constants
   */
  public Graph withoutNumbers(Map<Value, Tensor> numbers) {
    return BareGraph.of(this, numbers);
  }

  /** Writes a graph down, node by node. */
  public static final class Builder {
    private final List<Value.Input> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Tensor, Value.Constant> constants = new HashMap<>();

    /** Makes a builder of an empty graph. */
    public Builder() {}

    /**
     * Adds an input.
     *
     * @param spec what the caller will give
     * @return the new value
     */
    public Value.Input input(Spec spec) {
      Value.Input input = new Value.Input(spec);
      inputs.add(input);
      return input;
    }

    /**
     * Adds the inputs of another graph, the very same values.
     *
     * @param graph the other graph
     */
    void inputsOf(Graph graph) {
      inputs.addAll(graph.inputs);
    }

    /**
     * Makes a constant.
     *
     * @param tensor its numbers, or a symbolic tensor
     * @return the leaf of this tensor, the same one at each call
     */
    public Value.Constant constant(Tensor tensor) {
      return constants.computeIfAbsent(tensor, Value.Constant::new);
    }

    /**
     * Makes a variable.
     *
     * @param spec what it always holds
     * @param current gives its numbers at the time of a run
     * @return a new leaf
     */
    public Value.Variable variable(Spec spec, Supplier<Tensor> current) {
      return new Value.Variable(spec, current);
    }

    /**
     * Adds a node.
     *
     * <p><b>Errors</b> what the operation's shape law says.
     *
     * @param op what to compute
     * @param operands values of this graph
     * @return the new node
     */
    public Node apply(Op op, List<? extends Value> operands) {
      Node node = new Node(op, operands);
      nodes.add(node);
      return node;
    }

    /**
     * Adds a node of another graph whose operands are values of this one too.
     *
     * @param node the node
     */
    void add(Node node) {
      nodes.add(node);
    }

    /**
     * Ends the writing.
     *
     * @param outputs what the function returns
     * @return the graph
     */
    public Graph build(List<? extends Value> outputs) {
      return new Graph(inputs, nodes, outputs);
    }
  }
}
