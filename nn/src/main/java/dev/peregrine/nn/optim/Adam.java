package dev.peregrine.nn.optim;

import dev.peregrine.nn.ParameterBlock;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.AdamStep;
import dev.peregrine.tensor.shape.Shape;
import java.util.List;
import java.util.Map;

/**
 * Steps as long for small gradients as for large ones: each weight's average gradient over the root
 * of its average square; weight decay on weights alone.
 *
 * <p>It needs no rate made for the size of the loss, and so learns from few steps, where gradient
 * descent would still warm up. Long runs of descent end better.
 *
 * <p><b>Formula</b> in step t, {@code m = b1 m + (1 - b1) g}, {@code v = b2 v + (1 - b2) g^2},
 * {@code w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)}, where the momentum of
 * the step size is b1, b2 is 0.999 and epsilon 1e-8 unless said otherwise. Coupled decay adds
 * {@code decay * w} to g, decoupled decay takes {@code rate * decay * w} off w.
 *
 * <p><b>Source</b> Kingma and Ba 2015; Loshchilov and Hutter 2019.
 */
public final class Adam extends BlockOptimizer {
  private static final String STEPS = "steps/";
  private static final double USUAL_SECOND = 0.999;
  private static final double USUAL_EPSILON = 1e-8;

  private final Decay form;
  private final double decay;
  private final double second;
  private final double epsilon;
  private long steps;

  /** What decays, and how. */
  private enum Decay {
    WEIGHTS_BY_GRADIENT,
    WEIGHTS_BESIDE_IT,
    ALL_BY_GRADIENT
  }

  private Adam(Decay form, double decay, double second, double epsilon) {
    super("first/", "second/");
    this.form = form;
    this.decay = decay;
    this.second = second;
    this.epsilon = epsilon;
  }

  /**
   * Makes the optimiser of Kingma and Ba.
   *
   * @param decay weight decay, added to gradients
   * @return the optimiser
   */
  public static Adam coupled(double decay) {
    return new Adam(Decay.WEIGHTS_BY_GRADIENT, decay, USUAL_SECOND, USUAL_EPSILON);
  }

  /**
   * Makes the optimiser that is known as AdamW.
   *
   * @param decay weight decay, beside gradients
   * @return the optimiser
   */
  public static Adam decoupled(double decay) {
    return new Adam(Decay.WEIGHTS_BESIDE_IT, decay, USUAL_SECOND, USUAL_EPSILON);
  }

  /**
   * Makes darknet's optimiser, under which biases and scales decay as weights do.
   *
   * @param decay weight decay, added to gradients
   * @param second share of the average square that is kept
   * @param epsilon added to the root of the average square
   * @return the optimiser
   */
  public static Adam ofAll(double decay, double second, double epsilon) {
    return new Adam(Decay.ALL_BY_GRADIENT, decay, second, epsilon);
  }

  @Override
  void begin() {
    steps++;
  }

  @Override
  double[] factors(Params.Kind kind, double scale, StepSize size) {
    double rate = kind == Params.Kind.BIAS ? size.biasRate() : size.rate();
    boolean decoupled = form == Decay.WEIGHTS_BESIDE_IT;
    double decays = kind == Params.Kind.WEIGHT || form == Decay.ALL_BY_GRADIENT ? decay : 0;
    double first = size.momentum();
    return new double[] {
      scale,
      decoupled ? 0 : decays,
      decoupled ? 1 - rate * decays : 1,
      first,
      1 - first,
      second,
      1 - second,
      rate / (1 - Math.pow(first, steps)),
      1 / Math.sqrt(1 - Math.pow(second, steps)),
      epsilon
    };
  }

  @Override
  void move(Tensor weights, List<Tensor> memories, Tensor gradients, Tensor factors) {
    Tensor first = memories.getFirst();
    Tensor second = memories.getLast();
    ParameterBlock.overwrite(
        new AdamStep(),
        List.of(weights, first, second, gradients, factors),
        List.of(weights, first, second));
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = super.state();
    state.put(STEPS, Tensor.of(Shape.of(), (float) steps));
    return state;
  }

  @Override
  public void restore(Map<String, Tensor> state) {
    super.restore(state);
    Tensor counted = state.get(STEPS);
    steps = counted == null ? 0 : Math.round(counted.item());
  }
}
