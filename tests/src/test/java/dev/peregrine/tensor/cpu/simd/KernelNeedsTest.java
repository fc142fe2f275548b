package dev.peregrine.tensor.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a kernel tells of its memory against what it keeps. */
class KernelNeedsTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 32, 64, matrix",
    "3, 1, 1, 32, 64, winograd 4x4",
    "3, 1, 1, 7, 256, winograd 2x2",
    "3, 2, 1, 64, 64, polyphase",
    "3, 2, 1, 20, 64, polyphase",
    "3, 2, 1, 14, 64, direct",
    "5, 2, 1, 32, 48, direct",
    "3, 1, 8, 32, 64, direct"
  })
  void kernelsKeepWhatTheyTold(
      int taps, int stride, int groups, int side, int channels, String algorithm) {
    Device device = Devices.open("cpu:2");
    Spec x = Spec.f32(1, side, side, channels);
    Spec w = Spec.f32(taps, taps, channels / groups, channels);
    Conv2d op = new Conv2d(Window.same(taps, stride), groups, Epilogue.NONE);
    Kernel kernel = device.prepare(op, Signature.of(op, List.of(x, w)));
    if (side == 20) {
      assertThat(kernel.algorithm()).as("filters that change").startsWith("direct");
    }
    assertThat(kernel.needs(new boolean[2])).isEqualTo(new Kernel.Needs(0, kernel.workspace()));
    Kernel.Needs needs = kernel.needs(new boolean[] {false, true});
    Kernel packed = kernel.withConstants(new Buffer[] {null, device.allocate(w)});
    assertThat(packed.algorithm()).startsWith(algorithm);
    assertThat(packed.workspace()).isEqualTo(needs.workspace());
    HostBuffer kept =
        Objects.requireNonNull(
            switch (packed) {
              case WinogradKernel winograd -> winograd.transformed();
              case PointKernel point -> point.packed();
              case ConvolutionKernels.Direct direct -> direct.packed();
              default -> throw new AssertionError(packed.algorithm());
            });
    assertThat(needs.packed()).isEqualTo(kept.spec().shape().size());
  }
}
