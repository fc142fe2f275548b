package dev.peregrine.tensor.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Winograd's algorithm against sums in double precision, on every layer of YOLOv4-P6 it computes.
 */
class WinogradErrorTest {
  private static final int SAMPLES = 3000;

  /** The largest error that is allowed, relative to the largest value. */
  private static final double LAW = 2e-5;

  private final Workers workers = new Workers(2);

  @ParameterizedTest
  @CsvSource({
    "640, 32, 32",
    "320, 64, 64",
    "160, 128, 128",
    "160, 128, 256",
    "80, 256, 256",
    "80, 256, 512",
    "40, 512, 512",
    "40, 512, 1024",
    "20, 512, 512",
    "20, 512, 1024"
  })
  void isWithinTwoHundredThousandthsOfTheLargestValue(int size, int ins, int outs) {
    Spec x = Spec.f32(1, size, size, ins);
    Spec w = Spec.f32(3, 3, ins, outs);
    Conv2d op = new Conv2d(Window.same(3, 1), 1, Epilogue.NONE);
    Signature signature = Signature.of(op, List.of(x, w));
    HostBuffer input = random(x, 1);
    HostBuffer filters = random(w, 2);
    HostBuffer output = HostBuffer.allocate(signature.output());
    Kernel kernel = ConvolutionKernels.forward(op, signature, workers);
    assertThat(kernel.algorithm()).startsWith("winograd");
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
    for (int i = 0; i < SAMPLES; i++) {
      // Every tenth sample lies on the border.
      int row = i % 10 == 0 ? size - 1 : random.nextInt(size);
      int column = random.nextInt(size);
      int channel = random.nextInt(outs);
      int at = output.offset() + (row * size + column) * outs + channel;
      double exact = sum(input, filters, size, ins, outs, row, column, channel);
      worst = Math.max(worst, Math.abs(output.floats()[at] - exact));
    }
    assertThat(worst / largest).isLessThan(LAW);
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
