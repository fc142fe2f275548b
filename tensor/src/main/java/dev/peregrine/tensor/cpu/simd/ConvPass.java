package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A direct convolution, prepared: which pixels and which output channels each task computes.
 *
 * <p>Nothing is padded and nothing is copied. The output is cut into regions whose pixels all read
 * the same taps (the inside, the borders, the corners), so a tap outside the input is simply left
 * out. The pixels of a region, through all pictures of the batch, are one long row that tiles run
 * along; blocks of pixels and panels of output channels are the tasks. All of that depends on the
 * shapes alone, so a result has the same bits on any number of threads.
 */
final class ConvPass {
  /** Input numbers that one block of pixels reads, about 400 KiB. */
  private static final int BLOCK_INPUTS = 100_000;

  /** Tasks to aim at, enough to keep a few dozen threads busy. */
  private static final int TASKS = 48;

  private final PackedFilters filters;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final List<List<Piece>> blocks = new ArrayList<>();
  private final int chunks;

  /** Pixels that read the same taps. */
  private record Region(ConvAxis.Span rows, ConvAxis.Span columns) {
    int perImage() {
      return rows.size() * columns.size();
    }

    boolean isEmpty() {
      return rows.firstTap() == rows.lastTap() || columns.firstTap() == columns.lastTap();
    }
  }

  /** Some pixels of a region, counted through the batch. */
  private record Piece(Region region, int from, int to) {
    int size() {
      return to - from;
    }
  }

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param filters the filters, and the axes
   */
  ConvPass(int batch, PackedFilters filters) {
    this.filters = filters;
    this.rows = filters.rows();
    this.columns = filters.columns();
    int pixels = batch * rows.out() * columns.out();
    int tile = ConvTile.MAIN;
    int perPixel =
        filters.groups().ins()
            * Math.min(rows.stride(), rows.taps() + 1)
            * Math.min(columns.stride(), columns.taps() + 1);
    int wanted = Math.min(BLOCK_INPUTS / Math.max(1, perPixel), pixels / (TASKS / 2));
    int blockPixels = Math.ceilDiv(Math.max(wanted, 4 * tile), tile) * tile;
    cut(batch, blockPixels);
    int panels = filters.groups().allPanels();
    this.chunks = Math.clamp(Math.ceilDiv(TASKS, Math.max(1, blocks.size())), 1, panels);
  }

  private void cut(int batch, int blockPixels) {
    List<Region> regions = new ArrayList<>();
    for (ConvAxis.Span row : rows.spans()) {
      for (ConvAxis.Span column : columns.spans()) {
        regions.add(new Region(row, column));
      }
    }
    regions.sort((a, b) -> Integer.compare(b.perImage(), a.perImage()));
    List<Piece> block = new ArrayList<>();
    int room = blockPixels;
    for (Region region : regions) {
      int from = 0;
      int end = batch * region.perImage();
      while (from < end) {
        int to = Math.min(end, from + room);
        block.add(new Piece(region, from, to));
        room -= Math.ceilDiv(to - from, ConvTile.MAIN) * ConvTile.MAIN;
        from = to;
        if (room <= 0) {
          blocks.add(block);
          block = new ArrayList<>();
          room = blockPixels;
        }
      }
    }
    if (!block.isEmpty()) {
      blocks.add(block);
    }
  }

  /**
   * Runs.
   *
   * @param x the input, {@code [N, H, W, groups * ins]}
   * @param packed the packed filters
   * @param packedAt where they begin
   * @param y the output, {@code [N, H', W', groups * outs]}
   * @param epilogue steps to apply before storing
   * @param workers share the work
   */
  void run(
      HostBuffer x,
      float[] packed,
      int packedAt,
      HostBuffer y,
      ConvEpilogue epilogue,
      Workers workers) {
    workers.run(
        blocks.size() * chunks,
        task -> {
          int panels = filters.groups().allPanels();
          int chunk = task % chunks;
          new Task(x, packed, packedAt, y, epilogue, blocks.get(task / chunks))
              .run(panels * chunk / chunks, panels * (chunk + 1) / chunks);
        });
  }

  /** One block of pixels in one run. */
  private final class Task {
    private final HostBuffer x;
    private final float[] packed;
    private final int packedAt;
    private final HostBuffer y;
    private final ConvEpilogue epilogue;
    private final List<Piece> pieces;
    private final int[] starts;
    private final int[] xs;
    private final int[] ys;
    private final int[] ysRows;
    private final float[] tile = new float[ConvTile.LARGE * ConvTile.CHANNELS];

    Task(
        HostBuffer x,
        float[] packed,
        int packedAt,
        HostBuffer y,
        ConvEpilogue epilogue,
        List<Piece> pieces) {
      this.x = x;
      this.packed = packed;
      this.packedAt = packedAt;
      this.y = y;
      this.epilogue = epilogue;
      this.pieces = pieces;
      this.starts = new int[pieces.size() + 1];
      for (int i = 0; i < pieces.size(); i++) {
        starts[i + 1] = starts[i] + pieces.get(i).size() + ConvTile.LARGE;
      }
      int size = starts[pieces.size()];
      xs = new int[size];
      ys = new int[size];
      ysRows = new int[size];
      for (int i = 0; i < pieces.size(); i++) {
        locate(pieces.get(i), starts[i]);
      }
    }

    /** Finds the offsets of a piece's pixels; the last one again to fill the last tile. */
    private void locate(Piece piece, int at) {
      Region region = piece.region;
      int width = region.columns.size();
      int image = piece.from / region.perImage();
      int row = region.rows.from() + piece.from % region.perImage() / width;
      int column = region.columns.from() + piece.from % width;
      int next = at;
      for (int pixel = 0; pixel < piece.size(); pixel++, next++) {
        int inRow = image * rows.in() + rows.position(row);
        xs[next] = x.offset() + (inRow * columns.in() + columns.position(column)) * x.stride();
        int outRow = image * y.spec().shape().dim(1) + rows.stored(row);
        ysRows[next] = outRow * y.spec().shape().dim(2) + columns.stored(column);
        ys[next] = y.offset() + ysRows[next] * y.stride();
        if (++column == region.columns.to()) {
          column = region.columns.from();
          if (++row == region.rows.to()) {
            row = region.rows.from();
            image++;
          }
        }
      }
      for (int fill = 0; fill < ConvTile.LARGE; fill++, next++) {
        xs[next] = xs[next - 1];
        ys[next] = ys[next - 1];
        ysRows[next] = ysRows[next - 1];
      }
    }

    void run(int firstPanel, int lastPanel) {
      for (int panel = firstPanel; panel < lastPanel; panel++) {
        if (filters.groups().channels(panel) == ConvTile.CHANNELS) {
          whole(panel);
        } else {
          part(panel);
        }
      }
    }

    /** Computes a panel; sums wait in the output while other tiles of the block are added. */
    private void whole(int panel) {
      int channel = filters.groups().channelOut(panel);
      int channels = ConvTile.CHANNELS;
      int blocks = filters.blocks();
      for (int block = 0; block < blocks; block++) {
        for (int i = 0; i < pieces.size(); i++) {
          ConvTile.Walk walk = walk(panel, block, pieces.get(i).region);
          int end = starts[i] + pieces.get(i).size();
          int width;
          for (int at = starts[i]; at < end; at += width) {
            width = ConvTile.width(end - at);
            int pixels = Math.min(width, end - at);
            ConvEpilogue.Place place = place(at, pixels, channel, channels);
            if (block > 0) {
              ConvEpilogue.load(place, tile);
            }
            sum(width, at, walk, block == 0, channels);
            if (block < blocks - 1) {
              ConvEpilogue.store(tile, place);
            } else {
              epilogue.apply(tile, place);
            }
          }
        }
      }
    }

    /** Computes the last panel of a group, whose tiles are wider than the output. */
    private void part(int panel) {
      int channel = filters.groups().channelOut(panel);
      int channels = filters.groups().channels(panel);
      for (int i = 0; i < pieces.size(); i++) {
        int end = starts[i] + pieces.get(i).size();
        int width;
        for (int at = starts[i]; at < end; at += width) {
          width = ConvTile.width(end - at);
          for (int block = 0; block < filters.blocks(); block++) {
            ConvTile.Walk walk = walk(panel, block, pieces.get(i).region);
            sum(width, at, walk, block == 0, channels);
          }
          epilogue.apply(tile, place(at, Math.min(width, end - at), channel, channels));
        }
      }
    }

    private ConvEpilogue.Place place(int at, int pixels, int channel, int channels) {
      return new ConvEpilogue.Place(y.floats(), ys, ysRows, at, pixels, channel, channels);
    }

    private void sum(int width, int at, ConvTile.Walk walk, boolean first, int channels) {
      if (filters.groups().depthwise()) {
        ConvDepthwise.run(width, channels, x.floats(), xs, at, packed, walk, tile);
      } else {
        ConvTile.run(width, x.floats(), xs, at, packed, walk, tile, first);
      }
    }

    private ConvTile.Walk walk(int panel, int block, Region region) {
      int size = filters.blockSize(block);
      int wFrom = packedAt + filters.start(panel, block);
      int wStep = size * ConvTile.CHANNELS;
      if (region.isEmpty()) {
        return new ConvTile.Walk(0, 0, 0, 0, 0, 0, 0, 0, 0);
      }
      int firstRow = region.rows.firstTap();
      int firstColumn = region.columns.firstTap();
      int xRow = rows.dilation() * columns.in() * x.stride();
      int xStep = columns.dilation() * x.stride();
      int steps = region.columns.lastTap() - firstColumn;
      // Neighbouring taps of a dense input follow each other, in the input and in the panel alike.
      boolean joined = xStep == size && !filters.groups().depthwise();
      return new ConvTile.Walk(
          region.rows.lastTap() - firstRow,
          joined ? 1 : steps,
          joined ? steps * size : size,
          firstRow * xRow
              + firstColumn * xStep
              + filters.groups().channelIn(panel)
              + filters.blockStart(block),
          xRow,
          xStep,
          wFrom + (firstRow * columns.taps() + firstColumn) * wStep,
          columns.taps() * wStep,
          wStep);
    }
  }
}
