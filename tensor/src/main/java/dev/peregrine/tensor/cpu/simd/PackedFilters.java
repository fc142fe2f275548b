package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;

/**
 * The order of filter numbers that tiles read straight through: {@code
 * [panel][block][tap][in][CHANNELS]}.
 *
 * <p>A panel holds the filters of as many output channels as a tile has, the last one of a group
 * filled up with zeros; a block holds as many input channels as keep a panel's part of it in the
 * cache.
 *
 * @param groups the groups of channels
 * @param rows the filter rows
 * @param columns the filter columns
 */
record PackedFilters(ConvGroups groups, ConvAxis rows, ConvAxis columns) {
  /** Filter numbers for one output channel in a block: with a panel of 32 about 150 KiB. */
  private static final int BLOCK = 1152;

  private static final int CHANNELS = ConvTile.CHANNELS;

  int taps() {
    return rows.taps() * columns.taps();
  }

  /** Returns how many numbers there are, the filling included. */
  int size() {
    return groups.allPanels() * panelSize();
  }

  /** Returns how many numbers a panel is. */
  int panelSize() {
    return taps() * groups.ins() * CHANNELS;
  }

  /** Returns how many blocks the input channels of a group are cut into. */
  int blocks() {
    return Math.ceilDiv(groups.ins(), Math.clamp(BLOCK / Math.max(1, taps()), 32, 512));
  }

  /** Returns the first input channel of a block. */
  int blockStart(int block) {
    return Math.min(groups.ins(), block * Math.ceilDiv(groups.ins(), blocks()));
  }

  /** Returns how many input channels a block has. */
  int blockSize(int block) {
    return blockStart(block + 1) - blockStart(block);
  }

  /** Returns where a block of a panel begins. */
  int start(int panel, int block) {
    return panel * panelSize() + taps() * blockStart(block) * CHANNELS;
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
    workers.run(groups.allPanels(), panel -> packPanel(w, turned, panel, to, at + start(panel, 0)));
  }

  /** Packs one panel alone, beginning at an index of the caller's choice. */
  void packPanel(HostBuffer w, boolean turned, int panel, float[] to, int at) {
    for (int block = 0; block < blocks(); block++) {
      int next = at + start(0, block);
      for (int row = 0; row < rows.taps(); row++) {
        for (int column = 0; column < columns.taps(); column++) {
          int tap = rows.originalTap(row) * w.spec().shape().dim(1) + columns.originalTap(column);
          if (groups.merged() > 1) {
            packMerged(w, turned, panel, block, tap, to, next);
          } else if (turned && !groups.depthwise()) {
            packTurned(w, panel, block, tap, to, next);
          } else {
            packPlain(w, panel, block, tap, to, next);
          }
          next += blockSize(block) * CHANNELS;
        }
      }
    }
  }

  private void packPlain(HostBuffer w, int panel, int block, int tap, float[] to, int at) {
    int channels = groups.channels(panel);
    int row = tap * groups.ins() + blockStart(block);
    int from = w.offset() + row * w.stride() + groups.channelOut(panel);
    for (int in = 0; in < blockSize(block); in++) {
      int next = at + in * CHANNELS;
      System.arraycopy(w.floats(), from + in * w.stride(), to, next, channels);
      Arrays.fill(to, next + channels, next + CHANNELS, 0);
    }
  }

  private void packTurned(HostBuffer w, int panel, int block, int tap, float[] to, int at) {
    float[] source = w.floats();
    int size = blockSize(block);
    int channels = groups.channels(panel);
    int row = tap * groups.outs() + panel % groups.panels() * CHANNELS;
    int from = w.offset() + row * w.stride() + groups.channelIn(panel) + blockStart(block);
    for (int out = 0; out < channels; out++) {
      for (int in = 0; in < size; in++) {
        to[at + in * CHANNELS + out] = source[from + out * w.stride() + in];
      }
    }
    for (int in = 0; in < size; in++) {
      Arrays.fill(to, at + in * CHANNELS + channels, at + (in + 1) * CHANNELS, 0);
    }
  }

  /** Packs several groups into one, zeros where input and output belong to different ones. */
  private void packMerged(
      HostBuffer w, boolean turned, int group, int block, int tap, float[] to, int at) {
    float[] source = w.floats();
    int size = blockSize(block);
    int ins = groups.ins() / groups.merged();
    int outs = groups.outs() / groups.merged();
    Arrays.fill(to, at, at + size * CHANNELS, 0);
    for (int in = 0; in < size; in++) {
      int member = (blockStart(block) + in) / ins;
      int inside = (blockStart(block) + in) % ins;
      int next = at + in * CHANNELS + member * outs;
      int original = group * groups.merged() + member;
      for (int out = 0; out < outs; out++) {
        int row = tap * (turned ? outs : ins) + (turned ? out : inside);
        int element = original * (turned ? ins : outs) + (turned ? inside : out);
        to[next + out] = source[w.offset() + row * w.stride() + element];
      }
    }
  }
}
