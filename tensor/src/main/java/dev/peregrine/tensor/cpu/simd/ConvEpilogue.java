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
   * Where a tile lies.
   *
   * @param from holds the tile
   * @param fromOffsets where each pixel begins in it, from index {@code at}
   * @param fromAdd added to them
   * @param to the output
   * @param toOffsets where each pixel begins in it, from index {@code at}
   * @param rows the rows of the pixels in the output, from index {@code at}
   */
  record Place(
      float[] from, int[] fromOffsets, int fromAdd, float[] to, int[] toOffsets, int[] rows) {}

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

  /** Tells whether there is nothing to do to a tile that lies in the output already. */
  boolean isEmpty() {
    return passes.isEmpty();
  }

  /**
   * Applies the steps to a tile.
   *
   * @param place where it lies
   * @param at index of its first pixel
   * @param pixels how many pixels
   * @param channel its first output channel
   * @param channels how many channels
   */
  void apply(Place place, int at, int pixels, int channel, int channels) {
    if (passes.isEmpty()) {
      apply(Pass.COPY, place, at, pixels, channel, channels);
      return;
    }
    Place source = place;
    for (Pass pass : passes) {
      apply(pass, source, at, pixels, channel, channels);
      source = new Place(place.to, place.toOffsets, channel, place.to, place.toOffsets, place.rows);
    }
  }

  private static void apply(Pass pass, Place place, int at, int pixels, int channel, int channels) {
    int whole = SPECIES.loopBound(channels);
    for (int pixel = at; pixel < at + pixels; pixel++) {
      int from = place.fromOffsets[pixel] + place.fromAdd;
      int to = place.toOffsets[pixel] + channel;
      int row = place.rows[pixel];
      for (int i = 0; i < whole; i += LANES) {
        FloatVector v = FloatVector.fromArray(SPECIES, place.from, from + i);
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
          HostBuffer shortcut = pass.shortcut;
          v =
              v.add(
                  FloatVector.fromArray(
                      SPECIES,
                      shortcut.floats(),
                      shortcut.offset() + row * shortcut.stride() + channel + i));
        }
        v.intoArray(place.to, to + i);
      }
      if (whole < channels) {
        tail(pass, place, from + whole, to + whole, row, channel + whole, channels - whole);
      }
    }
  }

  private static void tail(
      Pass pass, Place place, int from, int to, int row, int channel, int channels) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, channels);
    FloatVector v = FloatVector.fromArray(SPECIES, place.from, from, mask);
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
    v.intoArray(place.to, to, mask);
  }
}
