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
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The named numbers of a model, by path: the one thing with state.
 *
 * <p>{@link #at} opens a room; a number is created, found or loaded at its first use there, so that
 * the same function initialises, loads, freezes and trains a model. Paths read {@code
 * csp.2.down.weight}. Handles to rooms share one set of numbers.
 *
 * <p>Only optimisers and loaders change numbers, through {@link #set}. Statistics that a mini-batch
 * computes wait in {@link #pend} until {@link #commit}.
 *
 * <p>An optimiser {@link #pack}s the arrays; their tensors then show what it makes of them.
 */
public final class Params implements Iterable<Tensor> {
  /** What a number is to training. */
  public enum Kind {
    /** A filter or matrix: trained, with weight decay. */
    WEIGHT,
    /** A summand, of a convolution or a normalisation: trained without decay. */
    BIAS,
    /** A factor of a normalisation: trained without decay. */
    SCALE,
    /** A running statistic: not trained by gradients. */
    STATISTIC
  }

  /**
   * One named number array.
   *
   * @param path its full path
   * @param kind what it is to training
   * @param value its numbers
   * @param frozen whether training leaves it as it is
   */
  public record Entry(String path, Kind kind, Tensor value, boolean frozen) {
    /**
     * Tells whether gradients change it.
     *
     * @return true unless it is frozen or a statistic
     */
    public boolean isTrained() {
      return !frozen && kind != Kind.STATISTIC;
    }
  }

  private final ParamsState house;
  private final String prefix;

  private Params(ParamsState house, String prefix) {
    this.house = house;
    this.prefix = prefix;
  }

  /**
   * Makes an empty set of f32 numbers.
   *
   * @param seed of the initial values; each depends on the seed and its path alone
   * @return the root
   */
  public static Params create(long seed) {
    return create(seed, DType.F32);
  }

  /**
   * Makes an empty set of numbers of a type.
   *
   * @param seed of the initial values
   * @param dtype f32, or f64 for checks on the reference device
   * @return the root
   */
  public static Params create(long seed, DType dtype) {
    return new Params(new ParamsState(seed, dtype, false), "");
  }

  /**
   * Makes a set whose numbers have shapes only, to count and print a model without computing.
   *
   * @return the root
   */
  public static Params symbolic() {
    return new Params(new ParamsState(0, DType.F32, true), "");
  }

  /**
   * Opens a room.
   *
   * @param name its name
   * @return the handle to it
   */
  public Params at(String name) {
    return new Params(house, prefix + name + ".");
  }

  /**
   * Opens a numbered room.
   *
   * @param name its name
   * @param index its number
   * @return the handle to it
   */
  public Params at(String name, int index) {
    return at(name + "." + index);
  }

  /**
   * Finds an array, or creates it at first use.
   *
   * <p><b>Errors</b> {@link ShapeException} if it exists with another shape.
   *
   * @param name its name in this room
   * @param kind what it is to training
   * @param shape its shape
   * @param initializer its initial numbers
   * @return its present numbers
   */
  public Tensor get(String name, Kind kind, Shape shape, Initializer initializer) {
    String path = prefix + name;
    Entry entry = house.entries.get(path);
    if (entry == null) {
      Spec spec = new Spec(house.dtype, shape);
      Tensor value = house.symbolic ? Tensor.symbolic(spec) : first(initializer, spec, path);
      entry = new Entry(path, kind, value, false);
      house.entries.put(path, entry);
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
    long seed = Seeds.mix(house.seed + Seeds.mix(path.hashCode()));
    return Ops.with(new Eager(), () -> initializer.initialize(spec, seed));
  }

  /**
   * Replaces the numbers of an array, which keeps its kind.
   *
   * <p><b>Errors</b> {@link ShapeException} if there is no such array or the spec differs.
   *
   * @param path its full path
   * @param value the new numbers
   */
  public void set(String path, Tensor value) {
    Entry entry = entry(path);
    if (!entry.value().spec().equals(value.spec())) {
      throw new ShapeException(
          "params: "
              + path
              + " is "
              + entry.value().spec()
              + " but was to be set to "
              + value.spec());
    }
    Tensor kept = house.block == null ? value : house.block.apart(path, value);
    house.entries.put(path, new Entry(path, entry.kind(), kept, entry.frozen()));
  }

  /**
   * Returns one array.
   *
   * <p><b>Errors</b> {@link ShapeException} if there is none of that path.
   *
   * @param path its full path
   * @return the array
   */
  public Entry entry(String path) {
    Entry entry = house.entries.get(path);
    if (entry == null) {
      throw new ShapeException(
          "params: there is no "
              + path
              + " among the "
              + house.entries.size()
              + " arrays of this model; run or trace the model once so that they exist");
    }
    return entry;
  }

  /**
   * Returns all arrays, in the order of their first use.
   *
   * @return a copy of the list
   */
  public List<Entry> entries() {
    return new ArrayList<>(house.entries.values());
  }

  /**
   * Gathers all arrays in one block of memory, unless they lie there already.
   *
   * <p>From then on an optimiser that changes the block changes the arrays, which stay the same
   * tensors: numbers read before are those of before, numbers read from the same tensor later are
   * the present ones.
   *
   * <p><b>Cost</b> nothing but a look at each array, except for those made or set since.
   *
   * @return the block; another one only after an array was added
   */
  public ParameterBlock pack() {
    ParameterBlock block = house.block;
    if (block == null || !block.paths().equals(house.entries.keySet())) {
      Device device = house.entries.isEmpty() ? Ops.device() : entries().get(0).value().device();
      block = ParameterBlock.of(entries(), house.dtype, device);
      house.block = block;
    }
    for (Entry entry : house.entries.values()) {
      Tensor packed = block.get(entry.path());
      if (entry.value() != packed) {
        block.put(entry.path(), entry.value());
        set(entry.path(), packed);
      }
    }
    return block;
  }

  /** Returns the arrays that gradients change, for {@code Tape.watching}. */
  @Override
  public Iterator<Tensor> iterator() {
    return entries().stream().filter(Entry::isTrained).map(Entry::value).iterator();
  }

  /**
   * Counts the numbers that training learns, frozen or not; running statistics do not count.
   *
   * @return the count
   */
  public long count() {
    return house.entries.values().stream()
        .filter(entry -> entry.kind() != Kind.STATISTIC)
        .mapToLong(entry -> entry.value().shape().size())
        .sum();
  }

  /**
   * Freezes or thaws all arrays whose path begins so.
   *
   * @param start the beginning of the paths; empty for all
   * @param frozen whether training leaves them as they are
   */
  public void freeze(String start, boolean frozen) {
    house.entries.replaceAll((path, entry) ->
        path.startsWith(start) ? new Entry(path, entry.kind(), entry.value(), frozen) : entry);
  }

  /**
   * Tells whether layers use the statistics of the batch and drop at random.
   *
   * @return true while training
   */
  public boolean isTraining() {
    return house.training;
  }

  /**
   * Switches between training and running, for all rooms.
   *
   * @param training whether layers behave as in training
   * @return this handle
   */
  public Params training(boolean training) {
    house.training = training;
    return this;
  }

  /**
   * Returns how much of a new batch statistic enters the running one.
   *
   * @return the share, 0.03 unless set
   */
  public double statisticsMomentum() {
    return house.statisticsMomentum;
  }

  /**
   * Sets how much of a new batch statistic enters the running one, for all rooms.
   *
   * @param share 0.03 in PyTorch's recipe, 0.01 in darknet's on a GPU, 0.1 on its CPU
   * @return this handle
   */
  public Params statisticsMomentum(double share) {
    house.statisticsMomentum = share;
    return this;
  }

  /**
   * Returns what initial numbers and noise depend on.
   *
   * @return the seed
   */
  public long seed() {
    return house.seed;
  }

  /**
   * Sets which training step noise belongs to, for all rooms.
   *
   * @param seed what noise depends on, the same in every step of a run
   * @param step the step, from 0
   * @return this handle
   */
  public Params step(long seed, long step) {
    house.seed = seed;
    house.step = step;
    return this;
  }

  /**
   * Returns the seed of random numbers that are drawn anew in each training step.
   *
   * <p>It is a function of seed, step and path, so that a resumed run draws the same numbers.
   *
   * @param name what they are for in this room
   * @return the seed, far from those of other names and steps
   */
  public long noiseSeed(String name) {
    return Seeds.mix(
        Seeds.mix(house.seed + Seeds.mix((prefix + name).hashCode())) + Seeds.mix(house.step + 1));
  }

  /**
   * Moves a running statistic towards one of this mini-batch, effective at {@link #commit}.
   *
   * <p><b>Formula</b> {@code running = keep * running + take * batch}.
   *
   * @param name its name in this room
   * @param batch the statistic of the mini-batch; left aside if symbolic, since a tracer computes
   *     none
   * @param keep the share of the running one that stays
   * @param take the share of the mini-batch's
   */
  public void pend(String name, Tensor batch, double keep, double take) {
    if (batch.isSymbolic()) {
      return;
    }
    Tensor running = entry(prefix + name).value();
    Tensor shares = ParameterBlock.numbers(batch.dtype(), batch.device(), keep, take);
    // At once and outside any tape, whose memory serves other values before the commit.
    Tensor next = Ops.with(new Eager(), () -> Ops.apply(new Blend(), running, batch, shares));
    house.pending.put(prefix + name, next);
  }

  /** Makes pending statistics effective. */
  public void commit() {
    house.pending.forEach(this::set);
    house.pending.clear();
  }

  /** Forgets pending statistics, of a mini-batch that is not to count. */
  public void discard() {
    house.pending.clear();
  }

  /**
   * Copies all numbers to another type and device.
   *
   * @param dtype f32 or f64
   * @param device where the copies live
   * @return a new root, in the same mode
   */
  public Params to(DType dtype, Device device) {
    ParamsState copy = new ParamsState(house.seed, dtype, house.symbolic);
    copy.step = house.step;
    copy.training = house.training;
    copy.statisticsMomentum = house.statisticsMomentum;
    house.entries.forEach((path, entry) -> {
      Tensor value = entry.value();
      Tensor converted =
          value.isSymbolic()
              ? Tensor.symbolic(new Spec(dtype, value.shape()))
              : ParameterBlock.copy(value, dtype, device);
      copy.entries.put(path, new Entry(path, entry.kind(), converted, entry.frozen()));
    });
    return new Params(copy, prefix);
  }
}
