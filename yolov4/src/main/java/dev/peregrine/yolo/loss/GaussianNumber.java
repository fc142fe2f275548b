package dev.peregrine.yolo.loss;

/**
 * A number of a box that a Gaussian head predicts with its standard deviation, and what is missing
 * to a truth.
 *
 * <p><b>Formula</b> with the difference d and the spread s: {@code -w / 2 * ln(N + 1e-9)}, {@code N
 * = e^(-d^2 / (2 s^2)) / (sqrt(2 pi) (s + 0.3))}; the constants keep the error of a spread near 0
 * finite.
 *
 * <p><b>Source</b> Choi et al. 2019, "Gaussian YOLOv3"; AlexeyAB/darknet, {@code
 * delta_gaussian_yolo_box}.
 *
 * @param difference truth - prediction
 * @param spread the predicted standard deviation, between 0 and 1
 * @param weight w, which is larger for small boxes
 */
record GaussianNumber(double difference, double spread, double weight) {
  private static final double SPREAD_GUARD = 0.3;
  private static final double GUARD = 1e-9;

  private double density() {
    double relative = difference / spread;
    return Math.exp(-relative * relative / 2) / (Math.sqrt(2 * Math.PI) * (spread + SPREAD_GUARD));
  }

  /** The error: how unlikely the truth is. */
  double error() {
    return -weight / 2 * Math.log(density() + GUARD);
  }

  /** Where truths are too far off to have a density, nothing is learned. */
  private double share() {
    return weight / 2 * density() / (density() + GUARD);
  }

  /** The derivative of the error by the prediction. */
  double slopeOfPlace() {
    return -share() * difference / (spread * spread);
  }

  /** The derivative of the error by the spread. */
  double slopeOfSpread() {
    double relative = difference / spread;
    return share() * (1 / (spread + SPREAD_GUARD) - relative * relative / spread);
  }
}
