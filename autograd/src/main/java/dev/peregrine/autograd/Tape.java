package dev.peregrine.autograd;

import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Interpreter;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.StepMemory;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.shape.ShapeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One training step: runs operations, remembers those that the watched tensors reach, and replays
 * them backwards.
 *
 * <p>What {@link #record} returns and the derivatives live until {@link #close}, which gives their
 * memory back to the device's pool for the next step. What was computed on the way goes back
 * earlier, as soon as {@link #backward} has used it. Reading a tensor afterwards is an error;
 * {@link #keep} copies one out before. A tape is for one thread and one step.
 */
public final class Tape implements AutoCloseable {
  private record Entry(Op op, List<Tensor> inputs, List<Tensor> outputs) {}

  private final Set<Tensor> watched = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Tensor> reached = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Entry> entries = new ArrayList<>();
  private final Device device;
  private final StepMemory memory;
  private final Interpreter eager;
  private boolean replayed;
  private boolean closed;

  private Tape(Iterable<Tensor> leaves) {
    Device found = null;
    for (Tensor leaf : leaves) {
      if (found != null && leaf.device() != found) {
        throw new DeviceException(
            "tape: the watched tensors are on "
                + found.name()
                + " and on "
                + leaf.device().name()
                + "; a step runs on one device, move them with tensor.to(device)");
      }
      watched.add(leaf);
      found = leaf.device();
    }
    reached.addAll(watched);
    this.device = found == null ? Ops.device() : found;
    this.memory = new StepMemory(device.pool());
    this.eager = new Eager(memory);
  }

  /**
   * Starts a step.
   *
   * <p><b>Errors</b> {@link DeviceException} if they are on several devices.
   *
   * @param leaves the tensors to differentiate by, all on one device
   * @return the tape, to be closed
   */
  public static Tape watching(Iterable<Tensor> leaves) {
    return new Tape(leaves);
  }

  /**
   * Runs code and remembers what the watched tensors reach.
   *
   * <p>It may be called several times for one step. The tensor that the code returns, or each of a
   * collection of tensors, stays readable until {@link #close}; others until {@link #backward}.
   *
   * <p><b>Errors</b> {@link IllegalStateException} after {@link #close}.
   *
   * @param forward the code
   * @param <T> what it returns
   * @return what it returned
   */
  public <T> T record(Supplier<T> forward) {
    requireOpen();
    T result = Ops.on(device, () -> Ops.with(this::remember, forward));
    if (result instanceof Tensor tensor) {
      memory.keep(tensor);
    } else if (result instanceof Iterable<?> several) {
      several.forEach(each -> {
        if (each instanceof Tensor tensor) {
          memory.keep(tensor);
        }
      });
    }
    return result;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          "tape: it is closed, its memory serves the next step; start another with"
              + " Tape.watching(...)");
    }
  }

  private List<Tensor> remember(Op op, List<Tensor> inputs) {
    List<Tensor> outputs = eager.apply(op, inputs);
    if (inputs.stream().anyMatch(reached::contains)) {
      entries.add(new Entry(op, inputs, outputs));
      reached.addAll(outputs);
    }
    return outputs;
  }

  /**
   * Differentiates a scalar.
   *
   * <p><b>Errors</b> {@link ShapeException} if the loss has more than one element.
   *
   * <p><b>Cost</b> about twice that of what was recorded.
   *
   * @param loss a recorded tensor of one element
   * @return the derivatives of the loss
   */
  public Adjoints backward(Tensor loss) {
    requireOpen();
    if (loss.shape().size() != 1) {
      throw new ShapeException(
          "tape: backward takes a loss of one element but was given "
              + loss.spec()
              + "; reduce it, or give the gradient of each output");
    }
    return backward(List.of(loss), List.of(Ops.on(device, () -> Tensor.full(loss.spec(), 1))));
  }

  /**
   * Continues a chain of derivatives that begins outside the tape.
   *
   * <p>Values are given back as soon as no derivative needs them any more, so it goes back once.
   *
   * <p><b>Formula</b> for each watched x, the sum over outputs of {@code seed * d output / d x}.
   *
   * <p><b>Errors</b> {@link ShapeException} unless each output has a seed of its spec; {@link
   * UnsupportedOperationException} where a recorded operation has no derivative.
   *
   * @param outputs recorded tensors
   * @param seeds the derivative of the loss by each of them, of its shape
   * @return the derivatives of the loss
   */
  public Adjoints backward(List<Tensor> outputs, List<Tensor> seeds) {
    requireOpen();
    if (outputs.size() != seeds.size()) {
      throw new ShapeException(
          "tape: backward was given " + outputs.size() + " outputs but " + seeds.size() + " seeds");
    }
    for (int i = 0; i < outputs.size(); i++) {
      if (!outputs.get(i).spec().equals(seeds.get(i).spec())) {
        throw new ShapeException(
            "tape: the seed "
                + seeds.get(i).spec()
                + " must have the spec of its output "
                + outputs.get(i).spec());
      }
    }
    if (replayed) {
      throw new IllegalStateException(
          "tape: it went backward already, which gave back what it remembered; give all outputs"
              + " and their seeds in one call");
    }
    replayed = true;
    memory.goBackward();
    Map<Tensor, Tensor> adjoints = new IdentityHashMap<>();
    return Ops.on(
        device,
        () ->
            Ops.with(
                eager,
                () -> {
                  for (int i = 0; i < outputs.size(); i++) {
                    accumulate(adjoints, outputs.get(i), seeds.get(i), List.of());
                  }
                  while (!entries.isEmpty()) {
                    Entry entry = entries.removeLast();
                    step(entry, adjoints);
                    memory.endOperation();
                    memory.releaseForward(entry.outputs());
                  }
                  return new Adjoints(watched, adjoints);
                }));
  }

  private void step(Entry entry, Map<Tensor, Tensor> adjoints) {
    List<@Nullable Tensor> outer = new ArrayList<>();
    boolean any = false;
    for (Tensor output : entry.outputs()) {
      // An output's adjoint is complete here: all its uses come later in the list.
      Tensor adjoint = adjoints.remove(output);
      outer.add(adjoint);
      any |= adjoint != null;
    }
    if (!any) {
      return;
    }
    if (!addIntoSlice(entry, outer, adjoints)) {
      differentiate(entry, outer, adjoints);
    }
    for (Tensor adjoint : outer) {
      if (adjoint != null) {
        memory.drop(adjoint);
      }
    }
  }

  private void differentiate(
      Entry entry, List<@Nullable Tensor> outer, Map<Tensor, Tensor> adjoints) {
    List<Tensor> inputs = entry.inputs();
    boolean[] needed = new boolean[inputs.size()];
    for (int i = 0; i < needed.length; i++) {
      needed[i] = reached.contains(inputs.get(i));
    }
    Tensor dy = outer.get(0);
    if (Gradients.mayReplaceAdjoint(entry.op())
        && dy != null
        && memory.isMade(dy)
        && StepMemory.overlapping(dy, adjoints.values()) == 0) {
      memory.offer(dy);
    }
    List<@Nullable Tensor> inner =
        Gradients.of(entry.op(), new Gradients.Site(inputs, entry.outputs(), outer, needed));
    for (int i = 0; i < needed.length; i++) {
      Tensor gradient = inner.get(i);
      if (needed[i] && gradient != null) {
        Tensor input = inputs.get(i);
        accumulate(
            adjoints,
            input,
            Gradients.sumTo(gradient, input.shape()),
            inner.subList(i + 1, needed.length));
      }
    }
  }

  /**
   * Adds the gradient of a channel slice to an adjoint that is there already, rather than padding
   * it with zeros.
   */
  private boolean addIntoSlice(
      Entry entry, List<@Nullable Tensor> outer, Map<Tensor, Tensor> adjoints) {
    Tensor input = entry.inputs().get(0);
    Tensor sum = adjoints.get(input);
    Tensor dy = outer.get(0);
    if (!(entry.op() instanceof Slice slice)
        || sum == null
        || dy == null
        || !slice.isChannelSlice(input.shape())
        || !mayAddInto(sum, adjoints)) {
      return false;
    }
    Tensor part = Ops.apply(slice, sum);
    if (!StepMemory.share(part, sum)) {
      return false;
    }
    StepMemory.addInto(part, dy);
    return true;
  }

  /**
   * Adds a gradient to the adjoint of a tensor.
   *
   * @param adjoints the adjoints so far
   * @param tensor the tensor
   * @param gradient what to add
   * @param later gradients that are not among the adjoints yet
   */
  private void accumulate(
      Map<Tensor, Tensor> adjoints, Tensor tensor, Tensor gradient, List<@Nullable Tensor> later) {
    Tensor sum = adjoints.get(tensor);
    if (sum == null) {
      memory.hold(gradient);
      adjoints.put(tensor, gradient);
    } else if (mayAddInto(sum, adjoints) && StepMemory.overlapping(sum, later) == 0) {
      StepMemory.addInto(sum, gradient);
    } else {
      Tensor both = sum.plus(gradient);
      memory.hold(both);
      adjoints.put(tensor, both);
      memory.drop(sum);
    }
  }

  /** Tells whether an adjoint may change in place: no other adjoint shows its memory. */
  private boolean mayAddInto(Tensor sum, Map<Tensor, Tensor> adjoints) {
    return memory.isMade(sum) && StepMemory.overlapping(sum, adjoints.values()) == 1;
  }

  /**
   * Copies a tensor of this step to memory that outlives the tape.
   *
   * <p><b>Errors</b> {@link DeviceException} after {@link #close}.
   *
   * @param tensor a tensor computed on the tape
   * @return the copy
   */
  public Tensor keep(Tensor tensor) {
    Device home = tensor.device();
    Buffer copy = home.allocate(tensor.spec());
    Object numbers =
        switch (tensor.dtype()) {
          case F32 -> tensor.floats();
          case F64 -> tensor.doubles();
          case I32 -> tensor.ints();
          case U8 -> {
            byte[] bytes = new byte[tensor.shape().size()];
            home.read(tensor.buffer(), bytes);
            yield bytes;
          }
        };
    home.write(numbers, copy);
    return new Tensor(tensor.spec(), home, copy);
  }

  /** Gives the memory of the step back; tensors computed on the tape can no longer be read. */
  @Override
  public void close() {
    closed = true;
    entries.clear();
    reached.clear();
    memory.close();
  }
}
