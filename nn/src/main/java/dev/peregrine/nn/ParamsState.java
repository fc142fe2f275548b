package dev.peregrine.nn;

import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.op.Blend;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all handles to one set of {@link Params} share. */
final class ParamsState {
  final Map<String, Params.Entry> entries = new LinkedHashMap<>();
  final Map<String, Tensor> memory = new LinkedHashMap<>();
  final Map<String, Tensor> pendingMemory = new LinkedHashMap<>();
  final boolean symbolic;
  Moment moment;
  boolean training;
  double statisticsMomentum = 0.03;

  private final Map<String, Tensor> pending = new LinkedHashMap<>();
  private final DType dtype;
  private @Nullable ParameterBlock block;

  /** Where the next statistics of a packed model wait, so that a commit is one copy. */
  private @Nullable ParameterBlock next;

  private @Nullable Shares shares;

  /** The shares of running and new statistics, which seldom change, on the device. */
  private record Shares(double keep, double take, Tensor numbers) {
    boolean are(double otherKeep, double otherTake, Tensor like) {
      return keep == otherKeep
          && take == otherTake
          && numbers.device() == like.device()
          && numbers.dtype() == like.dtype();
    }
  }

  ParamsState(long seed, DType dtype, boolean symbolic) {
    this.moment = new Moment(seed, 0, true, 1);
    this.dtype = dtype;
    this.symbolic = symbolic;
  }

  Tensor get(String path, Params.Kind kind, Shape shape, Initializer initializer) {
    Params.Entry entry = entries.get(path);
    if (entry == null) {
      Spec spec = new Spec(dtype, shape);
      Tensor value = symbolic ? Tensor.symbolic(spec) : first(initializer, spec, path);
      entry = new Params.Entry(path, kind, value, false);
      entries.put(path, entry);
    }
    if (!entry.value().shape().equals(shape)) {
      throw new ShapeException(
          "params: "
              + path
              + " has shape "
              + entry.value().shape()
              + " but the model asks for "
              + shape
              + "; these numbers belong to another model, class count or width");
    }
    return entry.value();
  }

  /** Computes first numbers at once, outside any tape or tracer, since they outlive both. */
  private Tensor first(Initializer initializer, Spec spec, String path) {
    long seed = Seeds.mix(moment.seed() + Seeds.mix(path.hashCode()));
    return Ops.with(new Eager(), () -> initializer.initialize(spec, seed));
  }

  Params.Entry entry(String path) {
    Params.Entry entry = entries.get(path);
    if (entry == null) {
      throw new ShapeException(
          "params: there is no "
              + path
              + " among the "
              + entries.size()
              + " arrays of this model; run or trace the model once so that they exist");
    }
    return entry;
  }

  void set(String path, Tensor value) {
    Params.Entry entry = entry(path);
    if (!entry.value().spec().equals(value.spec())) {
      throw new ShapeException(
          "params: "
              + path
              + " is "
              + entry.value().spec()
              + " but was to be set to "
              + value.spec());
    }
    Tensor kept = block == null ? value : block.apart(path, value);
    entries.put(path, new Params.Entry(path, entry.kind(), kept, entry.frozen()));
  }

  ParameterBlock pack() {
    ParameterBlock present = block;
    if (present == null || !present.paths().equals(entries.keySet())) {
      Device device =
          entries.isEmpty() ? Ops.device() : entries.values().iterator().next().value().device();
      present = ParameterBlock.of(List.copyOf(entries.values()), dtype, device);
      block = present;
      next = present.part(Params.Kind.STATISTIC);
    }
    for (Params.Entry entry : List.copyOf(entries.values())) {
      Tensor packed = present.get(entry.path());
      if (entry.value() != packed) {
        present.put(entry.path(), entry.value());
        set(entry.path(), packed);
      }
    }
    return present;
  }

  void pend(String path, Tensor batch, double keep, double take) {
    if (batch.isSymbolic() || !Replica.isFirst()) {
      return;
    }
    Shares present = shares;
    if (present == null || !present.are(keep, take, batch)) {
      Tensor numbers = ParameterBlock.numbers(batch.dtype(), batch.device(), keep, take);
      present = new Shares(keep, take, numbers);
      shares = present;
    }
    List<Tensor> inputs = List.of(entry(path).value(), batch, present.numbers());
    // At once and outside any tape, whose memory serves other values before the commit.
    ParameterBlock room = next;
    if (room != null && room.paths().contains(path) && isPacked(path)) {
      ParameterBlock.overwrite(new Blend(), inputs, List.of(room.get(path)));
      pending.put(path, room.get(path));
    } else {
      pending.put(path, Ops.with(new Eager(), () -> Ops.applyAll(new Blend(), inputs).getFirst()));
    }
  }

  void commit() {
    ParameterBlock whole = block;
    ParameterBlock room = next;
    if (whole != null && room != null && pending.keySet().equals(room.paths()) && allWait(room)) {
      whole.putPart(room);
    } else {
      pending.forEach((path, value) -> {
        boolean waits = room != null && room.paths().contains(path) && room.get(path) == value;
        set(path, waits ? ParameterBlock.copy(value, value.dtype(), value.device()) : value);
      });
    }
    memory.putAll(pendingMemory);
    discard();
  }

  /** Whether what is pending waits where it can be copied to its places in one piece. */
  private boolean allWait(ParameterBlock room) {
    return pending.entrySet().stream()
        .allMatch(one -> one.getValue() == room.get(one.getKey()) && isPacked(one.getKey()));
  }

  private boolean isPacked(String path) {
    ParameterBlock whole = block;
    return whole != null && whole.paths().contains(path) && whole.get(path) == entry(path).value();
  }

  void discard() {
    pending.clear();
    pendingMemory.clear();
  }

  void copyTo(List<ParamsState> copies, float[] numbers) {
    List<ParameterBlock> blocks = copies.stream().map(ParamsState::pack).toList();
    if (isPacked()) {
      pack().copyTo(blocks, numbers);
    } else {
      // Packing now would replace the arrays that a tape is watching.
      blocks.forEach(block -> entries.forEach((path, entry) -> block.put(path, entry.value())));
    }
    for (ParamsState copy : copies) {
      copy.discard();
      copy.moment = moment;
      copy.training = training;
      copy.statisticsMomentum = statisticsMomentum;
      copy.memory.clear();
      Device device = copy.pack().device();
      memory.forEach((path, value) -> copy.memory.put(path, value.to(device)));
    }
  }

  /** Whether all arrays lie in the block. */
  private boolean isPacked() {
    ParameterBlock present = block;
    return present != null
        && present.paths().equals(entries.keySet())
        && entries.values().stream().allMatch(e -> e.value() == present.get(e.path()));
  }

  ParamsState to(DType type, Device device) {
    ParamsState copy = new ParamsState(moment.seed(), type, symbolic);
    copy.moment = moment;
    copy.training = training;
    copy.statisticsMomentum = statisticsMomentum;
    memory.forEach(
        (path, value) -> copy.memory.put(path, ParameterBlock.copy(value, type, device)));
    entries.forEach((path, entry) -> {
      Tensor value = entry.value();
      Tensor converted =
          value.isSymbolic()
              ? Tensor.symbolic(new Spec(type, value.shape()))
              : ParameterBlock.copy(value, type, device);
      copy.entries.put(path, new Params.Entry(path, entry.kind(), converted, entry.frozen()));
    });
    return copy;
  }
}
