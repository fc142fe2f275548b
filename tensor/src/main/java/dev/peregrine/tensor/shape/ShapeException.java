package dev.peregrine.tensor.shape;

/**
 * A shape, rank or extent breaks the law of the operation it was given to.
 *
 * <p>The message is one sentence that says what is wrong, where, which law it breaks and what to
 * do.
 */
public final class ShapeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what, where, which law, what to do
   */
  public ShapeException(String message) {
    super(message);
  }

  /**
   * Creates the exception for a lower-level failure.
   *
   * @param message what, where, which law, what to do
   * @param cause the failure below
   */
  public ShapeException(String message, Throwable cause) {
    super(message, cause);
  }
}
