package dev.peregrine.tensor.shape;

/**
 * An operation met an element type it does not work on.
 *
 * <p>The message is one sentence that says what is wrong, where, which law it breaks and what to
 * do.
 */
public final class DTypeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what, where, which law, what to do
   */
  public DTypeException(String message) {
    super(message);
  }

  /**
   * Creates the exception for a lower-level failure.
   *
   * @param message what, where, which law, what to do
   * @param cause the failure below
   */
  public DTypeException(String message, Throwable cause) {
    super(message, cause);
  }
}
