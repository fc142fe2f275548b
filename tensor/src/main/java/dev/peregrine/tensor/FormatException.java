package dev.peregrine.tensor;

import org.jspecify.annotations.Nullable;

/**
 * A file or another input does not follow its format.
 *
 * <p>The message is one sentence that says what is wrong, where, which law it breaks and what to
 * do.
 */
public final class FormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what, where, which law, what to do
   */
  public FormatException(String message) {
    super(message);
  }

  /**
   * Creates the exception for a lower-level failure.
   *
   * @param message what, where, which law, what to do
   * @param cause the failure below, or null where there is none
   */
  public FormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
