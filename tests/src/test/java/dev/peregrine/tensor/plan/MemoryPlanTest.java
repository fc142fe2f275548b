package dev.peregrine.tensor.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Pass;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Placement;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  /**
   * Runs a graph on marks instead of numbers: whoever writes an element leaves a mark of its own
   * there, and whoever reads checks that the marks are still those of the value it wants.
   */
  private static final class MarkedRun {
    private final Graph graph;
    private final MemoryPlan plan;
    private final long[] arena;
    private final Map<Value, long[]> marks = new HashMap<>();
    private long nextMark = 1;

    MarkedRun(Graph graph) {
      this.graph = graph;
      this.plan = MemoryPlan.of(graph);
      this.arena = new long[(int) plan.arenaElements(DType.F32)];
    }

    void check() {
      graph.inputs().forEach(this::write);
      for (Node node : graph.nodes()) {
        if (graph.isElided(node)) {
          marks.put(node.output(), rearranged(node));
          continue;
        }
        node.inputs().forEach(this::read);
        checkOverlap(node);
        node.outputs().forEach(this::write);
      }
      graph.outputs().forEach(this::read);
      graph.inputs().forEach(this::read);
    }

    private void write(Value value) {
      long[] own = new long[value.spec().shape().size()];
      int[] places = places(value);
      for (int i = 0; i < own.length; i++) {
        own[i] = nextMark++;
        arena[places[i]] = own[i];
      }
      marks.put(value, own);
    }

    private void read(Value value) {
      if (value instanceof Value.Constant) {
        return;
      }
      long[] own = Objects.requireNonNull(marks.get(value));
      int[] places = places(value);
      for (int i = 0; i < own.length; i++) {
        if (arena[places[i]] != own[i]) {
          fail("%s element %d was written over in %s", graph.name(value), i, graph);
        }
      }
    }

    /** The marks of a value that nobody writes, made of those of what it is a view of. */
    private long[] rearranged(Node node) {
      Shape shape = node.output().spec().shape();
      long[] result = new long[shape.size()];
      if (!(node.op() instanceof Concat)) {
        int start = node.op() instanceof Slice slice ? slice.starts().getLast() : 0;
        int wide = node.op() instanceof Slice ? channels(node.input(0)) : shape.channels();
        for (int i = 0; i < result.length; i++) {
          result[i] =
              marks.get(node.input(0))[i / shape.channels() * wide + start + i % shape.channels()];
        }
        return result;
      }
      int start = 0;
      for (Value part : node.inputs()) {
        for (int i = 0; i < part.spec().shape().size(); i++) {
          result[i / channels(part) * shape.channels() + start + i % channels(part)] =
              marks.get(part)[i];
        }
        start += channels(part);
      }
      return result;
    }

    /** Only elementwise nodes may write over an input, and only over the very places of it. */
    private void checkOverlap(Node node) {
      boolean elementwise = node.op() instanceof Unary || node.op() instanceof Binary;
      for (Value output : node.outputs()) {
        int[] written = places(output);
        for (Value input : node.inputs()) {
          if (input instanceof Value.Constant || (elementwise && same(places(input), written))) {
            continue;
          }
          Set<Integer> read = new HashSet<>();
          for (int place : places(input)) {
            read.add(place);
          }
          assertThat(java.util.Arrays.stream(written).anyMatch(read::contains))
              .as("%s overlaps an input in %s", graph.name(output), graph)
              .isFalse();
        }
      }
    }

    private static boolean same(int[] a, int[] b) {
      return java.util.Arrays.equals(a, b);
    }

    private int[] places(Value value) {
      Shape shape = value.spec().shape();
      int[] places = new int[shape.size()];
      Placement placement = graph.placement(value);
      if (placement instanceof Placement.Channels part) {
        int[] host = places(part.host());
        for (int i = 0; i < places.length; i++) {
          int row = i / shape.channels();
          places[i] = host[row * channels(part.host()) + part.start() + i % shape.channels()];
        }
        return places;
      }
      if (placement instanceof Placement.Whole whole) {
        int[] host = places(whole.host());
        for (int i = 1; i < host.length; i++) {
          if (host[i] != host[i - 1] + 1) {
            fail("%s is not dense in %s", graph.name(whole.host()), graph);
          }
        }
        return host;
      }
      MemoryPlan.Block block = Objects.requireNonNull(plan.block(value));
      assertThat(block.offset() % 16).isZero();
      for (int i = 0; i < places.length; i++) {
        places[i] = (int) block.offset() + i;
      }
      return places;
    }

    private static int channels(Value value) {
      return value.spec().shape().channels();
    }
  }

  @Test
  void nobodyWritesOverWhatIsStillNeeded() {
    int elided = 0;
    int inPlace = 0;
    for (long seed = 0; seed < 150; seed++) {
      RandomNet net = new RandomNet(seed, 16, DType.F32, Devices.reference());
      Graph graph = Tracer.trace(net.inputs(), net);
      Pass inference = Passes.inference();
      Graph rewritten = inference.apply(graph);
      new MarkedRun(graph).check();
      new MarkedRun(rewritten).check();
      elided += (int) rewritten.nodes().stream().filter(rewritten::isElided).count();
      MemoryPlan plan = MemoryPlan.of(rewritten);
      assertThat(plan.arenaBytes()).isGreaterThanOrEqualTo(plan.lowerBound());
      for (Node node : rewritten.nodes()) {
        if (node.op() instanceof Unary
            && Objects.equals(plan.block(node.input(0)), plan.block(node.output()))) {
          inPlace++;
        }
      }
    }
    // The nets have what the test is about.
    assertThat(elided).isGreaterThan(300);
    assertThat(inPlace).isGreaterThan(20);
  }

  /** Values of one size could be placed in any order; it must not be one of chance. */
  @Test
  void theSameGraphHasTheSamePlan() {
    for (long seed = 0; seed < 20; seed++) {
      List<MemoryPlan> plans = new ArrayList<>();
      List<Graph> graphs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        RandomNet net = new RandomNet(seed, 16, DType.F32, Devices.reference());
        graphs.add(Tracer.trace(net.inputs(), net));
        plans.add(MemoryPlan.of(graphs.getLast()));
      }
      for (int node = 0; node < graphs.getFirst().nodes().size(); node++) {
        int position = node;
        assertThat(
                IntStream.range(0, 4)
                    .mapToObj(i -> plans.get(i).block(graphs.get(i).nodes().get(position).output()))
                    .distinct())
            .hasSize(1);
      }
    }
  }

  @Test
  void aChainNeedsTheTwoLargestNeighbours() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 64)),
            x -> {
              Tensor wide = dev.peregrine.tensor.Arrays.concat(0, x.get(0), x.get(0), x.get(0));
              Tensor cut = dev.peregrine.tensor.Arrays.slice(wide, 0, 0, 2);
              Tensor end = dev.peregrine.tensor.Arrays.slice(cut, 0, 0, 1);
              return List.of(end);
            });
    MemoryPlan plan = MemoryPlan.of(graph);
    // The input and the output stay for the caller; wide and cut are alive together.
    assertThat(plan.lowerBound()).isEqualTo(4 * 64 * (1 + 1 + 2 + 3) - 4 * 64);
    assertThat(plan.arenaBytes()).isEqualTo(plan.lowerBound());
  }

  @Test
  void elementwiseChainsStayInOnePlace() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(100)),
            x -> List.of(Activations.mish(Activations.tanh(Activations.relu(x.get(0))))));
    MemoryPlan plan = MemoryPlan.of(graph);
    assertThat(plan.lowerBound()).isEqualTo(4 * 200);
    assertThat(plan.arenaBytes()).isEqualTo(4 * (112 + 100));
  }

  @Test
  void typesHaveArenasOfTheirOwn() {
    Graph graph =
        Tracer.trace(
            List.of(new Spec(DType.U8, Shape.of(10))), x -> List.of(x.get(0).to(DType.F32)));
    MemoryPlan plan = MemoryPlan.of(graph);
    assertThat(plan.arenaElements(DType.U8)).isEqualTo(10);
    assertThat(plan.arenaElements(DType.F32)).isEqualTo(10);
    assertThat(plan.arenaBytes()).isEqualTo(50);
  }
}
