package dev.peregrine.yolo.serve;

import dev.peregrine.architecture.Sources;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.Pretrained;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server of the detector that comes with the program, at a port that is free, and a client. */
final class Served implements AutoCloseable {
  private final DetectionServer server;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();

  Served(ServerSettings settings) {
    this(bloodCells(), settings);
  }

  Served(Detector detector, ServerSettings settings) {
    server = DetectionServer.start(detector, settings.at(0), faults::add);
  }

  /** The detector that comes with the program. */
  static Detector bloodCells() {
    Models.Trained trained = Pretrained.load();
    return Detector.of(trained.model(), trained.params()).names(trained.names());
  }

  /** A picture of blood cells. */
  static Path blood() {
    return Sources.root().resolve("docs/blood.jpg");
  }

  DetectionServer server() {
    return server;
  }

  int port() {
    return server.address().getPort();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  /** What went wrong inside. */
  List<Throwable> faults() {
    return faults;
  }

  HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  /** Posts a body of a type; an empty type sends none. */
  HttpResponse<String> post(String path, String type, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    return send(type.isEmpty() ? request : request.header("Content-Type", type));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failure) {
      throw new AssertionError(failure);
    } catch (InterruptedException failure) {
      Thread.currentThread().interrupt();
      throw new AssertionError(failure);
    }
  }

  /** The value of a line of {@code /metrics}; 0 where there is none. */
  double metric(String line) {
    return get("/metrics")
        .body()
        .lines()
        .filter(text -> text.startsWith(line + " "))
        .mapToDouble(text -> Double.parseDouble(text.substring(line.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  @Override
  public void close() {
    client.shutdownNow();
    server.close();
  }
}
