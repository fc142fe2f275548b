package dev.peregrine.yolo.scaling;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.plan.Profile;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.scaling.LayerCost.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Times of layers like those that were measured: each layer runs as fast as the measured ones
 * nearest to it in channels and pixels, among those with its window, stride and grouping.
 *
 * <p>What a network spends outside its layers, on sums and joins, is spread over them in
 * proportion.
 *
 * @param samples layers and their times, at least one
 * @param overhead what all layers are multiplied by; 1 where nothing else was measured
 */
public record MeasuredTimes(List<Sample> samples, double overhead) implements LayerTimes {
  private static final int NEIGHBOURS = 3;
  private static final double EXACT = 1e-3;
  private static final int WARM_UP_RUNS = 50;
  private static final long WARM_UP_NANOS = 1_500_000_000;

  /**
   * A layer and its time.
   *
   * @param layer the layer
   * @param milliseconds measured
   */
  public record Sample(LayerCost layer, double milliseconds) {
    private double perUnit() {
      return milliseconds / work(layer);
    }
  }

  /** Checks that there is a sample. */
  public MeasuredTimes {
    samples = List.copyOf(samples);
    if (samples.isEmpty() || !(overhead > 0)) {
      throw new IllegalArgumentException(
          "scaling: %d measured layers and an overhead of %s, but there must be a layer, and the overhead must be above 0"
              .formatted(samples.size(), overhead));
    }
  }

  /**
   * The small networks that {@link #measure} runs unless told otherwise: together they have every
   * kind of layer of the family, from 32 pixels to 640 and a quarter of the width to all of it.
   *
   * @return three networks of a third of the depth
   */
  public static List<ScaledNetwork> candidates() {
    double third = 1 / 3.0;
    return List.of(
        new ScaledNetwork(256, 5, new Scale(0.25, third), 80),
        new ScaledNetwork(640, 5, new Scale(0.5, third), 80),
        new ScaledNetwork(320, 5, new Scale(1, third), 80));
  }

  /**
   * Runs networks with random numbers and takes the time of their layers, as soon as all of them
   * have run for a while: the compiler is slow to see the loops that the first one needs.
   *
   * <p><b>Cost</b> for {@link #candidates} about 50 GFLOP a run.
   *
   * @param device where
   * @param networks which
   * @param runs how often each, of which the median counts
   * @return their times
   */
  public static MeasuredTimes measure(Device device, List<ScaledNetwork> networks, int runs) {
    List<Sample> samples = new ArrayList<>();
    double all = 0;
    double inLayers = 0;
    for (Plan plan : networks.stream().map(network -> ready(device, network)).toList()) {
      Profile profile = plan.profile(runs);
      all += profile.milliseconds();
      samples.addAll(samples(plan.graph(), profile));
    }
    for (Sample sample : samples) {
      inLayers += sample.milliseconds;
    }
    return new MeasuredTimes(samples, inLayers > 0 ? all / inLayers : 1);
  }

  /**
   * Runs one network with random numbers and adds up the time of its steps.
   *
   * @param device where
   * @param network which
   * @param runs how often, of which the median counts
   * @return milliseconds for one picture
   */
  public static double milliseconds(Device device, ScaledNetwork network, int runs) {
    return ready(device, network).profile(runs).milliseconds();
  }

  /** A plan that has run for a while on noise. */
  private static Plan ready(Device device, ScaledNetwork network) {
    Spec image = Spec.f32(1, network.size(), network.size(), 3);
    Params params = Params.create(0);
    Plan plan =
        Plan.prepare(
            () ->
                Tracer.trace(List.of(image), inputs -> network.forward(params, inputs.getFirst())),
            device);
    plan.write(0, noise(image.shape().size()));
    warmUp(plan);
    return plan;
  }

  private static List<Sample> samples(Graph graph, Profile profile) {
    Map<String, LayerCost> layers = new HashMap<>();
    NetworkCost.of(graph).layers().forEach(layer -> layers.put(layer.value(), layer));
    List<Sample> samples = new ArrayList<>();
    for (Profile.Row row : profile.rows()) {
      LayerCost layer = layers.get(row.step().value());
      if (layer != null) {
        samples.add(new Sample(layer, row.milliseconds()));
      }
    }
    return samples;
  }

  private static float[] noise(int size) {
    SplittableRandom random = new SplittableRandom(1);
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextDouble();
    }
    return numbers;
  }

  /** Runs until the compiler has seen the loops. */
  private static void warmUp(Plan plan) {
    long start = System.nanoTime();
    for (int i = 0; i < WARM_UP_RUNS && System.nanoTime() - start < WARM_UP_NANOS; i++) {
      plan.run();
    }
  }

  /** The same with every time multiplied. */
  MeasuredTimes slowedBy(double factor) {
    return new MeasuredTimes(samples, overhead * factor);
  }

  @Override
  public double milliseconds(LayerCost layer) {
    List<Sample> like = like(layer);
    List<Sample> nearest =
        like.stream()
            .sorted(Comparator.comparingDouble(sample -> distance(sample.layer, layer)))
            .limit(NEIGHBOURS)
            .toList();
    double weights = 0;
    double perUnit = 0;
    for (Sample sample : nearest) {
      double weight = 1 / (distance(sample.layer, layer) + EXACT);
      weights += weight;
      perUnit += weight * sample.perUnit();
    }
    return overhead * work(layer) * perUnit / weights;
  }

  /** The samples of the same kind of layer, or else of the same kind, or else all. */
  private List<Sample> like(LayerCost layer) {
    List<Sample> kind =
        samples.stream().filter(sample -> sample.layer.kind() == layer.kind()).toList();
    List<Sample> same =
        kind.stream()
            .filter(sample ->
                sample.layer.taps() == layer.taps()
                    && sample.layer.stride() == layer.stride()
                    && (sample.layer.groups() > 1) == (layer.groups() > 1))
            .toList();
    if (!same.isEmpty()) {
      return same;
    }
    return kind.isEmpty() ? samples : kind;
  }

  /** Multiply-adds of a convolution, else elements that are moved. */
  private static double work(LayerCost layer) {
    return Math.max(
        1, layer.kind() == Kind.CONVOLUTION ? layer.multiplyAdds() : layer.memoryAccess());
  }

  /** The sum of squared differences of the logarithms of channels and pixels. */
  private static double distance(LayerCost a, LayerCost b) {
    return squared(a.input().channels(), b.input().channels())
        + squared(a.output().channels(), b.output().channels())
        + squared(a.output().rows(), b.output().rows()) / 4;
  }

  private static double squared(double a, double b) {
    double difference = Math.log(a / b);
    return difference * difference;
  }
}
