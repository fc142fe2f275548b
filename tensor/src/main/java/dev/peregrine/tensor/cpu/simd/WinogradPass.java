package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;

/**
 * A 3x3 convolution of stride 1 by Winograd's F(4x4, 3x3), prepared.
 *
 * <p>The output is cut into tiles of 4x4, through all pictures of the batch. A task takes a block
 * of tiles and some panels of output channels: it transforms the input tiles once; then, for each
 * panel, come 36 products of matrices {@code [tiles, ins] x [ins, CHANNELS]}, the transform back
 * and the epilogue, while the products lie in the second-level cache. Blocks are large enough that
 * a panel of filters, which comes from the third-level cache or beyond, is used for many tiles.
 *
 * <p>Where there are few blocks, panels are shared out as well; each task then transforms the input
 * tiles for itself, which costs less than threads that wait for each other. Blocks and tasks change
 * nothing in what is added up in which order, so results have the same bits on any number of
 * threads.
 *
 * <p>A tile that reaches over a border is copied into a patch whose pixels outside the input are
 * zero; all others are read in place.
 */
final class WinogradPass {
  private static final int CHANNELS = ConvTile.CHANNELS;
  private static final int LANES = Lanes.LENGTH;
  private static final int POINTS = WinogradTransform.POINTS;
  private static final int OUT = WinogradTransform.OUT;
  private static final int IN = WinogradTransform.IN;

  /** Numbers of transformed input in a block, about half a second-level cache. */
  private static final int BLOCK = 160 << 10;

  /**
   * Fewest tiles in a block: filters beyond the second-level cache are read once for each block,
   * and with 48 tiles that is a byte or two in the time of a multiply-add.
   */
  private static final int LEAST_TILES = 48;

  /** Tiles that are transformed back at once: together they fit in half a first-level cache. */
  private static final int GROUP = 4;

  /** Fewest panels for which a task transforms its input. */
  private static final int LEAST_PANELS = 2;

  private final ConvAxis rows;
  private final ConvAxis columns;
  private final int ins;
  private final int outs;
  private final int panels;
  private final int tilesDown;
  private final int tilesAcross;
  private final int tiles;
  private final int blocks;
  private final int chunks;

  /** Channels of a transformed tile: whole vectors. */
  private final int channels;

  /** From a tile to the next; odd multiples of a vector fall on different sets of the cache. */
  private final int tileStep;

  private final int inPoint;
  private final int outPoint;

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param filters the groups, one, and the axes, of stride 1 with 3 taps
   * @param threads how many threads will run it
   */
  WinogradPass(int batch, PackedFilters filters, int threads) {
    this.rows = filters.rows();
    this.columns = filters.columns();
    this.ins = filters.groups().ins();
    this.outs = filters.groups().outs();
    this.panels = filters.groups().panels();
    this.tilesDown = Math.ceilDiv(rows.out(), OUT);
    this.tilesAcross = Math.ceilDiv(columns.out(), OUT);
    this.tiles = batch * tilesDown * tilesAcross;
    this.channels = Math.ceilDiv(ins, LANES) * LANES;
    this.tileStep = channels + LANES;
    int wanted = Math.max(LEAST_TILES, BLOCK / (POINTS * tileStep));
    int few = Math.ceilDiv(tiles, wanted);
    this.blocks = few < threads ? few : Math.ceilDiv(few, threads) * threads;
    int most = Math.max(1, panels / LEAST_PANELS);
    this.chunks =
        threads == 1 || blocks >= 3 * threads
            ? 1
            : Math.min(most, Math.ceilDiv(3 * threads, blocks));
    int largest = Math.max(MatTile.LEAST_ROWS, Math.ceilDiv(tiles, blocks));
    this.inPoint = largest * tileStep + LANES;
    this.outPoint = largest * CHANNELS + LANES;
  }

  /** Returns how many numbers of scratch memory a thread needs. */
  int scratch() {
    return POINTS * (inPoint + outPoint);
  }

  /**
   * Makes one run ready.
   *
   * @param x the input, {@code [N, H, W, ins]}
   * @param u the transformed filters
   * @param uAt where they begin
   * @param y the output, {@code [N, H', W', outs]}
   * @param epilogue steps to apply before storing
   * @param scratch scratch memory for all threads
   * @param at where it begins
   * @param workers share the work
   * @return runs the convolution
   */
  Runnable bind(
      HostBuffer x,
      float[] u,
      int uAt,
      HostBuffer y,
      ConvEpilogue epilogue,
      float[] scratch,
      int at,
      Workers workers) {
    Run run = new Run(x, u, uAt, y, epilogue, scratch, at, workers.threads());
    return () -> workers.run(blocks * chunks, run);
  }

  /** What a thread needs besides scratch memory. */
  private final class Local {
    final float[] patch = new float[POINTS * channels];
    final float[] tiles = new float[GROUP * OUT * OUT * CHANNELS];
    final ConvEpilogue.Places places = new ConvEpilogue.Places(OUT * OUT);
  }

  /** A run on given buffers. */
  private final class Run implements Workers.Task {
    private final float[] x;
    private final int xAt;
    private final int xPixel;
    private final float[] u;
    private final int uAt;
    private final HostBuffer y;
    private final ConvEpilogue epilogue;
    private final float[] scratch;
    private final int at;
    private final Local[] locals;

    Run(
        HostBuffer x,
        float[] u,
        int uAt,
        HostBuffer y,
        ConvEpilogue epilogue,
        float[] scratch,
        int at,
        int threads) {
      this.x = x.floats();
      this.xAt = x.offset();
      this.xPixel = x.stride();
      this.u = u;
      this.uAt = uAt;
      this.y = y;
      this.epilogue = epilogue;
      this.scratch = scratch;
      this.at = at;
      this.locals = new Local[threads];
      Arrays.setAll(locals, _ -> new Local());
    }

    @Override
    public void run(int task, int worker) {
      int block = task / chunks;
      int chunk = task % chunks;
      int from = (int) ((long) tiles * block / blocks);
      int to = (int) ((long) tiles * (block + 1) / blocks);
      Local local = locals[worker];
      int v = at + worker * scratch();
      int m = v + POINTS * inPoint;
      for (int tile = from; tile < to; tile++) {
        input(tile, v + (tile - from) * tileStep, local);
      }
      int lines = Math.max(MatTile.LEAST_ROWS, to - from);
      int end = panels * (chunk + 1) / chunks;
      for (int panel = panels * chunk / chunks; panel < end; panel++) {
        multiply(lines, panel, v, m);
        for (int tile = from; tile < to; tile += GROUP) {
          int size = Math.min(GROUP, to - tile) * CHANNELS;
          int products = m + (tile - from) * CHANNELS;
          WinogradTransform.output(scratch, products, outPoint, local.tiles, size);
          for (int i = 0; i < size; i += CHANNELS) {
            store(tile + i / CHANNELS, local, i, size, panel * CHANNELS);
          }
        }
      }
    }

    private void multiply(int lines, int panel, int v, int m) {
      int filters = uAt + panel * POINTS * ins * CHANNELS;
      for (int point = 0; point < POINTS; point++) {
        MatTile.multiply(
            lines,
            scratch,
            v + point * inPoint,
            tileStep,
            u,
            filters + point * ins * CHANNELS,
            scratch,
            m + point * outPoint,
            CHANNELS,
            ins);
      }
    }

    private void input(int tile, int to, Local local) {
      int image = tile / (tilesDown * tilesAcross);
      int row = tile / tilesAcross % tilesDown * OUT - rows.pad();
      int column = tile % tilesAcross * OUT - columns.pad();
      int line = columns.in() * xPixel;
      int first = xAt + ((image * rows.in() + row) * columns.in() + column) * xPixel;
      boolean inside =
          row >= 0
              && column >= 0
              && row + IN <= rows.in()
              && column + IN <= columns.in()
              && first + (IN - 1) * (line + xPixel) + channels <= x.length;
      if (inside) {
        WinogradTransform.input(x, first, line, xPixel, scratch, to, inPoint, channels);
      } else {
        cut(first, row, column, local.patch);
        WinogradTransform.input(
            local.patch, 0, IN * channels, channels, scratch, to, inPoint, channels);
      }
    }

    /** Copies a tile with zeros for the pixels outside the input. */
    private void cut(int first, int row, int column, float[] patch) {
      int line = columns.in() * xPixel;
      for (int i = 0; i < IN; i++) {
        boolean rowInside = row + i >= 0 && row + i < rows.in();
        for (int j = 0; j < IN; j++) {
          int to = (i * IN + j) * channels;
          if (rowInside && column + j >= 0 && column + j < columns.in()) {
            System.arraycopy(x, first + i * line + j * xPixel, patch, to, ins);
          } else {
            Arrays.fill(patch, to, to + ins, 0);
          }
        }
      }
    }

    private void store(int tile, Local local, int from, int step, int channel) {
      int image = tile / (tilesDown * tilesAcross);
      int row = tile / tilesAcross % tilesDown * OUT;
      int column = tile % tilesAcross * OUT;
      int height = Math.min(OUT, rows.out() - row);
      int width = Math.min(OUT, columns.out() - column);
      int pixel = (image * rows.out() + row) * columns.out() + column;
      for (int i = 0; i < height; i++) {
        for (int j = 0; j < width; j++) {
          local.places.set(i * OUT + j, pixel + i * columns.out() + j, y);
        }
      }
      if (width == OUT) {
        store(local, from, step, 0, height * OUT, channel);
        return;
      }
      for (int i = 0; i < height; i++) {
        store(local, from + i * OUT * step, step, i * OUT, width, channel);
      }
    }

    private void store(Local local, int from, int step, int at, int count, int channel) {
      epilogue.apply(
          local.tiles,
          from,
          step,
          local.places,
          y.floats(),
          at,
          count,
          channel,
          Math.min(CHANNELS, outs - channel));
    }
  }
}
