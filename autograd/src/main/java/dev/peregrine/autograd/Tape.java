package dev.peregrine.autograd;

import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Interpreter;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.BufferPool;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.op.Op;
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
 * <p>Everything computed within {@link #record} and {@link #backward} lives until {@link #close},
 * which gives the memory back to the device's pool for the next step; reading such a tensor
 * afterwards is an error. {@link #keep} copies one out. A tape is for one thread and one step.
 */
public final class Tape implements AutoCloseable {
  private record Entry(Op op, List<Tensor> inputs, List<Tensor> outputs) {}

  private final Set<Tensor> watched = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Tensor> reached = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Entry> entries = new ArrayList<>();
  private final Device device;
  private final BufferPool.Lease lease;
  private final Interpreter eager;
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
    this.lease = device.pool().lease();
    this.eager = new Eager(lease);
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
   * <p>It may be called several times for one step.
   *
   * <p><b>Errors</b> {@link IllegalStateException} after {@link #close}.
   *
   * @param forward the code
   * @param <T> what it returns
   * @return what it returned
   */
  public <T> T record(Supplier<T> forward) {
    requireOpen();
    return Ops.on(device, () -> Ops.with(this::remember, forward));
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
    Map<Tensor, Tensor> adjoints = new IdentityHashMap<>();
    return Ops.on(
        device,
        () ->
            Ops.with(
                eager,
                () -> {
                  for (int i = 0; i < outputs.size(); i++) {
                    seed(adjoints, outputs.get(i), seeds.get(i));
                  }
                  for (int i = entries.size() - 1; i >= 0; i--) {
                    step(entries.get(i), adjoints);
                  }
                  return new Adjoints(watched, adjoints);
                }));
  }

  private static void seed(Map<Tensor, Tensor> adjoints, Tensor output, Tensor seed) {
    if (!output.spec().equals(seed.spec())) {
      throw new ShapeException(
          "tape: the seed " + seed.spec() + " must have the spec of its output " + output.spec());
    }
    adjoints.merge(output, seed, Tensor::plus);
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
    List<Tensor> inputs = entry.inputs();
    boolean[] needed = new boolean[inputs.size()];
    for (int i = 0; i < needed.length; i++) {
      needed[i] = reached.contains(inputs.get(i));
    }
    List<@Nullable Tensor> inner =
        Gradients.of(entry.op(), new Gradients.Site(inputs, entry.outputs(), outer, needed));
    for (int i = 0; i < needed.length; i++) {
      Tensor gradient = inner.get(i);
      if (needed[i] && gradient != null) {
        adjoints.merge(
            inputs.get(i), Gradients.sumTo(gradient, inputs.get(i).shape()), Tensor::plus);
      }
    }
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
    lease.close();
  }
}
