package dev.peregrine.yolo.serve;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Asks a running server as fast as it answers, and says how fast that is and what its heap does.
 *
 * <p>A program and no test: {@code java ... dev.peregrine.yolo.serve.ServerLoad ADDRESS PICTURE
 * CLIENTS SECONDS}; {@code docs/serve.md} shows the whole command. Each client asks again as soon
 * as it has its answer.
 */
final class ServerLoad {
  private static final int ROWS = 6;

  private ServerLoad() {}

  /** What happened in one part of the time. */
  private record Row(int refusals, List<Long> nanos, double heapMegabytes) {}

  public static void main(String[] arguments) throws Exception {
    URI address = URI.create(arguments[0]);
    byte[] picture = Files.readAllBytes(Path.of(arguments[1]));
    int clients = Integer.parseInt(arguments[2]);
    double seconds = Double.parseDouble(arguments[3]);
    List<Row> rows = new ArrayList<>();
    System.out.println("clients, requests/s, p50 ms, p99 ms, refused, heap in use MB");
    for (int i = 0; i < ROWS; i++) {
      Row row = run(address, picture, clients, seconds / ROWS);
      rows.add(row);
      print(clients, List.of(row), seconds / ROWS);
    }
    System.out.println("all together:");
    print(clients, rows, seconds);
  }

  private static Row run(URI address, byte[] picture, int clients, double seconds)
      throws IOException, InterruptedException {
    ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    AtomicInteger refusals = new AtomicInteger();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(address.resolve("/predict"))
              .header("Content-Type", "image/jpeg")
              .POST(HttpRequest.BodyPublishers.ofByteArray(picture))
              .build();
      List<Thread> threads =
          Stream.generate(
                  () -> Thread.ofVirtual().start(() -> ask(client, request, end, nanos, refusals)))
              .limit(clients)
              .toList();
      for (Thread thread : threads) {
        thread.join();
      }
      return new Row(refusals.get(), List.copyOf(nanos), heap(client, address));
    }
  }

  private static void ask(
      HttpClient client,
      HttpRequest request,
      long end,
      ConcurrentLinkedQueue<Long> nanos,
      AtomicInteger refusals) {
    try {
      while (System.nanoTime() < end) {
        long start = System.nanoTime();
        int status = client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
        if (status == 200) {
          nanos.add(System.nanoTime() - start);
        } else {
          refusals.incrementAndGet();
          Thread.sleep(100);
        }
      }
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    } catch (InterruptedException failure) {
      Thread.currentThread().interrupt();
    }
  }

  private static double heap(HttpClient client, URI address)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address.resolve("/metrics")).build();
    return client
            .send(request, HttpResponse.BodyHandlers.ofLines())
            .body()
            .filter(line -> line.startsWith("peregrine_heap_used_bytes "))
            .mapToDouble(line -> Double.parseDouble(line.split(" ", 2)[1]))
            .sum()
        / (1 << 20);
  }

  private static void print(int clients, List<Row> rows, double seconds) {
    List<Long> sorted =
        rows.stream().flatMap(row -> row.nanos().stream()).sorted().collect(Collectors.toList());
    System.out.printf(
        Locale.ROOT,
        "%d, %.1f, %.1f, %.1f, %d, %.0f%n",
        clients,
        sorted.size() / seconds,
        milliseconds(sorted, 0.5),
        milliseconds(sorted, 0.99),
        rows.stream().mapToInt(Row::refusals).sum(),
        rows.getLast().heapMegabytes());
  }

  private static double milliseconds(List<Long> sorted, double share) {
    return sorted.isEmpty()
        ? Double.NaN
        : sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * share)) / 1e6;
  }
}
