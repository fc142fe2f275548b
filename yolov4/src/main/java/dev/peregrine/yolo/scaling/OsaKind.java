package dev.peregrine.yolo.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * Three forms of a block that joins the maps of its layers once, one-shot aggregation: {@code b}
 * channels come in, each of {@code k} layers gives {@code g}.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 3.2, tables 3 to 5.
 */
public enum OsaKind {
  /** All channels come in, all maps are joined. */
  OSA("original OSA"),
  /** The block runs on g channels, and the others pass it by. */
  CSP("CSP"),
  /** Partial in computational blocks: the split that gives both sides the same channels. */
  PCB("PCB");

  /**
   * Channels of one layer.
   *
   * @param in channels that come in
   * @param out channels that it gives
   */
  public record Channels(long in, long out) {
    /**
     * Multiplies both.
     *
     * @return the cost of a 1x1 convolution at one pixel
     */
    public long product() {
      return Math.multiplyExact(in, out);
    }

    @Override
    public String toString() {
      return in + " -> " + out;
    }
  }

  private final String title;

  OsaKind(String title) {
    this.title = title;
  }

  /**
   * Returns the name that the paper gives it.
   *
   * @return for instance {@code original OSA}
   */
  public String title() {
    return title;
  }

  /**
   * Lists the channels of its layers and, last, of the transition (table 4).
   *
   * @param b channels of the stage
   * @param g channels of a layer
   * @param k how many layers
   * @return k + 1 pairs; halves are rounded up
   */
  public List<Channels> layers(long b, long g, long k) {
    List<Channels> layers = new ArrayList<>();
    for (long i = 0; i < k; i++) {
      layers.add(new Channels(this == OSA && i == 0 ? b : g, g));
    }
    long all = b + k * g;
    long half = bestSplit(b, g, k, 1);
    layers.add(
        switch (this) {
          case OSA -> new Channels(all, half);
          case CSP -> new Channels(k * g, k * g);
          case PCB -> new Channels(half, half);
        });
    return layers;
  }

  /**
   * Sums up the products of channels, which the paper calls its CIO (table 5).
   *
   * <p><b>Formula</b> OSA {@code b*g + (k-1)*g^2 + (b+k*g)^2/2}, CSP {@code k*g^2 + (k*g)^2}, PCB
   * {@code k*g^2 + (b+k*g)^2/4}.
   *
   * @param b channels of the stage
   * @param g channels of a layer
   * @param k how many layers
   * @return the sum over its layers and the transition
   */
  public long cio(long b, long g, long k) {
    return layers(b, g, k).stream().mapToLong(Channels::product).sum();
  }

  /**
   * Halves the channels of a block so that both parts are multiples of what the memory moves at
   * once.
   *
   * @param b channels of the stage
   * @param g channels of a layer
   * @param k how many layers
   * @param tau channels that are moved at once
   * @return {@code ceil((b + k*g) / (2*tau)) * tau}
   */
  public static long bestSplit(long b, long g, long k, long tau) {
    return Math.ceilDiv(b + k * g, 2 * tau) * tau;
  }

  /**
   * Counts the multiply-adds of k dense layers of 1x1 taps at one pixel, layer by layer: layer i
   * takes all maps before it (table 3).
   *
   * @param b channels of the stage
   * @param g channels of a layer
   * @param k how many layers
   * @return {@code g*b*k + g^2*k*(k-1)/2}
   */
  public static long denseCost(long b, long g, long k) {
    long sum = 0;
    for (long i = 0; i < k; i++) {
      sum += (b + i * g) * g;
    }
    return sum;
  }

  /**
   * Counts the multiply-adds of k aggregated layers of 1x1 taps at one pixel, without the
   * transition (table 3).
   *
   * @param b channels of the stage
   * @param g channels of a layer
   * @param k how many layers
   * @return {@code b*g + g^2*(k-1)}
   */
  public static long aggregatedCost(long b, long g, long k) {
    return OSA.layers(b, g, k).subList(0, (int) k).stream().mapToLong(Channels::product).sum();
  }
}
