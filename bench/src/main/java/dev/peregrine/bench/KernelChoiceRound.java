package dev.peregrine.bench;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import java.util.HashSet;
import java.util.Set;

/** One process of {@link KernelChoice}: prints label, algorithm and share of the peak by layer. */
public final class KernelChoiceRound {
  private static final double SECONDS = 0.15;

  private KernelChoiceRound() {}

  /**
   * Measures all layers of a network.
   *
   * @param arguments {@code net=tiny kind=forward batch=1}
   */
  public static void main(String[] arguments) {
    Settings settings = Settings.of(arguments, "net=tiny kind=forward batch=1");
    Device device = Devices.open("cpu:1");
    Yardstick yardstick = new Yardstick();
    Timing.Unit peak = new Timing.Unit(yardstick::multiplyAdd, Yardstick.FLOPS);
    Set<String> seen = new HashSet<>();
    for (Layer layer : settings.layers()) {
      Prepared prepared = Prepared.of(settings.kind(), layer, settings.number("batch"), device);
      if (seen.add(prepared.kernel().algorithm())) {
        Timing.heat(prepared);
      }
      Timing timing = Timing.of(prepared, prepared.flops(), peak, Clock.THREAD, SECONDS);
      System.out.println(
          layer.label() + "\t" + prepared.kernel().algorithm() + "\t" + timing.share());
    }
  }
}
