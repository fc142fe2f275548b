package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Spec;
import org.jspecify.annotations.Nullable;

/**
 * A convolution by {@link WinogradPass}, forward or as the gradient by the input, which is the same
 * convolution with turned filters.
 *
 * @param pass how it is computed
 * @param filters how filters are packed before they are transformed
 * @param turned whether in and out change places in the filters
 * @param epilogue steps to apply before storing
 * @param workers share the work
 * @param transformed the transformed filters where they are constant
 */
record WinogradKernel(
    WinogradPass pass,
    PackedFilters filters,
    boolean turned,
    Epilogue epilogue,
    Workers workers,
    @Nullable HostBuffer transformed)
    implements Kernel {

  /** Makes the kernel for filters that may change. */
  static WinogradKernel of(
      WinogradForm form,
      int batch,
      PackedFilters filters,
      boolean turned,
      Epilogue epilogue,
      Workers workers) {
    WinogradPass pass = new WinogradPass(form, batch, filters, workers.threads());
    return new WinogradKernel(pass, filters, turned, epilogue, workers, null);
  }

  @Override
  public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    bind(inputs, outputs, workspace).run();
  }

  @Override
  public Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    HostBuffer scratch = ConvolutionKernels.scratch(this, workspace);
    HostBuffer x = (HostBuffer) inputs[0];
    HostBuffer y = (HostBuffer) outputs[0];
    ConvEpilogue steps = ConvEpilogue.bind(epilogue, inputs, 2);
    float[] floats = scratch.floats();
    int at = scratch.offset();
    if (transformed != null) {
      return pass.bind(
          x, transformed.floats(), transformed.offset(), y, steps, floats, at, workers);
    }
    HostBuffer w = (HostBuffer) inputs[1];
    int transformedAt = at + ownScratch();
    int packedAt = transformedAt + WinogradFilters.size(pass.form(), filters);
    Runnable convolution = pass.bind(x, floats, transformedAt, y, steps, floats, at, workers);
    return () -> {
      transform(w, floats, packedAt, floats, transformedAt);
      convolution.run();
    };
  }

  private void transform(HostBuffer w, float[] packed, int packedAt, float[] to, int at) {
    WinogradFilters.transform(pass.form(), filters, w, turned, packed, packedAt, to, at, workers);
  }

  private int ownScratch() {
    return workers.threads() * pass.scratch();
  }

  private int packedSize() {
    return workers.threads() * filters.panelSize();
  }

  @Override
  public int workspace() {
    return transformed == null
        ? ownScratch() + WinogradFilters.size(pass.form(), filters) + packedSize()
        : ownScratch();
  }

  @Override
  public Kernel withConstants(@Nullable Buffer[] constants) {
    if (!(constants[1] instanceof HostBuffer w)) {
      return this;
    }
    HostBuffer to = HostBuffer.allocate(Spec.f32(WinogradFilters.size(pass.form(), filters)));
    transform(w, new float[packedSize()], 0, to.floats(), to.offset());
    return new WinogradKernel(pass, filters, turned, epilogue, workers, to);
  }

  @Override
  public Needs needs(boolean[] constants) {
    return constants[1]
        ? new Needs(WinogradFilters.size(pass.form(), filters), ownScratch())
        : Kernel.super.needs(constants);
  }

  @Override
  public boolean reads(int input) {
    return input != 1 || transformed == null;
  }

  @Override
  public String algorithm() {
    String direction = turned ? " turned " : " ";
    return pass.form().label() + direction + ConvTile.MAIN + "x" + ConvTile.CHANNELS;
  }
}
