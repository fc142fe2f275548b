package dev.peregrine.tensor.plan;

import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Placement;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.op.Where;
import dev.peregrine.tensor.shape.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a graph lie in memory: one arena for each element type, in which values that
 * are not alive at the same time share places.
 *
 * <p>Inputs and outputs of the graph are alive throughout the run, so that a caller may fill and
 * read them between runs. Constants and variables are not in the arena. Nothing is allocated here:
 * a graph of symbolic tensors has a memory plan too.
 */
public final class MemoryPlan {
  /** Every block begins at a multiple of so many bytes. */
  public static final int ALIGNMENT = 64;

  /**
   * A piece of an arena that holds one value, or several that share it.
   *
   * @param dtype the element type of the arena
   * @param offset the first element, a multiple of 64 bytes
   * @param elements how many elements
   * @param first the position of the first node that writes it, -1 for an input of the graph
   * @param last the position of the last node that takes it, the number of nodes for an input or
   *     output of the graph
   */
  public record Block(DType dtype, long offset, long elements, int first, int last) {}

  private final Map<Value, Block> blocks;
  private final Map<DType, Long> elements;
  private final long lowerBound;

  private MemoryPlan(Map<Value, Block> blocks, Map<DType, Long> elements, long lowerBound) {
    this.blocks = blocks;
    this.elements = elements;
    this.lowerBound = lowerBound;
  }

  /**
   * Plans the memory of a graph.
   *
   * @param graph the graph, with its placements
   * @return the plan
   */
  public static MemoryPlan of(Graph graph) {
    Map<Value, Lifetime> lifetimes = lifetimes(graph);
    Map<DType, List<Lifetime>> arenas = new EnumMap<>(DType.class);
    for (Lifetime lifetime : lifetimes.values().stream().distinct().toList()) {
      arenas.computeIfAbsent(lifetime.dtype, dtype -> new ArrayList<>()).add(lifetime);
    }
    Map<Lifetime, Long> offsets = new HashMap<>();
    Map<DType, Long> elements = new EnumMap<>(DType.class);
    long lowerBound = 0;
    for (Map.Entry<DType, List<Lifetime>> arena : arenas.entrySet()) {
      DType dtype = arena.getKey();
      elements.put(dtype, Packing.pack(arena.getValue(), ALIGNMENT / dtype.bytes(), offsets));
      lowerBound += largestAlive(arena.getValue(), graph.nodes().size()) * dtype.bytes();
    }
    Map<Value, Block> blocks = new HashMap<>();
    lifetimes.forEach((value, life) ->
        blocks.put(
            value,
            new Block(
                life.dtype, offsets.getOrDefault(life, 0L), life.elements, life.first, life.last)));
    return new MemoryPlan(blocks, elements, lowerBound);
  }

  /**
   * Returns the block in which a value lies, whole or as part of its host.
   *
   * @param value an input or result of the graph
   * @return the block, or null for a constant or a variable
   */
  public @Nullable Block block(Value value) {
    return blocks.get(value);
  }

  /**
   * Returns the size of one arena.
   *
   * @param dtype its element type
   * @return elements
   */
  public long arenaElements(DType dtype) {
    return elements.getOrDefault(dtype, 0L);
  }

  /**
   * Returns the size of all arenas.
   *
   * @return bytes
   */
  public long arenaBytes() {
    return elements.entrySet().stream()
        .mapToLong(arena -> arena.getValue() * arena.getKey().bytes())
        .sum();
  }

  /**
   * Returns what no plan for the same order of nodes can go below: the largest sum of blocks that
   * are alive at one time, for each element type.
   *
   * @return bytes
   */
  public long lowerBound() {
    return lowerBound;
  }

  /** Returns the sizes in a line. */
  @Override
  public String toString() {
    return String.format(
        java.util.Locale.ROOT,
        "arena %.1f MiB, at least %.1f MiB alive at once",
        arenaBytes() / 1048576.0,
        lowerBound / 1048576.0);
  }

  /**
   * Finds for each value the lifetime of the memory in which it lies, in the order of the graph:
   * the same graph has the same plan in every run.
   */
  private static Map<Value, Lifetime> lifetimes(Graph graph) {
    Map<Value, Lifetime> lifetimes = new LinkedHashMap<>();
    int end = graph.nodes().size();
    for (Value input : graph.inputs()) {
      lifetimes.put(input, new Lifetime(input.spec(), -1, end));
    }
    // Hosts may be younger than what is placed in them: first all owners, then all guests.
    for (int i = 0; i < end; i++) {
      for (Value output : graph.nodes().get(i).outputs()) {
        if (graph.placement(output) == null) {
          lifetimes.put(output, new Lifetime(output.spec(), i, i));
        }
      }
    }
    for (int i = 0; i < end; i++) {
      for (Value output : graph.nodes().get(i).outputs()) {
        Lifetime lifetime = lifetimes.get(owner(output, graph));
        if (lifetime != null) {
          lifetime.include(i);
          lifetimes.put(output, lifetime);
        }
      }
    }
    for (int i = 0; i < end; i++) {
      for (Value input : graph.nodes().get(i).inputs()) {
        use(lifetimes.get(input), i);
      }
    }
    for (Value output : graph.outputs()) {
      use(lifetimes.get(output), end);
    }
    reuseInPlace(graph, lifetimes);
    return lifetimes;
  }

  private static void use(@Nullable Lifetime lifetime, int position) {
    if (lifetime != null) {
      lifetime.include(position);
    }
  }

  private static Value owner(Value value, Graph graph) {
    Value owner = value;
    for (Placement p = graph.placement(owner); p != null; p = graph.placement(owner)) {
      owner = p.host();
    }
    return owner;
  }

  /** Lets elementwise nodes write over an input that nobody needs afterwards. */
  private static void reuseInPlace(Graph graph, Map<Value, Lifetime> lifetimes) {
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      if (!isElementwise(node.op()) || graph.placement(node.output()) != null) {
        continue;
      }
      for (Value input : node.inputs()) {
        Lifetime old = lifetimes.get(input);
        Lifetime made = lifetimes.get(node.output());
        if (old != null && made != null && canOverwrite(graph, node, i, input, lifetimes)) {
          old.include(made.last);
          lifetimes.replaceAll((value, lifetime) -> lifetime == made ? old : lifetime);
          break;
        }
      }
    }
  }

  private static boolean canOverwrite(
      Graph graph, Node node, int position, Value input, Map<Value, Lifetime> lifetimes) {
    Lifetime lifetime = lifetimes.get(input);
    return lifetime != null
        && lifetime.last == position
        && graph.placement(input) == null
        && input.spec().equals(node.output().spec())
        && node.inputs().stream()
            .allMatch(other -> other == input || lifetimes.get(other) != lifetime);
  }

  private static boolean isElementwise(Op op) {
    return op instanceof Unary
        || op instanceof UnaryGrad
        || op instanceof Binary
        || op instanceof Compare
        || op instanceof Where;
  }

  private static long largestAlive(List<Lifetime> lifetimes, int end) {
    long[] alive = new long[end + 2];
    for (Lifetime lifetime : lifetimes) {
      for (int i = lifetime.first; i <= lifetime.last; i++) {
        alive[i + 1] += lifetime.elements;
      }
    }
    return Arrays.stream(alive).max().orElse(0);
  }
}
