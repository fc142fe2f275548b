package dev.peregrine.nn;

import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Slab;
import dev.peregrine.tensor.op.Broadcast;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One number for each number of a model, in one piece of memory: its weights, or what an optimiser
 * or a moving average keeps beside them.
 *
 * <p>Arrays of a kind lie next to each other, so an update of all weights is one pass over
 * neighbouring memory. {@link Params#pack} makes the first block of a model and {@link #like} the
 * others; equal places hold what belongs together.
 *
 * <p>Unlike other tensors those of a block change, by {@link #overwrite}; whoever wants to keep
 * their numbers takes {@link #copies}.
 */
public final class ParameterBlock {
  /** Elements that arrays begin at multiples of, 64 bytes of f32. */
  private static final int ALIGNMENT = 16;

  /**
   * Neighbouring arrays of one kind.
   *
   * @param kind what they are to training
   * @param from the first element
   * @param to one past the last
   */
  public record Range(Params.Kind kind, int from, int to) {}

  /** Where an array lies; the same list for all blocks of a model. */
  private record Place(String path, Params.Kind kind, Spec spec, int from, int to) {
    Place before(int elements) {
      return new Place(path, kind, spec, from - elements, to - elements);
    }
  }

  private final List<Place> places;
  private final Device device;
  private final Slab slab;
  private final DType dtype;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private ParameterBlock(List<Place> places, DType dtype, Device device) {
    this.places = places;
    this.dtype = dtype;
    this.device = device;
    this.slab = device.slab(dtype, size());
    overwrite(new Fill(range(0, size()).spec(), 0), List.of(), List.of(range(0, size())));
    for (Place place : places) {
      tensors.put(
          place.path(), new Tensor(place.spec(), device, slab.at(place.from(), place.spec())));
    }
  }

  /**
   * Makes a block of arrays that came from elsewhere, such as a checkpoint, at places of their own.
   *
   * @param arrays arrays of one type and device by path, at least one
   * @return the block, with copies of their numbers
   */
  public static ParameterBlock of(Map<String, Tensor> arrays) {
    List<Params.Entry> entries = new ArrayList<>();
    arrays.forEach(
        (path, value) -> entries.add(new Params.Entry(path, Params.Kind.WEIGHT, value, false)));
    Tensor first = entries.get(0).value();
    ParameterBlock block = of(entries, first.dtype(), first.device());
    arrays.forEach(block::put);
    return block;
  }

  /** Makes a block with room for some arrays. */
  static ParameterBlock of(List<Params.Entry> entries, DType dtype, Device device) {
    List<Place> places = new ArrayList<>();
    int next = 0;
    for (Params.Kind kind : Params.Kind.values()) {
      for (Params.Entry entry : entries) {
        if (entry.kind() == kind) {
          int size = entry.value().shape().size();
          int end = Math.addExact(next, Math.ceilDiv(size, ALIGNMENT) * ALIGNMENT);
          places.add(new Place(entry.path(), kind, entry.value().spec(), next, end));
          next = end;
        }
      }
    }
    return new ParameterBlock(List.copyOf(places), dtype, device);
  }

  /**
   * Makes a block of the same places, all zero.
   *
   * @return the block
   */
  public ParameterBlock like() {
    return like(device);
  }

  /**
   * Makes a block of the same places on another device, all zero.
   *
   * @param other the device
   * @return the block
   */
  public ParameterBlock like(Device other) {
    return new ParameterBlock(places, dtype, other);
  }

  /** Makes a block of the arrays of one kind alone, all zero; null where there are none. */
  @Nullable ParameterBlock part(Params.Kind kind) {
    List<Place> chosen = places.stream().filter(place -> place.kind() == kind).toList();
    if (chosen.isEmpty()) {
      return null;
    }
    int first = chosen.getFirst().from();
    return new ParameterBlock(
        chosen.stream().map(place -> place.before(first)).toList(), dtype, device);
  }

  /** Copies all numbers of what was made by {@link #part}, in one piece. */
  void putPart(ParameterBlock part) {
    String path = part.places.getFirst().path();
    int from =
        places.stream()
            .filter(place -> place.path().equals(path))
            .mapToInt(Place::from)
            .findFirst()
            .orElseThrow();
    Tensor target = range(from, from + part.size());
    overwrite(new Broadcast(target.shape()), List.of(part.range(0, part.size())), List.of(target));
  }

  /**
   * Copies all numbers to blocks of equal places, through the host and in one piece.
   *
   * @param others blocks on any devices
   * @param numbers as many as the block has elements, used on the way where they are of type f32
   */
  public void copyTo(List<ParameterBlock> others, float[] numbers) {
    for (ParameterBlock other : others) {
      if (!places.equals(other.places)) {
        throw new ShapeException("parameter block: the arrays of another model lie elsewhere");
      }
    }
    if (dtype != DType.F32) {
      tensors.forEach((path, tensor) -> others.forEach(other -> other.put(path, tensor)));
      return;
    }
    device.read(range(0, size()).buffer(), numbers);
    others.forEach(other -> other.device.write(numbers, other.range(0, size()).buffer()));
  }

  /**
   * Tells whether another block has the same places.
   *
   * @param other the other block
   * @return true if one was made {@link #like} the other
   */
  public boolean isLike(ParameterBlock other) {
    return places == other.places;
  }

  /**
   * Returns where the block lies.
   *
   * @return its device
   */
  public Device device() {
    return device;
  }

  /**
   * Returns the paths of the arrays.
   *
   * @return the paths, in the order of their places
   */
  public Set<String> paths() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /**
   * Returns the number of elements, gaps included.
   *
   * @return elements
   */
  public int size() {
    return places.isEmpty() ? 0 : places.getLast().to();
  }

  /**
   * Returns one array.
   *
   * @param path its path
   * @return the array, whose numbers change with the block's; always the same object
   */
  public Tensor get(String path) {
    Tensor tensor = tensors.get(path);
    if (tensor == null) {
      throw new IllegalArgumentException("parameter block: there is no " + path + " in it");
    }
    return tensor;
  }

  /**
   * Copies a tensor that is one of its arrays, but not that of a path: until it is put there, its
   * own place may have changed.
   */
  Tensor apart(String path, Tensor value) {
    return tensors.get(path) != value && tensors.containsValue(value)
        ? copy(value, dtype, device)
        : value;
  }

  /**
   * Returns neighbouring elements as one row.
   *
   * @param from the first
   * @param to one past the last
   * @return the row, whose numbers change with the block's
   */
  public Tensor range(int from, int to) {
    Spec spec = new Spec(dtype, Shape.of(to - from));
    return new Tensor(spec, device, slab.at(from, spec));
  }

  /**
   * Finds the ranges that some arrays fill.
   *
   * @param chosen which arrays, by path
   * @return ranges in rising order, as long as possible
   */
  public List<Range> ranges(Predicate<String> chosen) {
    List<Range> ranges = new ArrayList<>();
    for (Place place : places) {
      if (!chosen.test(place.path())) {
        continue;
      }
      Range last = ranges.isEmpty() ? null : ranges.getLast();
      if (last != null && last.kind() == place.kind() && last.to() == place.from()) {
        ranges.set(ranges.size() - 1, new Range(last.kind(), last.from(), place.to()));
      } else {
        ranges.add(new Range(place.kind(), place.from(), place.to()));
      }
    }
    return ranges;
  }

  /**
   * Makes a row of numbers of the block's type on its device, such as the factors of an update.
   *
   * @param numbers the numbers
   * @return the row, not part of the block
   */
  public Tensor numbers(double... numbers) {
    return numbers(dtype, device, numbers);
  }

  /**
   * Copies numbers into one array.
   *
   * <p><b>Errors</b> {@link ShapeException} if the spec is another.
   *
   * @param path its path
   * @param value the numbers, of its spec, from any device
   */
  public void put(String path, Tensor value) {
    Tensor target = get(path);
    if (!value.spec().equals(target.spec())) {
      throw new ShapeException(
          "parameter block: "
              + path
              + " is "
              + target.spec()
              + " but was given "
              + value.spec()
              + "; these numbers belong to another model");
    }
    overwrite(new Broadcast(target.shape()), List.of(value.to(device)), List.of(target));
  }

  /**
   * Copies arrays out, to keep their present numbers.
   *
   * @param chosen which arrays, by path
   * @return new arrays by path, in the order of the block
   */
  public Map<String, Tensor> copies(Predicate<String> chosen) {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    tensors.forEach((path, tensor) -> {
      if (chosen.test(path)) {
        copies.put(path, copy(tensor, dtype, device));
      }
    });
    return copies;
  }

  /**
   * Applies an operation whose results replace numbers of blocks.
   *
   * <p>A target may be an input too where the operation works on each element by itself.
   *
   * @param op the operation
   * @param inputs its inputs
   * @param targets arrays or ranges of blocks, one for each result and of its spec
   */
  public static void overwrite(Op op, List<Tensor> inputs, List<Tensor> targets) {
    Iterator<Tensor> next = targets.iterator();
    Ops.on(
        targets.get(0).device(),
        () -> Ops.with(new Eager(spec -> next.next().buffer()), () -> Ops.applyAll(op, inputs)));
  }

  /** Makes a row of numbers, such as the factors of an update. */
  static Tensor numbers(DType dtype, Device device, double... numbers) {
    if (dtype == DType.F64) {
      return Ops.on(device, () -> Tensor.of(Shape.of(numbers.length), numbers));
    }
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return Ops.on(device, () -> Tensor.of(Shape.of(floats.length), floats));
  }

  /** Copies through the host, so that any type may come from any device. */
  static Tensor copy(Tensor value, DType dtype, Device device) {
    if (dtype == DType.F32 && value.dtype() == DType.F32) {
      return Ops.on(device, () -> Tensor.of(value.shape(), value.floats()));
    }
    double[] numbers = value.doubles();
    Tensor row = numbers(dtype, device, numbers);
    return Ops.with(new Eager(), () -> Ops.apply(new Reshape(value.shape()), row));
  }
}
