package dev.peregrine.yolo.cli.model;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.plan.MemoryPlan;
import dev.peregrine.tensor.plan.Plan;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The memory that a plan of a graph would take, known before any of it is taken: the graph may be
 * traced on shapes alone.
 *
 * <p><b>Units</b> bytes.
 *
 * @param constants weights as they are, before kernels pack them
 * @param packed what the plan keeps of them: packed or transformed filters, and weights that
 *     kernels read where they lie
 * @param arena inputs, outputs and all values between them
 * @param workspace scratch memory of the kernel that needs most
 */
record PlanFootprint(long constants, long packed, long arena, long workspace) {
  /**
   * Adds up what {@link Plan#prepare} would take.
   *
   * @param graph the graph as it was traced
   * @param device where it would run
   * @return the memory
   */
  static PlanFootprint of(Graph graph, Device device) {
    Graph fused = Passes.inference(device.storage()).apply(graph);
    long packed = 0;
    long workspace = 0;
    Set<Value> replaced = new HashSet<>();
    Set<Value> read = new HashSet<>();
    for (Node node : fused.nodes()) {
      if (fused.isElided(node)) {
        continue;
      }
      boolean[] constants = new boolean[node.inputs().size()];
      for (int i = 0; i < constants.length; i++) {
        constants[i] = node.input(i) instanceof Value.Constant;
      }
      Kernel kernel =
          device.prepare(node.op(), new Signature(node.inputSpecs(), node.outputSpecs()));
      Kernel.Needs needs = kernel.needs(constants);
      packed += needs.packed() * Float.BYTES;
      workspace = Math.max(workspace, (long) needs.workspace() * Float.BYTES);
      for (int i = 0; i < constants.length; i++) {
        if (constants[i]) {
          // Kernels that pack, pack their filters; a bias is read where it lies.
          (needs.packed() > 0 && i == 1 ? replaced : read).add(node.input(i));
        }
      }
    }
    replaced.removeAll(read);
    long constants = 0;
    long kept = 0;
    for (Value.Constant constant : fused.constants()) {
      constants += constant.spec().bytes();
      kept += replaced.contains(constant) ? 0 : constant.spec().bytes();
    }
    return new PlanFootprint(
        constants, packed + kept, MemoryPlan.of(fused).arenaBytes(), workspace);
  }

  /**
   * Returns what stays taken while the plan is used.
   *
   * @return the sum of packed weights, arena and workspace
   */
  long total() {
    return packed + arena + workspace;
  }

  /** Returns the sizes in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "weights %.1f MiB, as kernels keep them %.1f MiB; activations %.1f MiB; scratch %.1f MiB;"
            + " together %.1f MiB",
        constants / 1048576.0,
        packed / 1048576.0,
        arena / 1048576.0,
        workspace / 1048576.0,
        total() / 1048576.0);
  }
}
