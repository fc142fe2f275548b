package dev.peregrine.yolo.data;

/** One label that cannot be used; the message is a sentence that says why. */
final class BadLabel extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final FaultKind kind;

  BadLabel(FaultKind kind, String message) {
    super(message);
    this.kind = kind;
  }

  BadLabel(FaultKind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  FaultKind kind() {
    return kind;
  }

  /** The fault at a place. */
  Fault at(java.nio.file.Path file, int line) {
    return new Fault(kind, file, line, String.valueOf(getMessage()));
  }
}
