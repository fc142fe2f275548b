package dev.peregrine.yolo.serve;

import com.sun.net.httpserver.HttpServer;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.image.ByteImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Answers over HTTP: {@code GET /} is a page to drop a picture on, {@code POST /predict} takes
 * pictures and gives JSON, {@code /model}, {@code /openapi.json}, {@code /metrics} and {@code
 * /healthz} tell about the server.
 *
 * <p>Every request has a virtual thread of its own, which reads and decodes its picture; one thread
 * runs the network on the pictures that wait. What a client may cost is bounded by {@link
 * ServerSettings.Limits}. By default only this machine is answered, under its own names; see {@link
 * ServerSettings}.
 */
public final class DetectionServer implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final long LOOK_MILLIS = 10;
  private static final long WARM_UP_NANOS = 300_000_000;

  private final HttpServer server;
  private final ExecutorService threads;
  private final Routes routes;
  private final Batcher batcher;
  private final Metrics metrics;
  private final ServerSettings settings;

  private DetectionServer(Detector detector, ServerSettings settings, Consumer<Throwable> faults)
      throws IOException {
    this.settings = settings;
    ServerSettings.Limits limits = settings.limits();
    InetAddress bound = InetAddress.getByName(settings.host());
    server = HttpServer.create(new InetSocketAddress(bound, settings.port()), BACKLOG);
    threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("peregrine-", 0).factory());
    metrics = new Metrics();
    batcher = new Batcher(detector, limits.batch(), limits.queue(), metrics);
    PictureRequest pictures = new PictureRequest(detector, limits, batcher, metrics);
    routes = new Routes(new HostGuard(bound, settings.host(), settings.names()), metrics, faults);
    Answer page = Page.answer();
    Answer card = ModelCard.answer(detector, limits);
    Answer api = Answer.json(200, Page.resource("openapi.json"));
    routes
        .get("/", _ -> page)
        .get("/model", _ -> card)
        .get("/openapi.json", _ -> api)
        .get("/metrics", _ -> counts())
        .get("/healthz", _ -> health())
        .post("/predict", pictures::answer);
    server.createContext("/", routes);
    server.setExecutor(threads);
  }

  /**
   * Prepares the network for every size of batch, warms it up for a second, and listens.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} where the address cannot be bound.
   *
   * @param detector what answers; its settings hold where a request does not say otherwise
   * @param settings where to listen and what to take
   * @param faults is told what went wrong inside, of which clients see one sentence only
   * @return the server, listening
   */
  public static DetectionServer start(
      Detector detector, ServerSettings settings, Consumer<Throwable> faults) {
    DetectionServer made;
    try {
      made = new DetectionServer(detector, settings, faults);
    } catch (IOException failure) {
      throw new IllegalArgumentException(
          "host=%s port=%d cannot be listened at (%s); %s"
              .formatted(
                  settings.host(),
                  settings.port(),
                  failure.getMessage(),
                  String.valueOf(failure.getMessage()).matches("Address already.*|Permission.*")
                      ? "another port may be free, port=0 takes one"
                      : "host= must be an address of this machine, such as 127.0.0.1"),
          failure);
    }
    int side = Math.min(detector.settings().size().height(), detector.settings().size().width());
    ByteImage black = new ByteImage(side, side, new byte[3 * side * side]);
    for (int batch = 1; batch <= settings.limits().batch(); batch *= 2) {
      // Until the first picture comes, the compiler may learn what is run often.
      long until = System.nanoTime() + WARM_UP_NANOS;
      do {
        detector.detect(Collections.nCopies(batch, black));
      } while (System.nanoTime() < until);
    }
    made.server.start();
    return made;
  }

  /**
   * Says where it listens.
   *
   * @return address and port
   */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /**
   * Stops gracefully: new pictures are refused with 503, those that were taken are answered.
   *
   * @param patience how long to wait for them at most
   * @return whether all were answered
   */
  public boolean stop(Duration patience) {
    routes.drain();
    long until = System.nanoTime() + patience.toNanos();
    try {
      while (metrics.inFlight() > 0 && System.nanoTime() < until) {
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    boolean all = metrics.inFlight() == 0;
    batcher.stop();
    server.stop(0);
    threads.shutdownNow();
    return all;
  }

  /** Stops gracefully, with as much patience as the limits give an answer. */
  @Override
  public void close() {
    stop(settings.limits().answering());
  }

  private Answer counts() {
    return Answer.text(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        metrics.text(batcher.depth(), settings.limits().queue()));
  }

  private Answer health() {
    return routes.draining()
        ? Answer.text(503, "text/plain; charset=utf-8", "stopping\n")
        : Answer.text(200, "text/plain; charset=utf-8", "ok\n");
  }
}
