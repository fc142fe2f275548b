package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.op.Epilogue;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
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

  private final Step[] steps;

  /** The usual order, for whole tiles. */
  private final @Nullable Usual usual;

  private ConvEpilogue(List<Step> steps) {
    this.steps = steps.toArray(Step[]::new);
    this.usual = Usual.of(steps);
  }

  /** Where the pixels of a tile go, and room for a tile; each thread has its own. */
  static final class Places {
    /** Where each pixel begins in the output. */
    final int[] offsets;

    /** The row of each pixel in the output, and in a shortcut. */
    final int[] rows;

    private final float[] spare;

    /**
     * Makes room.
     *
     * @param pixels how many pixels a tile has at most
     */
    Places(int pixels) {
      this.offsets = new int[pixels];
      this.rows = new int[pixels];
      this.spare = new float[pixels * CHANNELS];
    }

    /**
     * Notes where a pixel goes.
     *
     * @param pixel its number in the tile
     * @param row its row in the output
     * @param y the output
     */
    void set(int pixel, int row, HostBuffer y) {
      rows[pixel] = row;
      offsets[pixel] = y.offset() + row * y.stride();
    }
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

    void apply(float[] tile, int from, Places places, float[] y, int at, int pixels, int channel) {
      if (bias == null) {
        function.addAndApply(tile, from, pixels, ZEROS, 0);
      } else {
        function.addAndApply(tile, from, pixels, bias.floats(), bias.offset() + channel);
      }
      if (shortcut == null) {
        copyTile(tile, from, places, y, at, pixels, channel);
      } else {
        addTile(tile, from, shortcut, places, y, at, pixels, channel);
      }
    }
  }

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
   * Applies the steps to a tile and stores it; allocates nothing.
   *
   * @param tile the sums, changed on the way
   * @param from the first sum of the first pixel, the next pixel's follow
   * @param places where the pixels go
   * @param y the output
   * @param at the number of the tile's first pixel in the places
   * @param pixels how many pixels the tile has
   * @param channel its first output channel
   * @param channels how many channels the output takes, at most {@link ConvTile#CHANNELS}
   */
  void apply(
      float[] tile,
      int from,
      Places places,
      float[] y,
      int at,
      int pixels,
      int channel,
      int channels) {
    if (usual != null && channels == CHANNELS) {
      usual.apply(tile, from, places, y, at, pixels, channel);
      return;
    }
    int[] offsets = places.offsets;
    int[] rows = places.rows;
    float[] spare = places.spare;
    for (int i = 0; i < pixels; i++) {
      System.arraycopy(tile, from + i * CHANNELS, spare, i * CHANNELS, CHANNELS);
    }
    for (Step next : steps) {
      switch (next) {
        case Bias bias ->
            add(spare, pixels, channels, bias.values.floats(), bias.values.offset() + channel);
        case Activate activate -> activate.function.apply(spare, 0, spare, 0, pixels * CHANNELS);
        case Add add -> add(spare, pixels, channels, add.shortcut, rows, at, channel);
      }
    }
    for (int i = 0; i < pixels; i++) {
      System.arraycopy(spare, i * CHANNELS, y, offsets[at + i] + channel, channels);
    }
  }

  private static void copyTile(
      float[] tile, int from, Places places, float[] y, int at, int pixels, int channel) {
    for (int i = 0; i < pixels; i++) {
      int source = from + i * CHANNELS;
      int target = places.offsets[at + i] + channel;
      FloatVector.fromArray(SPECIES, tile, source).intoArray(y, target);
      FloatVector.fromArray(SPECIES, tile, source + LANES).intoArray(y, target + LANES);
    }
  }

  private static void addTile(
      float[] tile,
      int from,
      HostBuffer shortcut,
      Places places,
      float[] y,
      int at,
      int pixels,
      int channel) {
    float[] s = shortcut.floats();
    int first = shortcut.offset() + channel;
    int stride = shortcut.stride();
    for (int i = 0; i < pixels; i++) {
      int source = from + i * CHANNELS;
      int other = first + places.rows[at + i] * stride;
      int target = places.offsets[at + i] + channel;
      FloatVector.fromArray(SPECIES, tile, source)
          .add(FloatVector.fromArray(SPECIES, s, other))
          .intoArray(y, target);
      FloatVector.fromArray(SPECIES, tile, source + LANES)
          .add(FloatVector.fromArray(SPECIES, s, other + LANES))
          .intoArray(y, target + LANES);
    }
  }

  /** Adds the same numbers to each pixel. */
  private static void add(float[] tile, int pixels, int channels, float[] values, int from) {
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int i = 0; i < channels; i++) {
        tile[pixel * CHANNELS + i] += values[from + i];
      }
    }
  }

  /** Adds to each pixel what the shortcut has there. */
  private static void add(
      float[] tile,
      int pixels,
      int channels,
      HostBuffer shortcut,
      int[] rows,
      int at,
      int channel) {
    for (int pixel = 0; pixel < pixels; pixel++) {
      int from = shortcut.offset() + rows[at + pixel] * shortcut.stride() + channel;
      float[] values = shortcut.floats();
      for (int i = 0; i < channels; i++) {
        tile[pixel * CHANNELS + i] += values[from + i];
      }
    }
  }
}
