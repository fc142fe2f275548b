package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A convolution of few input channels by three filter rows, prepared: a network's first layer.
 *
 * <p>Its sums are short, 27 numbers for a picture's three channels, so what counts is all around
 * them. A task copies some input rows with zeros around them, a few numbers a pixel; from there
 * whole vectors bring together what each pixel reads, the surplus of one overwritten by the next.
 * Tiles go to the output one by one, so that the memory takes the results of one while the next is
 * computed.
 */
final class StemPass implements DirectPass {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;
  private static final int TILE = ConvTile.MAIN;

  /** Pixels brought together at once. */
  private static final int RUN = 4 * TILE;

  private static final int MOST_CHANNELS = 8;

  /** Pixels of a patch, whole rows. */
  private static final int PATCH_PIXELS = 512;

  private final PackedFilters filters;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final Workers workers;
  private final ConvPatches patches;
  private final int run;

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param filters the filters, and the axes
   * @param workers share the work
   */
  StemPass(int batch, PackedFilters filters, Workers workers) {
    this.filters = filters;
    this.rows = filters.rows();
    this.columns = filters.columns();
    this.workers = workers;
    int ins = filters.groups().ins();
    this.patches = new ConvPatches(batch, rows, columns, PATCH_PIXELS, ins);
    this.run = columns.taps() * ins;
  }

  /** Tells whether the pass computes a convolution. */
  static boolean computes(PackedFilters filters) {
    ConvAxis rows = filters.rows();
    ConvAxis columns = filters.columns();
    return filters.groups().groups() == 1
        && filters.groups().merged() == 1
        && filters.groups().ins() <= MOST_CHANNELS
        && rows.taps() == 3
        && columns.taps() > 1
        && columns.dilation() == 1
        && columns.out() >= MatTile.LEAST_ROWS
        && rows.outStep() == 1
        && columns.outStep() == 1;
  }

  /** Returns the size of a copy and a vector's surplus. */
  private int copySize() {
    return (Math.ceilDiv(patches.size(), LANES) + 1) * LANES;
  }

  private int joinedSize() {
    return (Math.ceilDiv(RUN * 3 * run, LANES) + 1) * LANES;
  }

  private int scratch() {
    return copySize() + joinedSize();
  }

  @Override
  public int workspace() {
    return workers.threads() * scratch();
  }

  @Override
  public Runnable bind(Operands operands) {
    Run run = new Run(operands);
    return () -> workers.run(patches.count(), run);
  }

  /** What a thread needs besides the workspace. */
  private static final class Local {
    final float[] sums = new float[TILE * CHANNELS];
    final ConvEpilogue.Places places = new ConvEpilogue.Places(TILE);
  }

  /** One run on given buffers. */
  private final class Run implements Workers.Task {
    private final HostBuffer x;
    private final float[] packed;
    private final int packedAt;
    private final HostBuffer y;
    private final ConvEpilogue epilogue;
    private final float[] space;
    private final int spaceAt;
    private final Local[] locals = new Local[workers.threads()];

    Run(Operands operands) {
      this.x = operands.x();
      this.packed = operands.packed();
      this.packedAt = operands.packedAt();
      this.y = operands.y();
      this.epilogue = operands.epilogue();
      this.space = operands.space();
      this.spaceAt = operands.spaceAt();
      Arrays.setAll(locals, _ -> new Local());
    }

    @Override
    public void run(int patch, int worker) {
      int at = spaceAt + worker * scratch();
      patches.copy(patch, x, 0, filters.groups().ins(), space, at);
      int width = patches.widthOf(patch);
      int lines = patches.pixels(patch) / width;
      for (int line = 0; line < lines; line++) {
        for (int column = 0; column < width; column += RUN) {
          // A run shorter than a tile begins earlier.
          int first = Math.max(0, Math.min(column, width - MatTile.LEAST_ROWS));
          int count = Math.min(RUN, width - first);
          int joined = at + copySize();
          join(at + patches.offset(line, first), count, joined);
          int row = patches.line(patch, line) + first;
          for (int panel = 0; panel < filters.groups().panels(); panel++) {
            for (int i = 0; i < count; i += TILE) {
              int pixel = Math.max(0, Math.min(i, count - MatTile.LEAST_ROWS));
              int pixels = Math.min(TILE, count - pixel);
              tile(panel, joined + pixel * 3 * run, row + pixel, pixels, locals[worker]);
            }
          }
        }
      }
    }

    /** Brings together what some neighbouring pixels read. */
    private void join(int from, int pixels, int to) {
      int step = columns.stride() * filters.groups().ins();
      int row1 = from + patches.tap(1, 0);
      int row2 = from + patches.tap(2, 0);
      if (run <= LANES) {
        joinAll(space, from, row1, row2, step, run, to, pixels);
        return;
      }
      for (int pixel = 0; pixel < pixels; pixel++) {
        int next = to + pixel * 3 * run;
        join(from + pixel * step, next);
        join(row1 + pixel * step, next + run);
        join(row2 + pixel * step, next + 2 * run);
      }
    }

    private void join(int from, int to) {
      for (int i = 0; i < run; i += LANES) {
        FloatVector.fromArray(SPECIES, space, from + i).intoArray(space, to + i);
      }
    }

    private void tile(int panel, int from, int line, int pixels, Local local) {
      ConvGroups groups = filters.groups();
      MatTile.multiply(
          pixels,
          space,
          from,
          3 * run,
          packed,
          packedAt + filters.start(panel, 0),
          local.sums,
          0,
          CHANNELS,
          3 * run);
      for (int i = 0; i < pixels; i++) {
        local.places.set(i, line + i, y);
      }
      epilogue.apply(
          local.sums,
          0,
          local.places,
          y.floats(),
          0,
          pixels,
          groups.channelOut(panel),
          groups.channels(panel));
    }
  }

  private static void joinAll(
      float[] x, int row0, int row1, int row2, int step, int run, int to, int pixels) {
    for (int i = 0; i < pixels; i++) {
      int next = to + i * 3 * run;
      FloatVector.fromArray(SPECIES, x, row0 + i * step).intoArray(x, next);
      FloatVector.fromArray(SPECIES, x, row1 + i * step).intoArray(x, next + run);
      FloatVector.fromArray(SPECIES, x, row2 + i * step).intoArray(x, next + 2 * run);
    }
  }
}
