package dev.peregrine.yolo.loss;

/**
 * The binary cross entropy of a logit, with the weights of Scaled-YOLOv4's training code.
 *
 * <p><b>Formula</b> with {@code p = 1 / (1 + e^-z)}: {@code -(w t ln p + (1 - t) ln (1 - p))}; with
 * a focus g above 0 times {@code (t / 4 + (1 - t) 3 / 4) (1 - q)^g}, where {@code q = t p + (1 - t)
 * (1 - p)}.
 *
 * <p><b>Source</b> Lin et al. 2017, "Focal loss".
 *
 * @param positiveWeight the factor w of what is there
 * @param focus the exponent g, 0 for the plain cross entropy
 */
record CrossEntropy(double positiveWeight, double focus) {
  private static final double ALPHA = 0.25;

  double value(double z, double target) {
    return plain(z, target) * factor(z, target);
  }

  /** The derivative by the logit. */
  double slope(double z, double target) {
    double p = probability(z);
    double slope = (1 - target) * p - positiveWeight * target * (1 - p);
    if (focus <= 0) {
      return slope;
    }
    double rest = 1 - sureness(p, target);
    double turn = (2 * target - 1) * p * (1 - p);
    double alpha = alpha(target);
    return alpha
        * (slope * Math.pow(rest, focus)
            - plain(z, target) * focus * Math.pow(rest, focus - 1) * turn);
  }

  private double plain(double z, double target) {
    return positiveWeight * target * softplus(-z) + (1 - target) * softplus(z);
  }

  private double factor(double z, double target) {
    return focus <= 0 ? 1 : alpha(target) * Math.pow(1 - sureness(probability(z), target), focus);
  }

  private static double alpha(double target) {
    return target * ALPHA + (1 - target) * (1 - ALPHA);
  }

  private static double sureness(double p, double target) {
    return target * p + (1 - target) * (1 - p);
  }

  private static double softplus(double z) {
    return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }

  static double probability(double z) {
    return 1 / (1 + Math.exp(-z));
  }
}
