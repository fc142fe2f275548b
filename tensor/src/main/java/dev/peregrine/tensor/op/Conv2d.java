package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/**
 * Convolution over height and width, channels last.
 *
 * <p><b>Shapes</b> x {@code [N, H, W, Cin]}, w {@code [KH, KW, Cin / groups, Cout]}, then the
 * inputs of the epilogue's steps; a bias is f32 where x is stored in f16. The output is {@code [N,
 * OH, OW, Cout]} with the sizes of {@link Window}.
 *
 * <p><b>Formula</b> {@code y[n,i,j,o] = sum over a, b, c of x[n, i*s - p + a*d, j*s - p + b*d,
 * g*Cin/groups + c] * w[a, b, c, o]}, zero outside the input, g the group of output channel o.
 *
 * <p><b>Cost</b> {@code N * OH * OW * Cout * KH * KW * Cin / groups} multiply-adds.
 *
 * @param window kernel, stride, padding, dilation
 * @param groups how many separate convolutions share the channels evenly
 * @param epilogue pointwise steps before the result is stored
 */
public record Conv2d(Window window, int groups, Epilogue epilogue) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    if (inputs.size() != 2 + epilogue.inputs()) {
      throw new ShapeException(
          "conv2d: takes x, w and "
              + epilogue.inputs()
              + " inputs of its epilogue but was given "
              + inputs.size());
    }
    Laws.sameType("conv2d", inputs.subList(0, 2));
    Laws.floating("conv2d", "x", inputs.get(0));
    Laws.rank("conv2d", "x", inputs.get(0), 4);
    Laws.rank("conv2d", "w", inputs.get(1), 4);
    Shape x = inputs.get(0).shape();
    Shape w = inputs.get(1).shape();
    if (w.dim(0) != window.kernelHeight() || w.dim(1) != window.kernelWidth()) {
      throw new ShapeException(
          "conv2d: w "
              + w
              + " is a "
              + w.dim(0)
              + "x"
              + w.dim(1)
              + " kernel but the window is "
              + window);
    }
    if (groups < 1 || x.dim(3) % groups != 0 || w.dim(3) % groups != 0) {
      throw new ShapeException(
          "conv2d: groups "
              + groups
              + " must divide the "
              + x.dim(3)
              + " channels of x and the "
              + w.dim(3)
              + " channels of w (x "
              + x
              + ", w "
              + w
              + ")");
    }
    if (x.dim(3) / groups != w.dim(2)) {
      throw new ShapeException(
          "conv2d: x has "
              + x.dim(3)
              + " channels in "
              + groups
              + " groups but w expects "
              + w.dim(2)
              + " channels in each (x "
              + x
              + ", w "
              + w
              + ")");
    }
    Spec output =
        inputs
            .get(0)
            .withShape(
                Shape.of(
                    x.dim(0), window.outHeight(x.dim(1)), window.outWidth(x.dim(2)), w.dim(3)));
    epilogue.check("conv2d", inputs, 2, output);
    return List.of(epilogue.stored(output));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    Shape w = inputs.get(1).shape();
    return 2L * outputs.get(0).shape().size() * w.dim(0) * w.dim(1) * w.dim(2);
  }
}
