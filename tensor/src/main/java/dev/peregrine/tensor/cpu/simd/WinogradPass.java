package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;

/**
 * A 3x3 convolution by one of Winograd's forms, prepared.
 *
 * <p>The output is cut into tiles, through all pictures of the batch. A task takes a block of tiles
 * and some panels of output channels: it transforms the input tiles once; then, for each panel,
 * come the form's products of matrices {@code [tiles, ins] x [ins, CHANNELS]}, the transform back
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

  /** Numbers of transformed input in a block, about half a second-level cache. */
  private static final int BLOCK = 160 << 10;

  /**
   * Fewest tiles in a block: filters beyond the second-level cache are read once for each block,
   * and with 48 tiles that is a byte or two in the time of a multiply-add.
   */
  private static final int LEAST_TILES = 48;

  /** Outputs of the tiles that are transformed back at once: half a first-level cache. */
  private static final int GROUP = 64;

  /** So many blocks for each thread may differ in size. */
  private static final int MANY = 4;

  /** Instead of the row of an output that does not exist. */
  private static final int OUTSIDE = -1;

  /** Fewest panels for which a task transforms its input. */
  private static final int LEAST_PANELS = 2;

  private final WinogradForm form;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final int ins;
  private final int outs;
  private final int panels;
  private final int pictureTiles;
  private final int tilesAcross;
  private final int tiles;
  private final int blockTiles;
  private final int blocks;
  private final int chunks;

  /** Channels of a transformed tile: whole vectors. */
  private final int channels;

  /** From a tile to the next; odd multiples of a vector fall on different sets of the cache. */
  private final int tileStep;

  /** From one of a tile's values to the next. */
  private final int valueStep;

  private final int outPoint;
  private final int transformed;
  private final int group;

  /**
   * Prepares.
   *
   * @param form how
   * @param batch pictures
   * @param filters the groups, one, and the axes, of the form's stride with 3 taps
   * @param threads how many threads will run it
   */
  WinogradPass(WinogradForm form, int batch, PackedFilters filters, int threads) {
    this.form = form;
    this.rows = filters.rows();
    this.columns = filters.columns();
    this.ins = filters.groups().ins();
    this.outs = filters.groups().outs();
    this.panels = filters.groups().panels();
    this.tilesAcross = Math.ceilDiv(columns.out(), form.out());
    this.pictureTiles = form.tiles(filters);
    this.tiles = batch * pictureTiles;
    this.channels = WinogradFilters.channels(filters);
    this.tileStep = (form.isDeep() ? form.allValues() * channels : channels) + LANES;
    int cached = BLOCK / (form.allValues() * (channels + LANES));
    int wanted = Math.max(whole(LEAST_TILES), cached - cached % ConvTile.MAIN);
    int few = Math.ceilDiv(tiles, wanted);
    int even = few < threads ? few : Math.ceilDiv(few, threads) * threads;
    int share = Math.ceilDiv(tiles, even);
    this.blockTiles = threads == 1 || even >= MANY * threads ? whole(share) : share;
    this.blocks = Math.ceilDiv(tiles, blockTiles);
    int most = Math.max(1, panels / LEAST_PANELS);
    this.chunks =
        threads == 1 || blocks >= 3 * threads
            ? 1
            : Math.min(most, Math.ceilDiv(3 * threads, blocks));
    int largest = Math.max(MatTile.LEAST_ROWS, Math.min(tiles, blockTiles));
    this.valueStep = form.isDeep() ? channels : largest * tileStep + LANES;
    this.transformed = form.isDeep() ? largest * tileStep + LANES : form.allValues() * valueStep;
    this.outPoint = largest * CHANNELS + LANES;
    this.group = GROUP / (form.out() * form.out());
  }

  /** Rounds up to whole tiles of registers. */
  private static int whole(int tiles) {
    return Math.ceilDiv(tiles, ConvTile.MAIN) * ConvTile.MAIN;
  }

  /** Returns the form. */
  WinogradForm form() {
    return form;
  }

  /** Returns how many numbers of scratch memory a thread needs. */
  int scratch() {
    return transformed + form.products() * outPoint;
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
    final float[] patch = new float[form.in() * form.in() * channels];
    final float[] tiles = new float[GROUP * CHANNELS];
    final ConvEpilogue.Places places = new ConvEpilogue.Places(GROUP);
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
      int from = block * blockTiles;
      int to = Math.min(tiles, from + blockTiles);
      Local local = locals[worker];
      int v = at + worker * scratch();
      int m = v + transformed;
      for (int tile = from; tile < to; tile++) {
        input(tile, v + (tile - from) * tileStep, local);
      }
      int lines = Math.max(MatTile.LEAST_ROWS, to - from);
      int end = panels * (chunk + 1) / chunks;
      for (int panel = panels * chunk / chunks; panel < end; panel++) {
        multiply(lines, panel, v, m);
        for (int tile = from; tile < to; tile += group) {
          int count = Math.min(group, to - tile);
          int products = m + (tile - from) * CHANNELS;
          form.output(scratch, products, outPoint, local.tiles, count * CHANNELS);
          store(tile, count, local, panel * CHANNELS);
        }
      }
    }

    private void multiply(int lines, int panel, int v, int m) {
      int first = panel * form.allValues();
      for (int product = 0; product < form.products(); product++) {
        MatTile.multiply(
            lines,
            scratch,
            v + form.start(product) * valueStep,
            tileStep,
            u,
            uAt + (first + form.start(product)) * channels * CHANNELS,
            scratch,
            m + product * outPoint,
            CHANNELS,
            (form.depth(product) - 1) * channels + ins);
      }
    }

    private void input(int tile, int to, Local local) {
      int size = form.in();
      int step = form.out() * form.stride();
      int image = tile / pictureTiles;
      int row = tile % pictureTiles / tilesAcross * step - rows.pad();
      int column = tile % pictureTiles % tilesAcross * step - columns.pad();
      int line = columns.in() * xPixel;
      int first = xAt + ((image * rows.in() + row) * columns.in() + column) * xPixel;
      // What lies between the channels of two values is added up, so it must be zero.
      boolean inside =
          row >= 0
              && column >= 0
              && row + size <= rows.in()
              && column + size <= columns.in()
              && (form.isDeep()
                  ? ins == channels
                  : first + (size - 1) * (line + xPixel) + channels <= x.length);
      if (inside) {
        form.input(x, first, line, xPixel, scratch, to, valueStep, channels);
      } else {
        cut(first, row, column, local.patch);
        form.input(local.patch, 0, size * channels, channels, scratch, to, valueStep, channels);
      }
    }

    /** Copies a tile with zeros for the pixels outside the input. */
    private void cut(int first, int row, int column, float[] patch) {
      int line = columns.in() * xPixel;
      int size = form.in();
      for (int i = 0; i < size; i++) {
        boolean rowInside = row + i >= 0 && row + i < rows.in();
        for (int j = 0; j < size; j++) {
          int to = (i * size + j) * channels;
          if (rowInside && column + j >= 0 && column + j < columns.in()) {
            System.arraycopy(x, first + i * line + j * xPixel, patch, to, ins);
          } else {
            Arrays.fill(patch, to, to + ins, 0);
          }
        }
      }
    }

    /** Stores neighbouring tiles, those of their outputs that are inside. */
    private void store(int tile, int count, Local local, int channel) {
      for (int i = 0; i < count; i++) {
        locate(tile + i, i, count, local.places);
      }
      int[] lines = local.places.rows;
      int all = form.out() * form.out() * count;
      int from = 0;
      while (from < all) {
        int to = from;
        while (to < all && lines[to] != OUTSIDE) {
          to++;
        }
        if (to > from) {
          epilogue.apply(
              local.tiles,
              from * CHANNELS,
              local.places,
              y.floats(),
              from,
              to - from,
              channel,
              Math.min(CHANNELS, outs - channel));
        }
        from = to + 1;
      }
    }

    /** Finds where the outputs of a tile are stored; those of neighbours lie between them. */
    private void locate(int tile, int from, int step, ConvEpilogue.Places places) {
      int size = form.out();
      int image = tile / pictureTiles;
      int row = tile % pictureTiles / tilesAcross * size;
      int column = tile % pictureTiles % tilesAcross * size;
      int pixel = (image * rows.out() + row) * columns.out() + column;
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          int number = from + (i * size + j) * step;
          if (row + i < rows.out() && column + j < columns.out()) {
            places.set(number, pixel + i * columns.out() + j, y);
          } else {
            places.rows[number] = OUTSIDE;
          }
        }
      }
    }
  }
}
