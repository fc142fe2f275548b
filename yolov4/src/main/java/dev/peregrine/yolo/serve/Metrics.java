package dev.peregrine.yolo.serve;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a server counts, as text in the format of Prometheus.
 *
 * <p><b>Units</b> seconds and bytes.
 */
final class Metrics {
  private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();
  private final Histogram latency =
      new Histogram(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30);
  private final Histogram network = new Histogram(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5);
  private final Histogram batches = new Histogram(1, 2, 4, 8, 16, 32, 64);
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong detections = new AtomicLong();

  /** A request begins. */
  void begin() {
    inFlight.incrementAndGet();
  }

  /**
   * A request is answered.
   *
   * @param route one of the server's own paths, or "other"
   * @param status of HTTP, or 0 where the client was gone
   */
  void end(String route, int status) {
    inFlight.decrementAndGet();
    String labels = "{path=\"%s\",code=\"%d\"}".formatted(route, status);
    requests.computeIfAbsent(labels, _ -> new LongAdder()).increment();
  }

  /** How many requests are not answered yet. */
  int inFlight() {
    return inFlight.get();
  }

  /** A prediction was answered, so long after its request came. */
  void predicted(double seconds, int found) {
    latency.add(seconds);
    detections.addAndGet(found);
  }

  /** The network ran. */
  void ran(int pictures, double seconds) {
    batches.add(pictures);
    network.add(seconds);
  }

  /**
   * Everything.
   *
   * @param waiting pictures in the queue
   * @param capacity of the queue
   */
  String text(int waiting, int capacity) {
    StringBuilder text = new StringBuilder();
    introduce(text, "peregrine_requests_total", "counter", "Requests by path and status.");
    new TreeMap<>(requests)
        .forEach((labels, count) ->
            text.append("peregrine_requests_total")
                .append(labels)
                .append(' ')
                .append(count.sum())
                .append('\n'));
    latency.write(
        text, "peregrine_predict_seconds", "Time from a request's headers to its answer.");
    network.write(text, "peregrine_network_seconds", "Time of one run of the detector.");
    batches.write(text, "peregrine_batch_pictures", "Pictures in one run of the detector.");
    counter(text, "peregrine_detections_total", "Objects found.", detections.get());
    gauge(text, "peregrine_requests_in_flight", "Requests not answered yet.", inFlight.get());
    gauge(text, "peregrine_queue_pictures", "Pictures that wait for the detector.", waiting);
    gauge(text, "peregrine_queue_capacity", "Requests that are taken at once.", capacity);
    Runtime machine = Runtime.getRuntime();
    long used = machine.totalMemory() - machine.freeMemory();
    gauge(text, "peregrine_heap_used_bytes", "Java heap in use, garbage included.", used);
    gauge(text, "peregrine_heap_committed_bytes", "Java heap taken.", machine.totalMemory());
    gauge(text, "peregrine_heap_max_bytes", "Java heap that may be taken.", machine.maxMemory());
    return text.toString();
  }

  static void introduce(StringBuilder text, String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void counter(StringBuilder text, String name, String help, long value) {
    introduce(text, name, "counter", help);
    text.append(name).append(' ').append(value).append('\n');
  }

  private static void gauge(StringBuilder text, String name, String help, long value) {
    introduce(text, name, "gauge", help);
    text.append(name).append(' ').append(value).append('\n');
  }

  /** A number without an exponent or a needless fraction. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }
}
