package dev.peregrine.nn;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
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
  private final LayerStyle style;

  private Params(ParamsState house, String prefix, LayerStyle style) {
    this.house = house;
    this.prefix = prefix;
    this.style = style;
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
    return new Params(new ParamsState(seed, dtype, false), "", LayerStyle.PLAIN);
  }

  /**
   * Makes a set whose numbers have shapes only, to count and print a model without computing.
   *
   * @return the root
   */
  public static Params symbolic() {
    return new Params(new ParamsState(0, DType.F32, true), "", LayerStyle.PLAIN);
  }

  /**
   * Opens a room.
   *
   * @param name its name
   * @return the handle to it
   */
  public Params at(String name) {
    return new Params(house, prefix + name + ".", style);
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
   * Gives layers another style, for this handle and the rooms opened from it.
   *
   * @param other how layers normalise, and what they do besides while training
   * @return a handle to the same numbers
   */
  public Params with(LayerStyle other) {
    return new Params(house, prefix, other);
  }

  /**
   * Returns how layers normalise, and what they do besides while training.
   *
   * @return the style of this handle
   */
  public LayerStyle style() {
    return style;
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
    return house.get(prefix + name, kind, shape, initializer);
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
    house.set(path, value);
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
    return house.entry(path);
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
    return house.pack();
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
   * Tells whether training leaves an array of this room as it is.
   *
   * @param name its name in this room
   * @return true if it exists and is frozen
   */
  public boolean isFrozen(String name) {
    Entry entry = house.entries.get(prefix + name);
    return entry != null && entry.frozen();
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
    return house.moment.seed();
  }

  /**
   * Sets which training step noise belongs to, for all rooms, at full strength of what grows.
   *
   * @param seed what noise depends on, the same in every step of a run
   * @param step the step, from 0
   * @return this handle
   */
  public Params step(long seed, long step) {
    return moment(new Moment(seed, step, true, 1));
  }

  /**
   * Sets where in its run the present mini-batch stands, for all rooms.
   *
   * @param moment seed, step and progress
   * @return this handle
   */
  public Params moment(Moment moment) {
    house.moment = moment;
    return this;
  }

  /**
   * Returns where in its run the present mini-batch stands.
   *
   * @return seed, step and progress
   */
  public Moment moment() {
    return house.moment;
  }

  /**
   * Returns the seed of random numbers that are drawn anew in each training step.
   *
   * <p>It is a function of seed, step and path, so that a resumed run draws the same numbers, and
   * of the replica and the part of the mini-batch, so that these draw others.
   *
   * @param name what they are for in this room
   * @return the seed, far from those of other names and steps
   */
  public long noiseSeed(String name) {
    Moment now = house.moment;
    long share = 0x100000000L * Replica.number() + 0x1000000000000L * now.part();
    long place = Seeds.mix((prefix + name).hashCode() + share);
    return Seeds.mix(Seeds.mix(now.seed() + place) + Seeds.mix(now.step() + 1));
  }

  /**
   * Opens what layers of this room keep between mini-batches besides their numbers.
   *
   * @return the memory of this room
   */
  public LayerMemory memory() {
    return new LayerMemory(house, prefix);
  }

  /**
   * Moves a running statistic towards one of this mini-batch, effective at {@link #commit}.
   *
   * <p>The same mini-batch may come several times, when a passage is computed again; of several
   * replicas the first one's counts.
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
    house.pend(prefix + name, batch, keep, take);
  }

  /** Makes pending statistics effective. */
  public void commit() {
    house.commit();
  }

  /** Forgets pending statistics, of a mini-batch that is not to count. */
  public void discard() {
    house.discard();
  }

  /**
   * Brings copies of these parameters to the present numbers, mode and moment; for replicas on
   * other devices.
   *
   * @param copies what {@link #to} made, of the same type
   * @param numbers as many as {@link #pack} of one of them has elements, used on the way
   */
  public void copyTo(List<Params> copies, float[] numbers) {
    house.copyTo(copies.stream().map(copy -> copy.house).toList(), numbers);
  }

  /**
   * Copies all numbers to another type and device.
   *
   * @param dtype f32 or f64
   * @param device where the copies live
   * @return a new root, in the same mode
   */
  public Params to(DType dtype, Device device) {
    return new Params(house.to(dtype, device), prefix, style);
  }
}
