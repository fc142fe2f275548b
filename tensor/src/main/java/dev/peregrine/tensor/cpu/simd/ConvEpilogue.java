package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.op.Epilogue;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The pointwise steps after a convolution, applied to a tile in the nearest cache on its way to the
 * output.
 */
final class ConvEpilogue {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;

  private static final float[] ZEROS = new float[CHANNELS];

  private final List<Step> steps;

  /** The usual order: all steps of a whole tile in one pass over it. */
  private final @Nullable Usual usual;

  private ConvEpilogue(List<Step> steps) {
    this.steps = steps;
    this.usual = Usual.of(steps);
  }

  /** An epilogue's step together with what it reads. */
  private sealed interface Step {}

  private record Bias(HostBuffer values) implements Step {}

  private record Activate(Activations function) implements Step {}

  private record Add(HostBuffer shortcut) implements Step {}

  /** A bias, a function and a shortcut, each of which may be missing. */
  private record Usual(
      @Nullable HostBuffer bias, Activations function, @Nullable HostBuffer shortcut) {
    static @Nullable Usual of(List<Step> steps) {
      int next = 0;
      HostBuffer bias = null;
      if (next < steps.size() && steps.get(next) instanceof Bias step) {
        bias = step.values;
        next++;
      }
      Activations function = Activations.of(null);
      if (next < steps.size() && steps.get(next) instanceof Activate step) {
        function = step.function;
        next++;
      }
      HostBuffer shortcut = null;
      if (next < steps.size() && steps.get(next) instanceof Add step) {
        shortcut = step.shortcut;
        next++;
      }
      return next == steps.size() ? new Usual(bias, function, shortcut) : null;
    }

    void apply(
        float[] tile,
        int from,
        int step,
        float[] y,
        int[] offsets,
        int[] rows,
        int at,
        int pixels,
        int channel) {
      float[] biases = bias == null ? ZEROS : bias.floats();
      int biasAt = bias == null ? 0 : bias.offset() + channel;
      float[] s = shortcut == null ? ZEROS : shortcut.floats();
      int first = shortcut == null ? 0 : shortcut.offset() + channel;
      int stride = shortcut == null ? 0 : shortcut.stride();
      function.store(
          tile, from, step, biases, biasAt, s, first, stride, rows, y, offsets, at, pixels,
          channel);
    }
  }

  /**
   * Where a tile goes.
   *
   * @param y the output
   * @param offsets where each pixel begins in it
   * @param rows the rows of the pixels in the output, and in a shortcut
   * @param at index of the tile's first pixel in both
   * @param pixels how many pixels the tile has
   * @param channel its first output channel
   * @param channels how many channels the output takes, at most {@link ConvTile#CHANNELS}
   */
  record Place(
      float[] y, int[] offsets, int[] rows, int at, int pixels, int channel, int channels) {}

  /**
   * Binds the steps to the inputs of a run.
   *
   * @param epilogue the steps
   * @param inputs the inputs of the operation
   * @param first the first input of the steps
   * @return the bound steps
   */
  static ConvEpilogue bind(Epilogue epilogue, Buffer[] inputs, int first) {
    List<Step> steps = new ArrayList<>();
    int next = first;
    for (Epilogue.Step step : epilogue.steps()) {
      steps.add(
          switch (step) {
            case Epilogue.Bias _ -> new Bias((HostBuffer) inputs[next++]);
            case Epilogue.Activate activate -> new Activate(Activations.of(activate.kind()));
            case Epilogue.Add _ -> new Add((HostBuffer) inputs[next++]);
          });
    }
    return new ConvEpilogue(steps);
  }

  /**
   * Applies the steps to a tile and stores it.
   *
   * @param tile the sums, {@code [pixel][CHANNELS]}; changed
   * @param place where it goes
   */
  void apply(float[] tile, Place place) {
    if (usual != null && place.channels == CHANNELS) {
      usual.apply(
          tile,
          0,
          CHANNELS,
          place.y,
          place.offsets,
          place.rows,
          place.at,
          place.pixels,
          place.channel);
      return;
    }
    for (Step step : steps) {
      switch (step) {
        case Bias bias -> bias(tile, place, bias.values);
        case Activate activate ->
            activate.function.apply(tile, 0, tile, 0, place.pixels * CHANNELS);
        case Add add -> add(tile, place, add.shortcut);
      }
    }
    store(tile, place);
  }

  /**
   * Applies the steps to a tile that lies among others and stores it; allocates nothing where the
   * tile is whole and the steps are in the usual order.
   *
   * @param tile the sums
   * @param from the first sum of the first pixel
   * @param step from a pixel to the next
   * @param spare room for a tile
   * @param y the output
   * @param offsets where each pixel begins in it
   * @param rows the rows of the pixels in the output, and in a shortcut
   * @param at index of the tile's first pixel in both
   * @param pixels how many pixels the tile has
   * @param channel its first output channel
   * @param channels how many channels the output takes, at most {@link ConvTile#CHANNELS}
   */
  void apply(
      float[] tile,
      int from,
      int step,
      float[] spare,
      float[] y,
      int[] offsets,
      int[] rows,
      int at,
      int pixels,
      int channel,
      int channels) {
    if (usual != null && channels == CHANNELS) {
      usual.apply(tile, from, step, y, offsets, rows, at, pixels, channel);
      return;
    }
    for (int i = 0; i < pixels; i++) {
      System.arraycopy(tile, from + i * step, spare, i * CHANNELS, CHANNELS);
    }
    apply(spare, new Place(y, offsets, rows, at, pixels, channel, channels));
  }

  private static void bias(float[] tile, Place place, HostBuffer values) {
    for (int i = 0; i < place.channels; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, place.channels);
      FloatVector bias =
          FloatVector.fromArray(
              SPECIES, values.floats(), values.offset() + place.channel + i, mask);
      for (int pixel = 0; pixel < place.pixels; pixel++) {
        int at = pixel * CHANNELS + i;
        FloatVector.fromArray(SPECIES, tile, at).add(bias).intoArray(tile, at);
      }
    }
  }

  private static void add(float[] tile, Place place, HostBuffer shortcut) {
    float[] values = shortcut.floats();
    for (int pixel = 0; pixel < place.pixels; pixel++) {
      int row = place.rows[place.at + pixel];
      int from = shortcut.offset() + row * shortcut.stride() + place.channel;
      int to = pixel * CHANNELS;
      if (place.channels == CHANNELS) {
        for (int i = 0; i < CHANNELS; i += LANES) {
          FloatVector.fromArray(SPECIES, tile, to + i)
              .add(FloatVector.fromArray(SPECIES, values, from + i))
              .intoArray(tile, to + i);
        }
      } else {
        for (int i = 0; i < place.channels; i++) {
          tile[to + i] += values[from + i];
        }
      }
    }
  }

  /** Copies whole tile rows out of the output, where they were stored before. */
  static void load(Place place, float[] tile) {
    for (int pixel = 0; pixel < place.pixels; pixel++) {
      int from = place.offsets[place.at + pixel] + place.channel;
      for (int i = 0; i < CHANNELS; i += LANES) {
        FloatVector.fromArray(SPECIES, place.y, from + i).intoArray(tile, pixel * CHANNELS + i);
      }
    }
  }

  /** Copies a tile into the output. */
  static void store(float[] tile, Place place) {
    for (int pixel = 0; pixel < place.pixels; pixel++) {
      int from = pixel * CHANNELS;
      int to = place.offsets[place.at + pixel] + place.channel;
      if (place.channels == CHANNELS) {
        for (int i = 0; i < CHANNELS; i += LANES) {
          FloatVector.fromArray(SPECIES, tile, from + i).intoArray(place.y, to + i);
        }
      } else {
        System.arraycopy(tile, from, place.y, to, place.channels);
      }
    }
  }
}
