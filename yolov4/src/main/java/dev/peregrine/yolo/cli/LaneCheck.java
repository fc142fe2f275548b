package dev.peregrine.yolo.cli;

import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.Arrays;
import java.util.Locale;

/**
 * How fast one convolution runs with vectors on one thread, and with the plain loops that define
 * it.
 *
 * <p><b>Units</b> 10^9 floating-point operations a second.
 *
 * @param vectors of the SIMD device
 * @param plain of the reference device
 */
record LaneCheck(double vectors, double plain) {
  private static final int SIDE = 26;
  private static final int CHANNELS = 64;
  private static final long WARM_UP_NANOS = 400_000_000L;
  private static final int RUNS = 15;

  /**
   * Measures both.
   *
   * <p><b>Cost</b> about a second.
   */
  static LaneCheck measure() {
    return new LaneCheck(speed(Devices.open("cpu:1")), speed(Devices.reference()));
  }

  private static double speed(Device device) {
    return Ops.on(
        device,
        () -> {
          Tensor x = Tensor.full(Spec.f32(1, SIDE, SIDE, CHANNELS), 0.1);
          Tensor w = Tensor.full(Spec.f32(3, 3, CHANNELS, CHANNELS), 0.01);
          long[] times = new long[RUNS];
          long begin = System.nanoTime();
          int run = 0;
          while (run < RUNS) {
            long start = System.nanoTime();
            Convolutions.conv2d(x, w, Window.same(3, 1), 1);
            long end = System.nanoTime();
            if (end - begin > WARM_UP_NANOS) {
              times[run++] = end - start;
            }
          }
          Arrays.sort(times);
          return 2.0 * SIDE * SIDE * 9 * CHANNELS * CHANNELS / times[RUNS / 2];
        });
  }

  /** How many times faster vectors are. */
  double speedup() {
    return vectors / plain;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "a 3x3 convolution at %.1f GFLOP/s with vectors on one thread, %.1f without: %.1f times as"
            + " fast",
        vectors,
        plain,
        speedup());
  }
}
