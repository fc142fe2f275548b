package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Unary;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The pointwise steps after a convolution, applied to a tile while it lies in the nearest cache.
 *
 * <p>Steps are gathered into passes of at most a bias, an activation and a shortcut, in this order;
 * networks have one pass.
 */
final class ConvEpilogue {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  private final List<Pass> passes;

  private ConvEpilogue(List<Pass> passes) {
    this.passes = passes;
  }

  /** One walk over a tile. */
  private record Pass(
      @Nullable HostBuffer bias, Unary.@Nullable Kind kind, @Nullable HostBuffer shortcut) {
    static final Pass COPY = new Pass(null, null, null);
  }

  /**
   * Where a tile lies and where it goes.
   *
   * @param tile the sums, {@code [pixel][CHANNELS]}
   * @param to the output
   * @param offsets where each pixel begins in it, from index {@code at}
   * @param rows the rows of the pixels in the output, from index {@code at}
   */
  record Place(float[] tile, float[] to, int[] offsets, int[] rows) {}

  /**
   * Binds the steps to the inputs of a run.
   *
   * @param epilogue the steps
   * @param inputs the inputs of the operation
   * @param next the first input of the steps
   * @return the bound steps
   */
  static ConvEpilogue bind(Epilogue epilogue, Buffer[] inputs, int next) {
    List<Pass> passes = new ArrayList<>();
    Pass last = Pass.COPY;
    for (Epilogue.Step step : epilogue.steps()) {
      switch (step) {
        case Epilogue.Bias _ -> {
          if (last != Pass.COPY) {
            passes.add(last);
          }
          last = new Pass((HostBuffer) inputs[next++], null, null);
        }
        case Epilogue.Activate activate -> {
          if (last.kind != null || last.shortcut != null) {
            passes.add(last);
            last = Pass.COPY;
          }
          last = new Pass(last.bias, activate.kind(), null);
        }
        case Epilogue.Add _ -> {
          if (last.shortcut != null) {
            passes.add(last);
            last = Pass.COPY;
          }
          last = new Pass(last.bias, last.kind, (HostBuffer) inputs[next++]);
        }
      }
    }
    if (last != Pass.COPY) {
      passes.add(last);
    }
    return new ConvEpilogue(passes);
  }

  /** Copies whole tile rows out of the output. */
  static void load(float[] y, int[] offsets, int at, int pixels, int channel, float[] tile) {
    for (int pixel = 0; pixel < pixels; pixel++) {
      int from = offsets[at + pixel] + channel;
      int to = pixel * ConvTile.CHANNELS;
      FloatVector.fromArray(SPECIES, y, from).intoArray(tile, to);
      FloatVector.fromArray(SPECIES, y, from + LANES).intoArray(tile, to + LANES);
    }
  }

  /** Copies whole tile rows into the output. */
  static void store(float[] tile, float[] y, int[] offsets, int at, int pixels, int channel) {
    for (int pixel = 0; pixel < pixels; pixel++) {
      int from = pixel * ConvTile.CHANNELS;
      int to = offsets[at + pixel] + channel;
      FloatVector.fromArray(SPECIES, tile, from).intoArray(y, to);
      FloatVector.fromArray(SPECIES, tile, from + LANES).intoArray(y, to + LANES);
    }
  }

  /**
   * Applies the steps to a tile and stores it.
   *
   * @param place where it lies and where it goes
   * @param at index of its first pixel
   * @param pixels how many pixels
   * @param channel its first output channel
   * @param channels how many channels
   */
  void apply(Place place, int at, int pixels, int channel, int channels) {
    for (int i = 0; i < passes.size() - 1; i++) {
      apply(passes.get(i), place, place.tile, at, pixels, channel, channels);
    }
    if (passes.isEmpty() && channels == ConvTile.CHANNELS) {
      store(place.tile, place.to, place.offsets, at, pixels, channel);
    } else {
      Pass last = passes.isEmpty() ? Pass.COPY : passes.getLast();
      apply(last, place, place.to, at, pixels, channel, channels);
    }
  }

  private static void apply(
      Pass pass, Place place, float[] target, int at, int pixels, int channel, int channels) {
    int whole = SPECIES.loopBound(channels);
    boolean last = target == place.to;
    for (int pixel = 0; pixel < pixels; pixel++) {
      int from = pixel * ConvTile.CHANNELS;
      int to = last ? place.offsets[at + pixel] + channel : from;
      int row = place.rows[at + pixel];
      for (int i = 0; i < whole; i += LANES) {
        FloatVector v = FloatVector.fromArray(SPECIES, place.tile, from + i);
        if (pass.bias != null) {
          v =
              v.add(
                  FloatVector.fromArray(
                      SPECIES, pass.bias.floats(), pass.bias.offset() + channel + i));
        }
        if (pass.kind != null) {
          v = Activation.apply(pass.kind, v);
        }
        if (pass.shortcut != null) {
          int shortcutAt = pass.shortcut.offset() + row * pass.shortcut.stride() + channel + i;
          v = v.add(FloatVector.fromArray(SPECIES, pass.shortcut.floats(), shortcutAt));
        }
        v.intoArray(target, to + i);
      }
      if (whole < channels) {
        tail(
            pass,
            place.tile,
            from + whole,
            target,
            to + whole,
            row,
            channel + whole,
            channels - whole);
      }
    }
  }

  private static void tail(
      Pass pass,
      float[] tile,
      int from,
      float[] target,
      int to,
      int row,
      int channel,
      int channels) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, channels);
    FloatVector v = FloatVector.fromArray(SPECIES, tile, from, mask);
    if (pass.bias != null) {
      v =
          v.add(
              FloatVector.fromArray(
                  SPECIES, pass.bias.floats(), pass.bias.offset() + channel, mask));
    }
    if (pass.kind != null) {
      v = Activation.apply(pass.kind, v);
    }
    if (pass.shortcut != null) {
      HostBuffer shortcut = pass.shortcut;
      v =
          v.add(
              FloatVector.fromArray(
                  SPECIES,
                  shortcut.floats(),
                  shortcut.offset() + row * shortcut.stride() + channel,
                  mask));
    }
    v.intoArray(target, to, mask);
  }
}
