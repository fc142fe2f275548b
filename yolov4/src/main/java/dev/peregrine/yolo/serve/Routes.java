package dev.peregrine.yolo.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Leads requests to those who answer them, and turns whatever goes wrong into one sentence. */
final class Routes implements HttpHandler {
  private static final String READ = "GET, HEAD";
  private static final int LINGER_BYTES = 1 << 20;
  private static final long LINGER_MILLIS = 2000;

  private final HostGuard guard;
  private final Metrics metrics;
  private final Consumer<Throwable> faults;
  private final Map<String, Route> routes = new TreeMap<>();
  private volatile boolean draining;

  /** Something that answers a request. */
  interface Responder {
    Answer answer(HttpExchange exchange) throws IOException;
  }

  private record Route(String methods, Responder responder) {}

  /**
   * Knows no paths yet.
   *
   * @param guard who may ask
   * @param metrics where requests are counted
   * @param faults is told what no client is
   */
  Routes(HostGuard guard, Metrics metrics, Consumer<Throwable> faults) {
    this.guard = guard;
    this.metrics = metrics;
    this.faults = faults;
  }

  Routes get(String path, Responder responder) {
    routes.put(path, new Route(READ, responder));
    return this;
  }

  Routes post(String path, Responder responder) {
    routes.put(path, new Route("POST", responder));
    return this;
  }

  /** From now on new pictures are refused. */
  void drain() {
    draining = true;
  }

  boolean draining() {
    return draining;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    metrics.begin();
    String path = String.valueOf(exchange.getRequestURI().getRawPath());
    String label = routes.containsKey(path) ? path : "other";
    int status = 0;
    try {
      Answer answer = answer(exchange, path);
      boolean last = answer.status() >= 400 || draining;
      (last ? answer.with("Connection", "close") : answer).send(exchange);
      status = answer.status();
      if (last) {
        linger(exchange, answer.status());
      } else {
        exchange.close();
      }
    } finally {
      metrics.end(label, status);
    }
  }

  private Answer answer(HttpExchange exchange, String path) throws IOException {
    try {
      guard.check(
          exchange.getRequestHeaders().getFirst("Host"),
          exchange.getRequestHeaders().getFirst("Origin"));
      Route route = routes.get(path);
      if (route == null) {
        throw new Refusal(
            404, "there is no such path here; there are " + String.join(", ", routes.keySet()));
      }
      String method = exchange.getRequestMethod();
      if (!(", " + route.methods() + ",").contains(" " + method + ",")) {
        throw Refusal.method(Parameters.shown(method), path, route.methods());
      }
      if (draining && route.methods().equals("POST")) {
        throw Refusal.busy("the server is stopping", 1);
      }
      return route.responder().answer(exchange);
    } catch (Refusal refusal) {
      return Answer.of(refusal);
    } catch (RuntimeException | OutOfMemoryError fault) {
      faults.accept(fault);
      return Answer.of(
          new Refusal(500, "a fault of this program, which it has told where it was started"));
    }
  }

  /**
   * Ends a connection on which the client may still be sending: what comes is thrown away for a
   * while, since closing at once would reset the connection, and with it the answer.
   */
  private static void linger(HttpExchange exchange, int status) throws IOException {
    if (!exchange.getRequestHeaders().containsKey("Content-Length")
        && !exchange.getRequestHeaders().containsKey("Transfer-Encoding")) {
      exchange.close();
      return;
    }
    Thread reader = Thread.ofVirtual().start(() -> discard(exchange.getRequestBody()));
    try {
      reader.join(status == 408 ? 1 : LINGER_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    if (reader.isAlive()) {
      // Thrown out of a handler, this makes the server forget the connection; close() would not.
      throw new IOException("answered with " + status + " before the request had come");
    }
    exchange.close();
  }

  private static void discard(InputStream in) {
    byte[] some = new byte[1 << 13];
    int total = 0;
    try {
      for (int got = in.read(some); got >= 0 && total < LINGER_BYTES; got = in.read(some)) {
        total += got;
      }
    } catch (IOException _) {
      // The client has gone, which is as good.
    }
  }
}
