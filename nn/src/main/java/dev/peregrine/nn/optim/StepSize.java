package dev.peregrine.nn.optim;

/**
 * How far one optimiser step goes.
 *
 * @param rate learning rate of weights and scales
 * @param biasRate learning rate of biases
 * @param momentum share of the last step that is kept
 */
public record StepSize(double rate, double biasRate, double momentum) {
  /**
   * Makes a step of one rate for all.
   *
   * @param rate the learning rate
   * @param momentum share of the last step that is kept
   * @return the step size
   */
  public static StepSize of(double rate, double momentum) {
    return new StepSize(rate, rate, momentum);
  }

  /**
   * Makes a shorter or longer step.
   *
   * @param share factor of both rates
   * @return the step size
   */
  public StepSize times(double share) {
    return new StepSize(share * rate, share * biasRate, momentum);
  }
}
