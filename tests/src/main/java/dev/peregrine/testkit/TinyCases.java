package dev.peregrine.testkit;

import static dev.peregrine.testkit.CaseList.f32;

import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/** The layers of YOLOv4-tiny with their real shapes. */
final class TinyCases {
  private static final Epilogue BIAS = Epilogue.NONE.then(new Epilogue.Bias());
  private static final Epilogue LEAKY = BIAS.then(new Epilogue.Activate(Unary.Kind.LEAKY_RELU));

  private final CaseList list = new CaseList();
  private final int size;

  private TinyCases(int size) {
    this.size = size;
  }

  static List<OpCase> at(int size) {
    if (size < 32 || size % 32 != 0) {
      throw new ShapeException("tiny: size " + size + " must be a multiple of 32");
    }
    TinyCases tiny = new TinyCases(size);
    tiny.backbone();
    tiny.heads();
    return tiny.list.toList();
  }

  private void backbone() {
    conv(1, 3, 32, Window.same(3, 2), LEAKY);
    conv(2, 32, 64, Window.same(3, 2), LEAKY);
    // Three stages of the same form; each route keeps the second half of the channels.
    for (int stride = 4, channels = 64; stride <= 16; stride *= 2, channels *= 2) {
      conv(stride, channels, channels, Window.same(3, 1), LEAKY);
      conv(stride, channels / 2, channels / 2, Window.same(3, 1), LEAKY);
      conv(stride, channels, channels, Window.of(1), LEAKY);
      list.plain(
          "tiny max_pool 2x2/2 " + map(stride, 2 * channels),
          new MaxPool(Window.of(2).stride(2)),
          0,
          f32(Values.NORMAL, map(stride, 2 * channels)));
    }
    conv(32, 512, 512, Window.same(3, 1), LEAKY);
  }

  private void heads() {
    conv(32, 512, 256, Window.of(1), LEAKY);
    conv(32, 256, 512, Window.same(3, 1), LEAKY);
    conv(32, 512, 255, Window.of(1), BIAS);
    conv(32, 256, 128, Window.of(1), LEAKY);
    list.plain(
        "tiny upsample 2 " + map(32, 128), new Upsample(2), 0, f32(Values.NORMAL, map(32, 128)));
    conv(16, 384, 256, Window.same(3, 1), LEAKY);
    conv(16, 256, 255, Window.of(1), BIAS);
  }

  private Shape map(int stride, int channels) {
    return Shape.of(1, size / stride, size / stride, channels);
  }

  private void conv(int stride, int in, int out, Window window, Epilogue epilogue) {
    ConvolutionCases.add(list, "tiny conv2d ", map(stride, in), out, 1, window, epilogue);
  }
}
