package dev.peregrine.yolo.recipe;

/** How {@link ScaledRecipe} turns gradients into steps. */
public enum Method {
  /** Descent for long runs; for short ones AdamW, which gets further in few steps. */
  AUTO,
  /** Gradient descent with Nesterov's momentum, as published. */
  SGD,
  /** Adam, the other optimiser of the published program. */
  ADAM,
  /** Adam with decoupled decay. */
  ADAMW
}
