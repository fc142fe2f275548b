package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses and makes the kernels of convolutions and their gradients. */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  /**
   * Makes the kernel of a convolution.
   *
   * @param op the convolution
   * @param signature its specs
   * @param workers share the work
   * @return the kernel, or null for types other than f32
   */
  static @Nullable Kernel forward(Conv2d op, Signature signature, Workers workers) {
    if (signature.output().dtype() != DType.F32) {
      return null;
    }
    Shape x = signature.input(0).shape();
    Shape w = signature.input(1).shape();
    Shape y = signature.output().shape();
    Window window = op.window();
    ConvAxis rows = rows(window, x, y);
    ConvAxis columns = columns(window, x, y);
    PackedFilters filters =
        new PackedFilters(
            ConvGroups.of(op.groups(), w.dim(2), w.dim(3) / op.groups()), rows, columns);
    return switch (ConvAlgorithm.choose(filters, x.dim(0))) {
      case MATRIX -> new PointKernel(filters, y.rows(), false, op.epilogue(), workers, null);
      case WINOGRAD ->
          WinogradKernel.of(WinogradForm.DENSE, x.dim(0), filters, false, op.epilogue(), workers);
      case FINE ->
          WinogradKernel.of(WinogradForm.FINE, x.dim(0), filters, false, op.epilogue(), workers);
      case POLYPHASE ->
          WinogradKernel.of(
              WinogradForm.POLYPHASE, x.dim(0), filters, false, op.epilogue(), workers);
      case DIRECT -> {
        Direct direct =
            new Direct(
                "direct",
                window,
                List.of(filters),
                List.of(DirectPass.of(x.dim(0), filters, workers)),
                false,
                op.epilogue(),
                workers,
                null);
        yield ConvAlgorithm.chooseConstant(filters, x.dim(0)) == ConvAlgorithm.DIRECT
            ? direct
            : new ByConstancy(
                direct,
                WinogradKernel.of(
                    WinogradForm.POLYPHASE, x.dim(0), filters, false, op.epilogue(), workers));
      }
    };
  }

  /**
   * Makes the kernel of a convolution's gradient by its input.
   *
   * @param op the gradient
   * @param signature its specs
   * @param workers share the work
   * @return the kernel, or null for types other than f32
   */
  static @Nullable Kernel inputGrad(Conv2dInputGrad op, Signature signature, Workers workers) {
    if (signature.output().dtype() != DType.F32) {
      return null;
    }
    Shape dy = signature.input(0).shape();
    Shape w = signature.input(1).shape();
    Shape x = op.input();
    Window window = op.window();
    List<PackedFilters> filters = new ArrayList<>();
    for (ConvAxis rows :
        ConvAxis.inputGrad(
            x.dim(1),
            dy.dim(1),
            w.dim(0),
            window.strideHeight(),
            window.padTop(),
            window.dilationHeight())) {
      for (ConvAxis columns :
          ConvAxis.inputGrad(
              x.dim(2),
              dy.dim(2),
              w.dim(1),
              window.strideWidth(),
              window.padLeft(),
              window.dilationWidth())) {
        PackedFilters part =
            new PackedFilters(
                ConvGroups.of(op.groups(), w.dim(3) / op.groups(), w.dim(2)), rows, columns);
        filters.add(part);
      }
    }
    PackedFilters only = filters.get(0);
    return switch (filters.size() > 1
        ? ConvAlgorithm.DIRECT
        : ConvAlgorithm.choose(only, x.dim(0))) {
      case MATRIX -> new PointKernel(only, x.rows(), true, Epilogue.NONE, workers, null);
      case WINOGRAD ->
          WinogradKernel.of(WinogradForm.DENSE, x.dim(0), only, true, Epilogue.NONE, workers);
      case FINE ->
          WinogradKernel.of(WinogradForm.FINE, x.dim(0), only, true, Epilogue.NONE, workers);
      case POLYPHASE, DIRECT -> {
        List<DirectPass> passes =
            filters.stream().map(part -> DirectPass.of(x.dim(0), part, workers)).toList();
        yield new Direct(
            "direct turned", window, filters, passes, true, Epilogue.NONE, workers, null);
      }
    };
  }

  /**
   * Makes the kernel of a convolution's gradient by its filters.
   *
   * @param op the gradient
   * @param signature its specs
   * @param workers share the work
   * @return the kernel, or null for types other than f32
   */
  static @Nullable Kernel weightGrad(Conv2dWeightGrad op, Signature signature, Workers workers) {
    if (signature.output().dtype() != DType.F32) {
      return null;
    }
    Window window = op.window();
    Shape x = signature.input(0).shape();
    Shape dy = signature.input(1).shape();
    Shape w = op.weights();
    ConvGroups groups = ConvGroups.of(op.groups(), w.dim(2), w.dim(3) / op.groups());
    ConvAxis rows = rows(window, x, dy);
    ConvAxis columns = columns(window, x, dy);
    return new WeightGrad(
        switch (ConvAlgorithm.chooseWeights(new PackedFilters(groups, rows, columns))) {
          case WINOGRAD ->
              new WinogradWeightPass(x.dim(0), groups.ins(), groups.outs(), rows, columns, workers);
          case MATRIX, FINE, POLYPHASE, DIRECT ->
              new ConvWeightPass(x.dim(0), groups, rows, columns, workers);
        });
  }

  private static ConvAxis rows(Window window, Shape x, Shape y) {
    return ConvAxis.forward(
        x.dim(1),
        y.dim(1),
        window.kernelHeight(),
        window.strideHeight(),
        window.padTop(),
        window.dilationHeight());
  }

  private static ConvAxis columns(Window window, Shape x, Shape y) {
    return ConvAxis.forward(
        x.dim(2),
        y.dim(2),
        window.kernelWidth(),
        window.strideWidth(),
        window.padLeft(),
        window.dilationWidth());
  }

  static HostBuffer scratch(Kernel kernel, @Nullable Buffer workspace) {
    if (workspace == null) {
      throw new DeviceException(
          "cpu: "
              + kernel.algorithm()
              + " was run without workspace but needs "
              + kernel.workspace()
              + " elements");
    }
    return (HostBuffer) workspace;
  }

  /** A kernel for filters that may change, and the one that replaces it where they do not. */
  record ByConstancy(Kernel changing, Kernel constant) implements Kernel {
    @Override
    public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
      changing.run(inputs, outputs, workspace);
    }

    @Override
    public Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
      return changing.bind(inputs, outputs, workspace);
    }

    @Override
    public int workspace() {
      return changing.workspace();
    }

    @Override
    public Kernel withConstants(@Nullable Buffer[] constants) {
      return constants[1] == null ? this : constant.withConstants(constants);
    }

    @Override
    public Needs needs(boolean[] constants) {
      return constants[1] ? constant.needs(constants) : changing.needs(constants);
    }

    @Override
    public String algorithm() {
      return changing.algorithm();
    }
  }

  /**
   * Direct convolutions, one or, for the gradient of a strided one, several that share the output.
   */
  record Direct(
      String name,
      Window window,
      List<PackedFilters> filters,
      List<DirectPass> passes,
      boolean turned,
      Epilogue epilogue,
      Workers workers,
      @Nullable HostBuffer packed)
      implements Kernel {

    @Override
    public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
      bind(inputs, outputs, workspace).run();
    }

    @Override
    public Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
      HostBuffer scratch = scratch(this, workspace);
      HostBuffer panels = packed == null ? scratch : packed;
      int scratchAt = scratch.offset() + (packed == null ? packedSize() : 0);
      ConvEpilogue bound = ConvEpilogue.bind(epilogue, inputs, 2);
      Runnable[] runs = new Runnable[passes.size()];
      int at = panels.offset();
      for (int i = 0; i < runs.length; i++) {
        runs[i] =
            passes
                .get(i)
                .bind(
                    new DirectPass.Operands(
                        (HostBuffer) inputs[0],
                        panels.floats(),
                        at,
                        (HostBuffer) outputs[0],
                        bound,
                        scratch.floats(),
                        scratchAt));
        at += filters.get(i).size();
      }
      HostBuffer w = (HostBuffer) inputs[1];
      boolean packs = packed == null;
      return () -> {
        if (packs) {
          pack(w, panels);
        }
        for (Runnable run : runs) {
          run.run();
        }
      };
    }

    private void pack(HostBuffer w, HostBuffer to) {
      int at = to.offset();
      for (PackedFilters part : filters) {
        part.pack(w, turned, to.floats(), at, workers);
        at += part.size();
      }
    }

    private int packedSize() {
      return filters.stream().mapToInt(PackedFilters::size).sum();
    }

    @Override
    public int workspace() {
      int scratch = passes.stream().mapToInt(DirectPass::workspace).max().orElse(0);
      return scratch + (packed == null ? packedSize() : 0);
    }

    @Override
    public Kernel withConstants(@Nullable Buffer[] constants) {
      if (constants[1] == null) {
        return this;
      }
      HostBuffer to = HostBuffer.allocate(Spec.f32(packedSize()));
      pack((HostBuffer) constants[1], to);
      return new Direct(name, window, filters, passes, turned, epilogue, workers, to);
    }

    @Override
    public Needs needs(boolean[] constants) {
      return constants[1]
          ? new Needs(packedSize(), workspace() - (packed == null ? packedSize() : 0))
          : Kernel.super.needs(constants);
    }

    @Override
    public boolean reads(int input) {
      return input != 1 || packed == null;
    }

    @Override
    public String algorithm() {
      return name + " " + window + " " + ConvTile.MAIN + "x" + ConvTile.CHANNELS;
    }
  }

  /** The gradient by the filters. */
  private record WeightGrad(WeightPass pass) implements Kernel {
    @Override
    public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
      bind(inputs, outputs, workspace).run();
    }

    @Override
    public Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
      return pass.bind(
          (HostBuffer) inputs[0],
          (HostBuffer) inputs[1],
          (HostBuffer) outputs[0],
          scratch(this, workspace));
    }

    @Override
    public int workspace() {
      return pass.workspace();
    }

    @Override
    public String algorithm() {
      return pass.algorithm();
    }
  }
}
