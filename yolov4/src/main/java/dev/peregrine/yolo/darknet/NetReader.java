package dev.peregrine.yolo.darknet;

import dev.peregrine.yolo.darknet.Net.Augmentation;
import dev.peregrine.yolo.darknet.Net.Optimisation;
import dev.peregrine.yolo.darknet.Net.Policy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the {@code [net]} section into a {@link Net}, with darknet's defaults. */
final class NetReader {
  private NetReader() {}

  static Net read(SectionReader in) {
    int width = in.requiredPositive("width");
    int height = in.requiredPositive("height");
    FeatureMap input = new FeatureMap(height, width, in.requiredPositive("channels"));
    LayerReader.requireArray(in, input);
    return new Net(
        in.line(),
        input,
        in.flag("letter_box", false),
        in.positive("batch", 1),
        in.positive("subdivisions", 1),
        optimisation(in),
        augmentation(in, width));
  }

  private static Optimisation optimisation(SectionReader in) {
    return new Optimisation(
        in.decimal("learning_rate", 0.001),
        in.decimal("momentum", 0.9),
        in.decimal("decay", 0.0001),
        in.notNegative("burn_in", 0),
        in.decimal("power", 4),
        in.notNegative("max_batches", 0),
        policy(in),
        in.decimal("ema_alpha", 0),
        adam(in));
  }

  private static Net.@Nullable Adam adam(SectionReader in) {
    double first = share(in, "B1", 0.9);
    double second = share(in, "B2", 0.999);
    double epsilon = in.decimal("eps", 1e-6);
    if (!(epsilon > 0)) {
      throw in.error("eps", "eps=" + epsilon + " must be above 0");
    }
    return in.flag("adam", false) ? new Net.Adam(first, second, epsilon) : null;
  }

  private static double share(SectionReader in, String key, double fallback) {
    double value = in.decimal(key, fallback);
    if (!(value >= 0 && value < 1)) {
      throw in.error(key, key + "=" + value + " must be from 0 to below 1");
    }
    return value;
  }

  private static double notNegative(SectionReader in, String key) {
    double value = in.decimal(key, 0);
    if (!(value >= 0)) {
      throw in.error(key, key + "=" + value + " must be at least 0");
    }
    return value;
  }

  private static Policy policy(SectionReader in) {
    String name = in.text("policy", "constant");
    return switch (name) {
      case "constant" -> new Policy.Constant();
      case "step" -> new Policy.Step(in.positive("step", 1), in.decimal("scale", 1));
      case "poly" -> new Policy.Poly(in.decimal("power", 4));
      case "steps" -> steps(in);
      case "exp" -> new Policy.Exp(in.decimal("gamma", 1));
      case "sig" -> new Policy.Sig(in.decimal("gamma", 1), in.positive("step", 1));
      case "random" -> new Policy.Random(in.decimal("power", 4));
      case "sgdr" ->
          new Policy.Sgdr(
              in.decimal("learning_rate_min", 1e-5),
              in.notNegative("sgdr_cycle", 0),
              in.decimal("sgdr_mult", 2));
      default ->
          throw in.error(
              "policy",
              "policy="
                  + SectionReader.shown(name)
                  + " in [net] is not supported; the policies that are: constant, exp, poly,"
                  + " random, sgdr, sig, step, steps");
    };
  }

  private static Policy steps(SectionReader in) {
    List<Integer> steps = in.requiredIntegers("steps");
    List<Double> scales = in.requiredDecimals("scales");
    if (steps.size() != scales.size()) {
      throw in.error(
          "scales",
          "scales= has "
              + scales.size()
              + " values but steps= has "
              + steps.size()
              + ": each step needs one scale");
    }
    return new Policy.Steps(steps, scales);
  }

  private static Augmentation augmentation(SectionReader in, int width) {
    return new Augmentation(
        in.decimal("angle", 0),
        in.decimal("aspect", 1),
        in.decimal("saturation", 1),
        in.decimal("exposure", 1),
        in.decimal("hue", 0),
        in.positive("min_crop", width),
        in.positive("max_crop", 2 * width),
        in.flag("flip", true),
        in.notNegative("blur", 0),
        in.notNegative("gaussian_noise", 0),
        in.notNegative("mixup", 0),
        in.flag("cutmix", false),
        in.flag("mosaic", false),
        in.decimal("label_smooth_eps", 0),
        in.positive("resize_step", 32),
        in.flag("dynamic_minibatch", false),
        in.flag("mosaic_bound", false),
        notNegative(in, "adversarial_lr"),
        in.flag("attention", false));
  }
}
