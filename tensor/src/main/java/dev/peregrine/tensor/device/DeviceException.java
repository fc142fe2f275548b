package dev.peregrine.tensor.device;

/**
 * A device, its memory or one of its kernels failed or is not there.
 *
 * <p>The message is one sentence that says what is wrong, where, which law it breaks and what to
 * do.
 */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what, where, which law, what to do
   */
  public DeviceException(String message) {
    super(message);
  }

  /**
   * Creates the exception for a lower-level failure.
   *
   * @param message what, where, which law, what to do
   * @param cause the failure below
   */
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
