package dev.peregrine.yolo.serve;

import com.sun.net.httpserver.HttpExchange;
import dev.peregrine.yolo.DetectionJson;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.serve.Batcher.Found;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.json.JsonMapper;

/** {@code POST /predict}: pictures in, their objects out. */
final class PictureRequest {
  private static final String DEFAULT_NAME = "picture";
  private static final String FORM = "multipart/form-data";

  private final Detector detector;
  private final ServerSettings.Limits limits;
  private final Batcher batcher;
  private final Decoding decoding;
  private final Semaphore places;
  private final Metrics metrics;

  PictureRequest(
      Detector detector, ServerSettings.Limits limits, Batcher batcher, Metrics metrics) {
    this.detector = detector;
    this.limits = limits;
    this.batcher = batcher;
    this.metrics = metrics;
    this.decoding = new Decoding(limits.pixels());
    this.places = new Semaphore(limits.queue());
  }

  /** A file that a client sent, and what it calls it. */
  private record Sent(String name, byte[] content) {}

  /** Sums of what one request took, in seconds. */
  private static final class Times {
    private double decoding;
    private double waiting;
    private double network;
    private int company;
    private int found;
  }

  /** Answers one request. */
  Answer answer(HttpExchange exchange) throws IOException {
    long start = System.nanoTime();
    Parameters parameters = Parameters.of(exchange.getRequestURI().getRawQuery());
    String type = type(exchange);
    if (!places.tryAcquire()) {
      throw Refusal.busy(
          "%d requests are being answered already; ask again later".formatted(limits.queue()),
          batcher.secondsToWait());
    }
    try {
      byte[] body = RequestBody.read(exchange, limits.bytes(), limits.reading());
      long until = System.nanoTime() + limits.answering().toNanos();
      List<Sent> files = files(type, body, parameters);
      Detector.Choice choice = parameters.choice(detector.settings());
      double read = (System.nanoTime() - start) / 1e9;
      Times times = new Times();
      List<Map<String, Object>> pictures = new ArrayList<>();
      for (Sent file : files) {
        pictures.add(picture(file, choice, until, times));
      }
      double total = (System.nanoTime() - start) / 1e9;
      metrics.predicted(total, times.found);
      return Answer.json(200, JsonMapper.shared().writeValueAsString(pictures) + "\n")
          .with("Server-Timing", timing(read, times, total));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw Refusal.busy("the server is stopping", 1);
    } finally {
      places.release();
    }
  }

  private Map<String, Object> picture(Sent file, Detector.Choice choice, long until, Times times)
      throws InterruptedException {
    long start = System.nanoTime();
    try (Decoding.Held held = decoding.decode(file.content(), file.name(), left(until))) {
      times.decoding += (System.nanoTime() - start) / 1e9;
      Found found = await(batcher.submit(held.picture(), choice), until);
      times.waiting += found.waited();
      times.network += found.ran();
      times.company = Math.max(times.company, found.company());
      times.found += found.detections().size();
      return DetectionJson.of(file.name(), held.picture(), found.detections());
    }
  }

  private static Duration left(long until) {
    return Duration.ofNanos(Math.max(0, until - System.nanoTime()));
  }

  private Found await(CompletableFuture<Found> answer, long until) throws InterruptedException {
    try {
      return answer.get(left(until).toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      answer.cancel(false);
      throw Refusal.busy(
          "the picture's turn did not come within %d ms; ask again later"
              .formatted(limits.answering().toMillis()),
          batcher.secondsToWait());
    } catch (ExecutionException failure) {
      throw switch (failure.getCause()) {
        case Refusal refusal -> refusal;
        case null, default -> new IllegalStateException("the detector failed", failure.getCause());
      };
    }
  }

  private static String type(HttpExchange exchange) {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    String plain =
        type == null ? "" : type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    boolean takes =
        plain.startsWith("image/")
            || plain.equals(FORM)
            || plain.equals("application/octet-stream");
    if (type == null || !takes) {
      throw new Refusal(
          415,
          "the Content-Type must be that of a picture, such as image/jpeg, application/octet-stream"
              + " or "
              + FORM
              + (type == null ? "" : ", not " + Parameters.shown(plain))
              + "; curl sends it with -F image=@FILE");
    }
    return type;
  }

  /** The pictures of a body, whose other fields become parameters. */
  private static List<Sent> files(String type, byte[] body, Parameters parameters) {
    if (!type.strip().toLowerCase(Locale.ROOT).startsWith(FORM)) {
      if (body.length == 0) {
        throw new Refusal(400, "the body is empty; a picture was expected there");
      }
      return List.of(new Sent(parameters.image(DEFAULT_NAME), body));
    }
    List<MultipartForm.Part> parts = MultipartForm.parse(type, body);
    parts.stream()
        .filter(part -> !part.isFile())
        .forEach(part -> parameters.put(part.name(), part.text()));
    List<Sent> files =
        parts.stream()
            .filter(MultipartForm.Part::isFile)
            .map(part -> new Sent(Parameters.shown(part.file()), part.content()))
            .toList();
    if (files.isEmpty()) {
      throw new Refusal(400, "the form has no file; a picture was expected in one");
    }
    return files.size() == 1
        ? List.of(new Sent(parameters.image(files.getFirst().name()), files.getFirst().content()))
        : files;
  }

  private static String timing(double read, Times times, double total) {
    return String.format(
        Locale.ROOT,
        "read;dur=%.2f, decode;dur=%.2f, wait;dur=%.2f, network;dur=%.2f;desc=\"batch of %d\","
            + " total;dur=%.2f",
        read * 1e3,
        times.decoding * 1e3,
        times.waiting * 1e3,
        times.network * 1e3,
        times.company,
        total * 1e3);
  }
}
