package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.op.Epilogue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pointwise steps after a convolution, applied to a tile in the nearest cache on its way to the
 * output.
 */
final class ConvEpilogue {
  private static final int CHANNELS = ConvTile.CHANNELS;

  private static final float[] ZEROS = new float[CHANNELS];

  private final Step[] steps;

  /** The usual order: all steps of a whole tile in one pass over it. */
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
   * Applies the steps to a tile that lies among others and stores it; allocates nothing.
   *
   * @param tile the sums
   * @param from the first sum of the first pixel
   * @param step from a pixel to the next
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
      int step,
      Places places,
      float[] y,
      int at,
      int pixels,
      int channel,
      int channels) {
    int[] offsets = places.offsets;
    int[] rows = places.rows;
    float[] spare = places.spare;
    if (usual != null && channels == CHANNELS) {
      usual.apply(tile, from, step, y, offsets, rows, at, pixels, channel);
      return;
    }
    for (int i = 0; i < pixels; i++) {
      System.arraycopy(tile, from + i * step, spare, i * CHANNELS, CHANNELS);
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
