package dev.peregrine.tensor.plan;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.device.Slab;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Placement;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The buffers of a graph's values on a device: a memory plan made real. */
final class Memory {
  private record Piece(DType dtype, long offset, Spec spec) {}

  private final Graph graph;
  private final Map<Value, Tensor> numbers;
  private final Device device;
  private final MemoryPlan plan;
  private final Map<DType, Slab> slabs = new EnumMap<>(DType.class);
  private final Map<Value, Buffer> buffers = new HashMap<>();

  /** One buffer for each piece: a result that overwrites an operand is in the very buffer of it. */
  private final Map<Piece, Buffer> pieces = new HashMap<>();

  Memory(Graph graph, Map<Value, Tensor> numbers, MemoryPlan plan, Device device) {
    this.graph = graph;
    this.numbers = numbers;
    this.device = device;
    this.plan = plan;
    for (DType dtype : DType.values()) {
      long elements = plan.arenaElements(dtype);
      if (elements > 0) {
        slabs.put(dtype, arena(dtype, elements));
      }
    }
  }

  /** Takes one piece of memory of the device. */
  Slab arena(DType dtype, long elements) {
    try {
      return device.slab(dtype, elements);
    } catch (DeviceException failure) {
      throw new DeviceException(
          "plan: the arena of its "
              + graph.nodes().size()
              + " steps has no room: "
              + failure.getMessage(),
          failure);
    }
  }

  /** Returns the buffer of a value; of a variable the one that it has now. */
  Buffer of(Value value) {
    if (value instanceof Value.Variable variable) {
      return variable.current().to(device).buffer();
    }
    Buffer known = buffers.get(value);
    if (known == null) {
      known = find(value);
      buffers.put(value, known);
    }
    return known;
  }

  /**
   * Returns a copy of a constant that is read where it lies, always the same one: the plan computes
   * with the numbers that it was prepared with, though its owner may train on.
   */
  Buffer copyOf(Value constant) {
    Buffer source = of(constant);
    Tensor given = numbers.remove(constant);
    if (given == null || given.device() != device) {
      return source; // copied before, or from another device
    }
    Buffer own = device.allocate(constant.spec());
    copy(constant.spec(), source, own, device);
    buffers.put(constant, own);
    return own;
  }

  /** Copies a value that may be a channel slice. */
  static void copy(Spec spec, Buffer from, Buffer to, Device device) {
    Kernel kernel =
        device.kernel(new Reshape(spec.shape()), new Signature(List.of(spec), List.of(spec)));
    @Nullable Buffer workspace =
        kernel.workspace() == 0 ? null : device.allocate(Spec.f32(kernel.workspace()));
    kernel.run(new Buffer[] {from}, new Buffer[] {to}, workspace);
  }

  /**
   * Lets the numbers of a constant go that no step still to come will ask for.
   *
   * @return how many bytes they take
   */
  long forget(Value constant) {
    numbers.remove(constant);
    buffers.remove(constant);
    return constant.spec().bytes();
  }

  private Buffer find(Value value) {
    Tensor constant = numbers.get(value);
    if (constant != null) {
      return constant.to(device).buffer();
    }
    Placement placement = graph.placement(value);
    if (placement instanceof Placement.Channels part) {
      return of(part.host()).channels(part.start(), value.spec().shape().channels());
    }
    // What is placed whole begins where its dense host does.
    MemoryPlan.Block block = plan.block(value);
    if (block == null) {
      throw new DeviceException("plan: " + graph.name(value) + " has no place in memory");
    }
    return pieces.computeIfAbsent(
        new Piece(block.dtype(), block.offset(), value.spec()),
        piece -> {
          Slab slab = slabs.get(piece.dtype());
          return slab == null
              ? device.allocate(piece.spec())
              : slab.at(Math.toIntExact(piece.offset()), piece.spec());
        });
  }

  /** Checks that all constants of a graph have numbers. */
  static void requireNumbers(Graph graph) {
    for (Value.Constant constant : graph.constants()) {
      if (constant.tensor().isSymbolic()) {
        throw new DeviceException(
            "plan: a constant "
                + constant.spec()
                + " has a shape but no numbers, since the graph was traced on shapes alone;"
                + " trace the function on real weights to run it");
      }
    }
  }
}
