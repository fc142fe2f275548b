package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;

/**
 * A depthwise convolution, prepared: each channel by itself, vectors over channels.
 *
 * <p>A task takes some rows of the output. A piece of a row, a panel of channels wide, is summed up
 * in the nearest cache and goes to the output through the epilogue. The input is read in place.
 */
final class DepthwisePass implements DirectPass {
  private static final int CHANNELS = ConvTile.CHANNELS;

  /** Pixels of a piece; its sums take 8 KiB. */
  private static final int PIXELS = 64;

  /** Output numbers of a task at least. */
  private static final int TASK = 16 << 10;

  private final int batch;
  private final PackedFilters filters;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final Workers workers;
  private final ConvAxis.Span[] rowSpans;
  private final ConvAxis.Span[] columnSpans;
  private final int rowsOfTask;

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param filters the filters, and the axes
   * @param workers share the work
   */
  DepthwisePass(int batch, PackedFilters filters, Workers workers) {
    this.batch = batch;
    this.filters = filters;
    this.rows = filters.rows();
    this.columns = filters.columns();
    this.workers = workers;
    this.rowSpans = rows.spans().toArray(ConvAxis.Span[]::new);
    this.columnSpans = columns.spans().toArray(ConvAxis.Span[]::new);
    int row = Math.max(1, columns.out() * filters.groups().outs());
    this.rowsOfTask = Math.ceilDiv(TASK, row);
  }

  @Override
  public int workspace() {
    return workers.threads() * PIXELS * CHANNELS;
  }

  @Override
  public Runnable bind(Operands operands) {
    Run run = new Run(operands);
    int tasks = Math.ceilDiv(batch * rows.out(), rowsOfTask);
    return () -> workers.run(tasks, run);
  }

  /** What a thread needs besides the workspace. */
  private final class Local {
    final ConvEpilogue.Places places = new ConvEpilogue.Places(PIXELS);
    final int[] taps = new int[rows.taps() * columns.taps()];
    final int[] filterTaps = new int[rows.taps() * columns.taps()];
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
    private final int outHeight;
    private final int outWidth;
    private final Local[] locals = new Local[workers.threads()];

    Run(Operands operands) {
      this.x = operands.x();
      this.packed = operands.packed();
      this.packedAt = operands.packedAt();
      this.y = operands.y();
      this.epilogue = operands.epilogue();
      this.space = operands.space();
      this.spaceAt = operands.spaceAt();
      this.outHeight = y.spec().shape().dim(1);
      this.outWidth = y.spec().shape().dim(2);
      Arrays.setAll(locals, _ -> new Local());
    }

    @Override
    public void run(int task, int worker) {
      int last = Math.min(batch * rows.out(), (task + 1) * rowsOfTask);
      int sums = spaceAt + worker * PIXELS * CHANNELS;
      for (int line = task * rowsOfTask; line < last; line++) {
        int row = line % rows.out();
        for (ConvAxis.Span span : rowSpans) {
          if (row >= span.from() && row < span.to()) {
            row(line / rows.out(), row, span, sums, locals[worker]);
          }
        }
      }
    }

    private void row(int image, int row, ConvAxis.Span taps, int sums, Local local) {
      for (ConvAxis.Span span : columnSpans) {
        int count = list(taps, span, local);
        for (int column = span.from(); column < span.to(); column += PIXELS) {
          int pixels = Math.min(PIXELS, span.to() - column);
          for (int i = 0; i < pixels; i++) {
            int line =
                (image * outHeight + rows.stored(row)) * outWidth + columns.stored(column + i);
            local.places.set(i, line, y);
          }
          int inRow = image * rows.in() + rows.position(row);
          int from = x.offset() + (inRow * columns.in() + columns.position(column)) * x.stride();
          piece(from, pixels, count, sums, local);
        }
      }
    }

    /** Lists where the taps lie that are inside the input. */
    private int list(ConvAxis.Span rowTaps, ConvAxis.Span columnTaps, Local local) {
      int count = 0;
      for (int row = rowTaps.firstTap(); row < rowTaps.lastTap(); row++) {
        for (int column = columnTaps.firstTap(); column < columnTaps.lastTap(); column++) {
          int shift = row * rows.dilation() * columns.in() + column * columns.dilation();
          local.taps[count] = shift * x.stride();
          local.filterTaps[count++] = (row * columns.taps() + column) * CHANNELS;
        }
      }
      return count;
    }

    private void piece(int from, int pixels, int taps, int sums, Local local) {
      int step = columns.stride() * x.stride();
      ConvGroups groups = filters.groups();
      for (int panel = 0; panel < groups.panels(); panel++) {
        Arrays.fill(space, sums, sums + pixels * CHANNELS, 0);
        int channel = groups.channelIn(panel);
        int w = packedAt + filters.start(panel, 0);
        ConvDepthwise.add(
            groups.channels(panel),
            x.floats(),
            from + channel,
            step,
            local.taps,
            packed,
            w,
            local.filterTaps,
            taps,
            space,
            sums,
            pixels);
        epilogue.apply(
            space,
            sums,
            local.places,
            y.floats(),
            0,
            pixels,
            groups.channelOut(panel),
            groups.channels(panel));
      }
    }
  }
}
