package dev.peregrine.yolo.cli.kit;

import java.io.Serial;

/** A call that cannot be understood; the message is the sentence that the caller reads. */
public final class UsageException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }

  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
