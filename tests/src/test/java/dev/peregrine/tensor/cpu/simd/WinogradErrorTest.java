package dev.peregrine.tensor.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Winograd's algorithm against sums in double precision, on every layer of YOLOv4-P6 it computes,
 * and its gradient by the filters also on those of YOLOv4-tiny.
 */
class WinogradErrorTest {
  private static final int SAMPLES = 3000;

  /** The largest error that is allowed, relative to the largest value. */
  private static final double LAW = 2e-5;

  private final Workers workers = new Workers(2);

  @ParameterizedTest
  @CsvSource({
    "1, 640, 32, 32",
    "1, 320, 64, 64",
    "1, 160, 128, 128",
    "1, 160, 128, 256",
    "1, 80, 256, 256",
    "1, 80, 256, 512",
    "1, 40, 512, 512",
    "1, 40, 512, 1024",
    "1, 20, 512, 512",
    "1, 20, 512, 1024",
    "2, 1280, 32, 64",
    "2, 640, 64, 128",
    "2, 320, 128, 256",
    "2, 160, 256, 512",
    "2, 80, 512, 1024",
    "2, 40, 1024, 1024",
    "2, 160, 128, 256",
    "2, 80, 256, 512",
    "2, 40, 512, 512"
  })
  void isWithinTwoHundredThousandthsOfTheLargestValue(int stride, int size, int ins, int outs) {
    Spec x = Spec.f32(1, size, size, ins);
    Spec w = Spec.f32(3, 3, ins, outs);
    Conv2d op = new Conv2d(Window.same(3, stride), 1, Epilogue.NONE);
    Signature signature = Signature.of(op, List.of(x, w));
    HostBuffer input = random(x, 1);
    HostBuffer filters = random(w, 2);
    HostBuffer output = HostBuffer.allocate(signature.output());
    Kernel kernel = ConvolutionKernels.forward(op, signature, workers);
    assertThat(kernel.algorithm()).startsWith(stride == 1 ? "winograd" : "polyphase");
    kernel.run(
        new Buffer[] {input, filters},
        new Buffer[] {output},
        HostBuffer.allocate(Spec.f32(kernel.workspace())));
    double largest = 0;
    for (int i = 0; i < signature.output().shape().size(); i++) {
      largest = Math.max(largest, Math.abs(output.floats()[output.offset() + i]));
    }
    SplittableRandom random = new SplittableRandom(3);
    double worst = 0;
    int outSize = size / stride;
    for (int i = 0; i < SAMPLES; i++) {
      // Every tenth sample lies on the border.
      int row = i % 10 == 0 ? outSize - 1 : random.nextInt(outSize);
      int column = random.nextInt(outSize);
      int channel = random.nextInt(outs);
      int at = output.offset() + (row * outSize + column) * outs + channel;
      double exact = sum(input, filters, size, ins, outs, row * stride, column * stride, channel);
      worst = Math.max(worst, Math.abs(output.floats()[at] - exact));
    }
    assertThat(worst / largest).isLessThan(LAW);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 104, 32, 32",
    "2, 104, 64, 64",
    "2, 52, 128, 128",
    "2, 26, 256, 256",
    "2, 26, 384, 256",
    "2, 13, 512, 512",
    "1, 320, 64, 64",
    "1, 160, 128, 128",
    "1, 160, 128, 256",
    "1, 80, 256, 256",
    "1, 40, 512, 512",
    "1, 20, 512, 1024"
  })
  void weightGradIsWithinTheSameLaw(int batch, int size, int ins, int outs) {
    Spec x = Spec.f32(batch, size, size, ins);
    Spec dy = Spec.f32(batch, size, size, outs);
    Conv2dWeightGrad op = new Conv2dWeightGrad(Window.same(3, 1), 1, Shape.of(3, 3, ins, outs));
    Signature signature = Signature.of(op, List.of(x, dy));
    HostBuffer input = random(x, 1);
    HostBuffer gradient = random(dy, 2);
    HostBuffer output = HostBuffer.allocate(signature.output());
    Kernel kernel = ConvolutionKernels.weightGrad(op, signature, workers);
    assertThat(kernel.algorithm()).startsWith("winograd");
    kernel.run(
        new Buffer[] {input, gradient},
        new Buffer[] {output},
        HostBuffer.allocate(Spec.f32(kernel.workspace())));
    double largest = 0;
    for (int i = 0; i < signature.output().shape().size(); i++) {
      largest = Math.max(largest, Math.abs(output.floats()[output.offset() + i]));
    }
    SplittableRandom random = new SplittableRandom(3);
    double worst = 0;
    int samples = Math.clamp(4_000_000 / (batch * size * size), 30, SAMPLES);
    for (int i = 0; i < samples; i++) {
      int tap = random.nextInt(9);
      int in = random.nextInt(ins);
      int out = random.nextInt(outs);
      double exact = sum(input, gradient, batch, size, ins, outs, tap, in, out);
      float actual = output.floats()[output.offset() + (tap * ins + in) * outs + out];
      worst = Math.max(worst, Math.abs(actual - exact));
    }
    assertThat(worst / largest).isLessThan(LAW);
  }

  private static double sum(
      HostBuffer x,
      HostBuffer dy,
      int batch,
      int size,
      int ins,
      int outs,
      int tap,
      int in,
      int out) {
    double sum = 0;
    for (int pixel = 0; pixel < batch * size * size; pixel++) {
      int row = pixel / size % size + tap / 3 - 1;
      int column = pixel % size + tap % 3 - 1;
      if (row >= 0 && row < size && column >= 0 && column < size) {
        int from = pixel + (tap / 3 - 1) * size + tap % 3 - 1;
        sum +=
            (double) x.floats()[x.offset() + from * ins + in]
                * dy.floats()[dy.offset() + pixel * outs + out];
      }
    }
    return sum;
  }

  private static HostBuffer random(Spec spec, int seed) {
    HostBuffer buffer = HostBuffer.allocate(spec);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < spec.shape().size(); i++) {
      buffer.floats()[buffer.offset() + i] = random.nextFloat() * 2 - 1;
    }
    return buffer;
  }

  private static double sum(
      HostBuffer x, HostBuffer w, int size, int ins, int outs, int row, int column, int out) {
    double sum = 0;
    for (int i = Math.max(0, row - 1); i < Math.min(size, row + 2); i++) {
      for (int j = Math.max(0, column - 1); j < Math.min(size, column + 2); j++) {
        int pixel = x.offset() + (i * size + j) * ins;
        int tap = w.offset() + ((i - row + 1) * 3 + j - column + 1) * ins * outs + out;
        for (int in = 0; in < ins; in++) {
          sum += (double) x.floats()[pixel + in] * w.floats()[tap + in * outs];
        }
      }
    }
    return sum;
  }
}
