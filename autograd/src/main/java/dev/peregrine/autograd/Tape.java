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
  private final Recorder recorder = new PassageRecorder();
  private final List<Tape> forks = new ArrayList<>();
  private final Set<Tensor> watched = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Tensor> reached = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Entry> entries = new ArrayList<>();
  private final Device device;
  private final StepMemory memory;
  private final Watcher watcher;
  private final Interpreter eager;
  private boolean replayed;
  private boolean closed;

  private Tape(Iterable<Tensor> leaves, Watcher watcher) {
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
    this.watcher = watcher;
    this.eager = watcher.watch(new Eager(memory), () -> replayed);
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
    return new Tape(leaves, (_, _, _, _) -> {});
  }

  /**
   * Starts a step of which somebody sees every operation.
   *
   * <p><b>Errors</b> as {@link #watching(Iterable)}.
   *
   * @param leaves the tensors to differentiate by, all on one device
   * @param watcher sees the operations, those of forks on threads of their own
   * @return the tape, to be closed
   */
  public static Tape watching(Iterable<Tensor> leaves, Watcher watcher) {
    return new Tape(leaves, watcher);
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
    T result =
        Ops.on(device, () -> Recording.by(recorder, () -> Ops.with(this::remember, forward)));
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
      entries.add(new Entry.Applied(inputs, outputs, new Entry.OfOperation(op)));
      reached.addAll(outputs);
    }
    return outputs;
  }

  /**
   * Starts another step with the same watched tensors, for one of several threads that share the
   * work; it is closed with this one.
   *
   * @return the other tape
   */
  public Tape fork() {
    requireOpen();
    Tape fork = new Tape(watched, watcher);
    forks.add(fork);
    return fork;
  }

  /** Runs passages of forward whose insides are not remembered. */
  private final class PassageRecorder implements Recorder {
    private boolean inside;

    @Override
    public List<Tensor> recomputed(Supplier<List<Tensor>> body) {
      if (inside) {
        return body.get();
      }
      Set<Tensor> touched = Collections.newSetFromMap(new IdentityHashMap<>());
      List<Tensor> results =
          passage(
              (op, inputs) -> {
                List<Tensor> outputs = eager.apply(op, inputs);
                if (inputs.stream().anyMatch(x -> reached.contains(x) || touched.contains(x))) {
                  touched.addAll(outputs);
                }
                return outputs;
              },
              body);
      touched.retainAll(results);
      if (!touched.isEmpty()) {
        entries.add(new Entry.Passage(body, results, touched));
        reached.addAll(touched);
      }
      return results;
    }

    @Override
    public List<Tensor> differentiated(
        List<Tensor> inputs, Supplier<List<Tensor>> forward, Recording.Derivative derivative) {
      if (inside) {
        return forward.get();
      }
      List<Tensor> results = passage(eager, forward);
      if (inputs.stream().anyMatch(reached::contains)) {
        entries.add(new Entry.Applied(inputs, results, new Entry.OfFunction(derivative)));
        reached.addAll(results);
      }
      return results;
    }

    private List<Tensor> passage(Interpreter interpreter, Supplier<List<Tensor>> body) {
      inside = true;
      memory.beginPassage();
      try {
        List<Tensor> results = List.copyOf(Ops.with(interpreter, body));
        memory.endPassage(results);
        return results;
      } finally {
        inside = false;
      }
    }
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
    AdjointSums adjoints = new AdjointSums(memory);
    return Ops.on(
        device,
        () ->
            Ops.with(
                eager,
                () -> {
                  for (int i = 0; i < outputs.size(); i++) {
                    adjoints.add(outputs.get(i), seeds.get(i), List.of());
                  }
                  while (!entries.isEmpty()) {
                    Entry entry = entries.removeLast();
                    switch (entry) {
                      case Entry.Applied applied -> step(applied, adjoints);
                      case Entry.Passage passage -> computeAgain(passage, adjoints);
                    }
                    memory.endOperation();
                    memory.releaseForward(entry.outputs());
                  }
                  return new Adjoints(watched, adjoints.all());
                }));
  }

  /**
   * Computes a passage again, remembered this time: its entries take the place of its own at the
   * end of the list, so that adjoints add up in the order in which they would have.
   */
  private void computeAgain(Entry.Passage passage, AdjointSums adjoints) {
    if (passage.made().stream().noneMatch(adjoints::has)) {
      return;
    }
    List<@Nullable Tensor> outer = new ArrayList<>();
    for (Tensor result : passage.results()) {
      outer.add(passage.made().contains(result) ? adjoints.take(result) : null);
    }
    memory.releaseForward(passage.outputs());
    memory.goForwardAgain();
    List<Tensor> results = Recording.by(recorder, () -> Ops.with(this::remember, passage.body()));
    memory.goBackward();
    for (int i = 0; i < results.size(); i++) {
      Tensor adjoint = outer.get(i);
      if (adjoint != null) {
        adjoints.putBack(results.get(i), adjoint);
      }
    }
  }

  private void step(Entry.Applied entry, AdjointSums adjoints) {
    List<@Nullable Tensor> outer = new ArrayList<>();
    boolean any = false;
    for (Tensor output : entry.outputs()) {
      // An output's adjoint is complete here: all its uses come later in the list.
      Tensor adjoint = adjoints.take(output);
      outer.add(adjoint);
      any |= adjoint != null;
    }
    if (!any) {
      return;
    }
    boolean added =
        entry.rule() instanceof Entry.OfOperation(Slice slice)
            && adjoints.addIntoSlice(slice, entry.inputs().getFirst(), outer.getFirst());
    if (!added) {
      differentiate(entry, outer, adjoints);
    }
    for (Tensor adjoint : outer) {
      if (adjoint != null) {
        memory.drop(adjoint);
      }
    }
  }

  private void differentiate(
      Entry.Applied entry, List<@Nullable Tensor> outer, AdjointSums adjoints) {
    List<Tensor> inputs = entry.inputs();
    boolean[] needed = new boolean[inputs.size()];
    for (int i = 0; i < needed.length; i++) {
      needed[i] = reached.contains(inputs.get(i));
    }
    Tensor dy = outer.get(0);
    if (entry.rule() instanceof Entry.OfOperation(Op op)
        && Gradients.mayReplaceAdjoint(op)
        && dy != null
        && adjoints.mayReplace(dy)) {
      memory.offer(dy);
    }
    Gradients.Site site = new Gradients.Site(inputs, entry.outputs(), outer, needed);
    List<@Nullable Tensor> inner =
        switch (entry.rule()) {
          case Entry.OfOperation(Op op) -> Gradients.of(op, site);
          case Entry.OfFunction(Recording.Derivative derivative) ->
              derivative.of(inputs, entry.outputs(), site.dy());
        };
    for (int i = 0; i < needed.length; i++) {
      Tensor gradient = inner.get(i);
      if (needed[i] && gradient != null) {
        Tensor input = inputs.get(i);
        adjoints.add(
            input, Gradients.sumTo(gradient, input.shape()), inner.subList(i + 1, needed.length));
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
    int size = tensor.shape().size();
    Object numbers =
        switch (tensor.dtype()) {
          case F32 -> new float[size];
          case F64 -> new double[size];
          case I32 -> new int[size];
          case F16 -> new short[size];
          case U8 -> new byte[size];
        };
    home.read(tensor.buffer(), numbers);
    home.write(numbers, copy);
    return new Tensor(tensor.spec(), home, copy);
  }

  /** Gives the memory of the step back; tensors computed on the tape can no longer be read. */
  @Override
  public void close() {
    closed = true;
    entries.clear();
    reached.clear();
    forks.forEach(Tape::close);
    memory.close();
  }
}
