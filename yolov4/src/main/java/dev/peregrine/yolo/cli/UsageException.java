package dev.peregrine.yolo.cli;

import java.io.Serial;

/** A call that cannot be understood; the message is the sentence that the caller reads. */
final class UsageException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
