package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Spec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A 1x1 convolution of stride 1, which is a product of matrices: all pixels of the batch by the
 * input channels, times the filters. Also the gradient by the input, with turned filters.
 *
 * <p>A task takes some neighbouring pixels and panels of output channels. It computes as many
 * pixels of a panel as fit, beside their filters, in the first-level cache, and applies the
 * epilogue to them on their way to the output.
 *
 * @param filters how filters are packed
 * @param pixels pixels of all pictures, at least {@link MatTile#LEAST_ROWS}
 * @param turned whether in and out change places in the filters
 * @param epilogue steps to apply before storing
 * @param workers share the work
 * @param packed the packed filters where they are constant
 */
record PointKernel(
    PackedFilters filters,
    int pixels,
    boolean turned,
    Epilogue epilogue,
    Workers workers,
    @Nullable HostBuffer packed)
    implements Kernel {
  private static final int CHANNELS = ConvTile.CHANNELS;

  /** Pixels computed at once, four large tiles: 6.5 KiB of sums. */
  private static final int LINES = 4 * ConvTile.LARGE;

  /**
   * Rows whose distance is a multiple of so many numbers lie in the same few places of a
   * first-level cache, so that the rows of a tile would drive each other out: such rows are copied.
   */
  private static final int COLLISION = 1024;

  /** Input numbers of a task, half a second-level cache: read once for each of its panels. */
  private static final int TASK_INPUTS = 128 << 10;

  @Override
  public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    bind(inputs, outputs, workspace).run();
  }

  @Override
  public Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    HostBuffer x = (HostBuffer) inputs[0];
    HostBuffer y = (HostBuffer) outputs[0];
    ConvEpilogue steps = ConvEpilogue.bind(epilogue, inputs, 2);
    if (packed != null) {
      return new Run(x, packed, y, steps);
    }
    HostBuffer w = (HostBuffer) inputs[1];
    HostBuffer scratch = ConvolutionKernels.scratch(this, workspace);
    Runnable convolution = new Run(x, scratch, y, steps);
    return () -> {
      filters.pack(w, turned, scratch.floats(), scratch.offset(), workers);
      convolution.run();
    };
  }

  @Override
  public int workspace() {
    return packed == null ? filters.size() : 0;
  }

  @Override
  public Kernel withConstants(@Nullable Buffer[] constants) {
    if (!(constants[1] instanceof HostBuffer w)) {
      return this;
    }
    HostBuffer to = HostBuffer.allocate(Spec.f32(filters.size()));
    filters.pack(w, turned, to.floats(), to.offset(), workers);
    return new PointKernel(filters, pixels, turned, epilogue, workers, to);
  }

  @Override
  public Needs needs(boolean[] constants) {
    return constants[1] ? new Needs(filters.size(), 0) : Kernel.super.needs(constants);
  }

  @Override
  public boolean reads(int input) {
    return input != 1 || packed == null;
  }

  @Override
  public String algorithm() {
    return "matrix " + (turned ? "turned " : "") + ConvTile.MAIN + "x" + CHANNELS;
  }

  /** What a thread needs. */
  private static final class Local {
    /** The pixels of a task where they are copied. */
    final float[] inputs;

    final float[] sums = new float[LINES * CHANNELS];
    final ConvEpilogue.Places places = new ConvEpilogue.Places(LINES);

    Local(int size) {
      inputs = new float[size];
    }
  }

  /** A run on given buffers. */
  private final class Run implements Workers.Task, Runnable {
    private final HostBuffer x;
    private final HostBuffer filterNumbers;
    private final HostBuffer y;
    private final ConvEpilogue steps;
    private final int ins = filters.groups().ins();
    private final int outs = filters.groups().outs();
    private final int panels = filters.groups().panels();
    private final int blocks;
    private final int chunks;
    private final boolean copies;

    /** From a pixel to the next where tiles read it. */
    private final int step;

    private final Local[] locals = new Local[workers.threads()];

    Run(HostBuffer x, HostBuffer filterNumbers, HostBuffer y, ConvEpilogue steps) {
      this.x = x;
      this.filterNumbers = filterNumbers;
      this.y = y;
      this.steps = steps;
      int lines = Math.clamp(TASK_INPUTS / ins, LINES, 16 * LINES) / LINES * LINES;
      this.blocks = Math.max(1, pixels / lines);
      int tasks = 4 * workers.threads();
      this.chunks = Math.clamp(Math.ceilDiv(tasks, blocks), 1, panels);
      this.copies = x.stride() % COLLISION == 0;
      this.step = copies ? ins + Lanes.LENGTH : x.stride();
      int copied = copies ? Math.ceilDiv(pixels, blocks) * step : 0;
      Arrays.setAll(locals, _ -> new Local(copied));
    }

    @Override
    public void run() {
      workers.run(blocks * chunks, this);
    }

    @Override
    public void run(int task, int worker) {
      int from = (int) ((long) pixels * (task / chunks) / blocks);
      int to = (int) ((long) pixels * (task / chunks + 1) / blocks);
      int chunk = task % chunks;
      int end = panels * (chunk + 1) / chunks;
      Local local = locals[worker];
      float[] inputs = x.floats();
      int at = x.offset() + from * x.stride();
      if (copies) {
        for (int line = from; line < to; line++) {
          int source = x.offset() + line * x.stride();
          System.arraycopy(x.floats(), source, local.inputs, (line - from) * step, ins);
        }
        inputs = local.inputs;
        at = 0;
      }
      for (int panel = panels * chunk / chunks; panel < end; panel++) {
        for (int line = from; line < to; line += LINES) {
          int wanted = Math.min(LINES, to - line);
          int count = Math.max(wanted, MatTile.LEAST_ROWS);
          // Few pixels are computed together with their neighbours before.
          int first = Math.min(line, to - count);
          multiply(count, inputs, at + (first - from) * step, panel, local);
          store(line, wanted, line - first, panel, local);
        }
      }
    }

    private void multiply(int count, float[] inputs, int at, int panel, Local local) {
      int filtersAt = filterNumbers.offset() + filters.start(panel, 0);
      MatTile.multiply(
          count, inputs, at, step, filterNumbers.floats(), filtersAt, local.sums, 0, CHANNELS, ins);
    }

    private void store(int first, int count, int skipped, int panel, Local local) {
      for (int i = 0; i < count; i++) {
        local.places.set(i, first + i, y);
      }
      steps.apply(
          local.sums,
          skipped * CHANNELS,
          local.places,
          y.floats(),
          0,
          count,
          panel * CHANNELS,
          Math.min(CHANNELS, outs - panel * CHANNELS));
    }
  }
}
