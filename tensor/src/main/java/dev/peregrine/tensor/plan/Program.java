package dev.peregrine.tensor.plan;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The prepared kernels of a graph in order, each with its buffers; the loop that runs them. */
final class Program {
  /** No step, but an input or output of the graph. */
  private static final int NO_STEP = -1;

  /** Bytes of constants let go that are worth to be collected. */
  private static final int MUCH = 64 << 20;

  /** A place that is filled anew before each run with what a variable then holds. */
  private record Refill(Value.Variable variable, Buffer[] buffers, int index, int step) {}

  final List<Step> steps;
  final Buffer[] inputs;
  final Buffer[] outputs;
  final @Nullable Buffer workspace;
  private final Device device;
  private final Kernel[] kernels;
  private final Runnable[] bound;
  private final Buffer[][] stepInputs;
  private final Buffer[][] stepOutputs;
  private final Refill[] refills;

  Program(Graph graph, Memory memory, Device device, Runnable packed) {
    this.device = device;
    List<Node> nodes = graph.nodes().stream().filter(node -> !graph.isElided(node)).toList();
    List<Refill> found = new ArrayList<>();
    List<Step> described = new ArrayList<>();
    kernels = new Kernel[nodes.size()];
    stepInputs = new Buffer[nodes.size()][];
    stepOutputs = new Buffer[nodes.size()][];
    int scratch = 0;
    long freed = 0;
    Map<Value, Integer> uses = new HashMap<>(graph.uses());
    Buffer nothing = device.allocate(Spec.f32(1));
    for (int i = 0; i < kernels.length; i++) {
      Node node = nodes.get(i);
      try {
        stepInputs[i] = buffers(node.inputs(), memory, found, i);
        stepOutputs[i] = buffers(node.outputs(), memory, found, i);
        kernels[i] = kernel(node, stepInputs[i], device);
        scratch = Math.max(scratch, kernels[i].workspace());
        described.add(describe(graph, node, kernels[i]));
        for (int input = 0; input < stepInputs[i].length; input++) {
          Value value = node.input(input);
          boolean last = uses.merge(value, -1, Integer::sum) == 0;
          if (!(value instanceof Value.Constant)) {
            continue;
          }
          if (kernels[i].reads(input)) {
            stepInputs[i][input] = memory.copyOf(value);
          } else {
            stepInputs[i][input] = nothing;
            freed += last ? memory.forget(value) : 0;
          }
        }
      } catch (DeviceException failure) {
        throw located(i, kernels.length, graph.name(node.output()) + " = " + node, failure);
      }
      if (freed >= MUCH) {
        freed = 0;
        packed.run();
      }
    }
    workspace = scratch == 0 ? null : memory.arena(DType.F32, scratch).at(0, Spec.f32(scratch));
    bound = new Runnable[kernels.length];
    for (int i = 0; i < kernels.length; i++) {
      bound[i] = kernels[i].bind(stepInputs[i], stepOutputs[i], workspace);
    }
    inputs = buffers(graph.inputs(), memory, found, NO_STEP);
    outputs = buffers(graph.outputs(), memory, found, NO_STEP);
    for (int i = 0; i < outputs.length; i++) {
      if (graph.outputs().get(i) instanceof Value.Constant constant) {
        outputs[i] = memory.copyOf(constant);
      }
    }
    refills = found.toArray(Refill[]::new);
    steps = List.copyOf(described);
  }

  private static Buffer[] buffers(
      List<? extends Value> values, Memory memory, List<Refill> refills, int step) {
    Buffer[] buffers = new Buffer[values.size()];
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = memory.of(values.get(i));
      if (values.get(i) instanceof Value.Variable variable) {
        refills.add(new Refill(variable, buffers, i, step));
      }
    }
    return buffers;
  }

  private static Kernel kernel(Node node, Buffer[] operands, Device device) {
    Kernel kernel = device.kernel(node.op(), new Signature(node.inputSpecs(), node.outputSpecs()));
    @Nullable Buffer[] constants = new @Nullable Buffer[operands.length];
    boolean any = false;
    for (int i = 0; i < operands.length; i++) {
      if (node.input(i) instanceof Value.Constant) {
        constants[i] = operands[i];
        any = true;
      }
    }
    return any ? kernel.withConstants(constants) : kernel;
  }

  private static Step describe(Graph graph, Node node, Kernel kernel) {
    long bytes = 0;
    for (Spec spec : node.inputSpecs()) {
      bytes += spec.bytes();
    }
    for (Spec spec : node.outputSpecs()) {
      bytes += spec.bytes();
    }
    return new Step(
        graph.name(node.output()),
        node.toString(),
        kernel.algorithm(),
        node.output().spec(),
        bytes,
        node.flops());
  }

  /** Runs all kernels. */
  void run() {
    refill();
    int i = 0;
    try {
      for (; i < bound.length; i++) {
        bound[i].run();
      }
    } catch (DeviceException failure) {
      Step step = steps.get(i);
      throw located(i, steps.size(), step.value() + " = " + step.op(), failure);
    }
  }

  private static DeviceException located(
      int step, int steps, String what, DeviceException failure) {
    String where = String.format(Locale.ROOT, "plan: step %d of %d, %s: ", step, steps, what);
    return new DeviceException(where + failure.getMessage(), failure);
  }

  /** Runs all kernels and notes how long each took, in milliseconds; waits for each. */
  void run(double[] milliseconds) {
    refill();
    device.finish();
    for (int i = 0; i < bound.length; i++) {
      long start = System.nanoTime();
      bound[i].run();
      device.finish();
      milliseconds[i] = (System.nanoTime() - start) / 1e6;
    }
  }

  private void refill() {
    for (Refill refill : refills) {
      Spec traced = refill.variable().spec();
      Tensor current = refill.variable().current();
      if (!current.spec().equals(traced)) {
        throw new ShapeException(
            "plan: a variable was traced as "
                + traced
                + " but is now "
                + current.spec()
                + "; a plan holds for one shape, trace again");
      }
      Buffer buffer = current.to(device).buffer();
      if (refill.buffers()[refill.index()] == buffer) {
        continue;
      }
      refill.buffers()[refill.index()] = buffer;
      int step = refill.step();
      if (step != NO_STEP) {
        bound[step] = kernels[step].bind(stepInputs[step], stepOutputs[step], workspace);
      }
    }
  }
}
