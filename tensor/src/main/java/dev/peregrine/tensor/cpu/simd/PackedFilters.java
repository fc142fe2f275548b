package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;

/**
 * The order of filter numbers that {@link ConvTile} reads straight through: {@code
 * [group][panel][block][tap][in][CHANNELS]}.
 *
 * <p>A panel holds the filters of as many output channels as a tile has, the last one filled up
 * with zeros; a block holds as many input channels as keep a panel's part of it in the cache.
 *
 * @param groups groups of channels
 * @param ins input channels of a group
 * @param outs output channels of a group
 * @param rows the filter rows
 * @param columns the filter columns
 */
record PackedFilters(int groups, int ins, int outs, ConvAxis rows, ConvAxis columns) {
  /** Filter numbers for one output channel in a block: with a panel of 32 about 150 KiB. */
  private static final int BLOCK = 1152;

  private static final int CHANNELS = ConvTile.CHANNELS;

  int taps() {
    return rows.taps() * columns.taps();
  }

  /** Returns how many numbers there are, the filling included. */
  int size() {
    return groups * panels() * panelSize();
  }

  /** Returns how many panels a group has. */
  int panels() {
    return Math.ceilDiv(outs, CHANNELS);
  }

  int panelSize() {
    return taps() * ins * CHANNELS;
  }

  /** Returns how many output channels of a panel are real. */
  int channels(int panel) {
    return Math.min(CHANNELS, outs - panel * CHANNELS);
  }

  int blocks() {
    return Math.ceilDiv(ins, Math.clamp(BLOCK / Math.max(1, taps()), 32, 512));
  }

  /** Returns the first input channel of a block. */
  int blockStart(int block) {
    return Math.min(ins, block * Math.ceilDiv(ins, blocks()));
  }

  /** Returns how many input channels a block has. */
  int blockSize(int block) {
    return blockStart(block + 1) - blockStart(block);
  }

  /** Returns where a panel begins; panels are counted through all groups. */
  int panelStart(int panel) {
    return panel * panelSize();
  }

  /**
   * Packs filters.
   *
   * @param w filters {@code [KH, KW, Cin / groups, Cout]}
   * @param turned whether in and out change places, as the gradient by the input needs it
   * @param to where to
   * @param at the first index there
   * @param workers share the work
   */
  void pack(HostBuffer w, boolean turned, float[] to, int at, Workers workers) {
    int panels = panels();
    workers.run(
        groups * panels,
        task -> {
          int group = task / panels;
          int panel = task % panels;
          int next = at + panelStart(task);
          for (int block = 0; block < blocks(); block++) {
            for (int row = 0; row < rows.taps(); row++) {
              for (int column = 0; column < columns.taps(); column++) {
                int tap =
                    rows.originalTap(row) * w.spec().shape().dim(1) + columns.originalTap(column);
                if (turned) {
                  packTurned(w, group, panel, block, tap, to, next);
                } else {
                  packPlain(w, group, panel, block, tap, to, next);
                }
                next += blockSize(block) * CHANNELS;
              }
            }
          }
        });
  }

  private void packPlain(
      HostBuffer w, int group, int panel, int block, int tap, float[] to, int at) {
    int channels = channels(panel);
    int from =
        w.offset() + (tap * ins + blockStart(block)) * w.stride() + group * outs + panel * CHANNELS;
    for (int in = 0; in < blockSize(block); in++) {
      int next = at + in * CHANNELS;
      System.arraycopy(w.floats(), from + in * w.stride(), to, next, channels);
      Arrays.fill(to, next + channels, next + CHANNELS, 0);
    }
  }

  private void packTurned(
      HostBuffer w, int group, int panel, int block, int tap, float[] to, int at) {
    float[] source = w.floats();
    int size = blockSize(block);
    int channels = channels(panel);
    for (int out = 0; out < CHANNELS; out++) {
      if (out < channels) {
        int from =
            w.offset()
                + (tap * outs + panel * CHANNELS + out) * w.stride()
                + group * ins
                + blockStart(block);
        for (int in = 0; in < size; in++) {
          to[at + in * CHANNELS + out] = source[from + in];
        }
      } else {
        for (int in = 0; in < size; in++) {
          to[at + in * CHANNELS + out] = 0;
        }
      }
    }
  }
}
