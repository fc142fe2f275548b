package dev.peregrine.yolo.serve;

import java.util.Map;

/** A request that gets no detections: the status, one sentence for the client, and headers. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final transient Map<String, String> headers;

  /**
   * Refuses.
   *
   * @param status of HTTP
   * @param sentence what is wrong and what to do
   */
  Refusal(int status, String sentence) {
    this(status, sentence, Map.of());
  }

  private Refusal(int status, String sentence, Map<String, String> headers) {
    // Refusals are answers, and a client must not make the server collect stack traces.
    super(sentence, null, false, false);
    this.status = status;
    this.headers = headers;
  }

  /** The method is none of those that a path knows. */
  static Refusal method(String method, String path, String allowed) {
    String sentence = "%s takes %s, not %s".formatted(path, allowed.replace(", ", " or "), method);
    return new Refusal(405, sentence, Map.of("Allow", allowed));
  }

  /** There is too much to do. */
  static Refusal busy(String sentence, long seconds) {
    return new Refusal(503, sentence, Map.of("Retry-After", String.valueOf(seconds)));
  }

  int status() {
    return status;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }

  Map<String, String> headers() {
    return headers;
  }
}
