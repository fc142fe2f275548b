package dev.peregrine.yolo.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Bombs;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.InputSize;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client may cost, and what becomes of those who ask for more. */
class ServerLimitsTest {
  private static final String POST = "POST /predict HTTP/1.1";
  private static final String HOST = "Host: localhost";
  private static final String TYPE = "Content-Type: image/jpeg";

  private static Detector small;
  private static byte[] blood;

  @BeforeAll
  static void read() throws IOException {
    small = Served.bloodCells().size(InputSize.square(96));
    blood = Files.readAllBytes(Served.blood());
  }

  private static Served served(int queue, int bytes, Duration reading, Duration answering) {
    return new Served(
        small,
        ServerSettings.LOCAL.with(
            new ServerSettings.Limits(1, queue, bytes, 1_000_000, reading, answering)));
  }

  private static Served served(int queue, int bytes) {
    return served(queue, bytes, Duration.ofSeconds(120), Duration.ofSeconds(120));
  }

  @Test
  void aRequestThatComesTooSlowlyIsLeft() throws IOException {
    try (Served server = served(4, 1 << 20, Duration.ofMillis(300), Duration.ofSeconds(120));
        Socket slow = Raw.connect(server.port())) {
      Raw.send(slow, POST, HOST, TYPE, "Content-Length: 1000");
      slow.getOutputStream().write(new byte[10]);
      assertThat(Raw.rest(slow))
          .startsWith("HTTP/1.1 408 ")
          .contains("did not arrive within 300 ms", "Connection: close");
      assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anAnnouncedFloodIsRefusedUnread() throws IOException {
    try (Served server = served(4, 1000);
        Socket socket = Raw.connect(server.port())) {
      Raw.send(socket, POST, HOST, TYPE, "Content-Length: 10000000000");
      assertThat(Raw.rest(socket))
          .startsWith("HTTP/1.1 413 ")
          .contains("more than 1000 bytes", "Connection: close");
    }
  }

  @Test
  void anUnannouncedFloodIsCut() throws IOException {
    try (Served server = served(4, 1000);
        Socket socket = Raw.connect(server.port())) {
      Raw.send(socket, POST, HOST, TYPE, "Transfer-Encoding: chunked");
      byte[] chunk = ("800\r\n" + "x".repeat(0x800) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      socket.getOutputStream().write(chunk);
      socket.getOutputStream().flush();
      byte[] status = socket.getInputStream().readNBytes(13);
      assertThat(new String(status, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413 ");
    }
  }

  @Test
  void wholePicturesUpToTheLimitAreTaken() {
    try (Served server = served(4, blood.length)) {
      assertThat(server.post("/predict", "image/jpeg", blood).statusCode()).isEqualTo(200);
      byte[] more = Arrays.copyOf(blood, blood.length + 1);
      assertThat(server.post("/predict", "image/jpeg", more).statusCode()).isEqualTo(413);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "gif", "jpeg", "bmp", "webp", "tiff"})
  void aSmallFileOfAHugePictureIsRefusedByItsHeader(String format) {
    try (Served server = served(4, 1 << 20)) {
      HttpResponse<String> answer =
          server.post("/predict?image=x", "image/" + format, Bombs.huge(format, 16_000));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
      assertThat(answer.body())
          .contains("x has 16000 x 16000 pixels, more than the limit of 1000000");
      HttpResponse<String> cut =
          server.post("/predict", "image/" + format, Bombs.huge(format, 100));
      assertThat(cut.statusCode()).as("allowed size, but nothing in it").isIn(200, 400);
      assertThat(server.faults()).isEmpty();
    }
  }

  @Test
  void aPictureOfOneEndlessRowIsRefused() {
    try (Served server = served(4, 1 << 20)) {
      byte[] row = Bombs.png(999_999, 1, "tEXt", new byte[0], new byte[0]);
      HttpResponse<String> answer = server.post("/predict", "image/png", row);
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).contains("no side may be longer than 65535");
    }
  }

  @Test
  void oneMoreThanTheQueueHoldsIsToldToComeBack() throws IOException {
    try (Served server = served(1, 1 << 20);
        Socket first = Raw.connect(server.port())) {
      Raw.send(first, POST, HOST, TYPE, "Content-Length: " + blood.length, "Connection: close");
      awaitMetric(server, "peregrine_requests_in_flight", 2); // the look itself is one
      HttpResponse<String> second = server.post("/predict", "image/jpeg", blood);
      assertThat(second.statusCode()).isEqualTo(503);
      assertThat(second.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      assertThat(second.body()).contains("1 requests are being answered already");
      first.getOutputStream().write(blood);
      assertThat(Raw.rest(first)).startsWith("HTTP/1.1 200 ");
      assertThat(server.post("/predict", "image/jpeg", blood).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aClientThatGoesAwayLeavesItsPlace() throws IOException {
    try (Served server = served(1, 1 << 20)) {
      for (int i = 0; i < 3; i++) {
        try (Socket gone = Raw.connect(server.port())) {
          Raw.send(gone, POST, HOST, TYPE, "Content-Length: 1000");
          gone.getOutputStream().write(new byte[10]);
          awaitMetric(server, "peregrine_requests_in_flight", 2);
        }
        awaitMetric(server, "peregrine_requests_in_flight", 1);
      }
      assertThat(server.post("/predict", "image/jpeg", blood).statusCode()).isEqualTo(200);
      assertThat(server.faults()).isEmpty();
    }
  }

  private static void awaitMetric(Served server, String name, double value) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (server.metric(name) != value) {
      assertThat(System.nanoTime()).as(name + " becomes " + value).isLessThan(end);
    }
  }

  @Test
  void whoWaitsTooLongIsToldToComeBack() {
    try (Served server = served(4, 1 << 20, Duration.ofSeconds(120), Duration.ofNanos(1))) {
      HttpResponse<String> answer = server.post("/predict", "image/jpeg", blood);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }
  }

  @Test
  void stoppingFinishesWhatWasBegun() throws Exception {
    try (Served server = served(4, 1 << 20);
        Socket begun = Raw.connect(server.port())) {
      Raw.send(begun, POST, HOST, TYPE, "Content-Length: " + blood.length);
      begun.getOutputStream().write(blood, 0, 100);
      awaitMetric(server, "peregrine_requests_in_flight", 2);
      CompletableFuture<Boolean> stopped =
          CompletableFuture.supplyAsync(() -> server.server().stop(Duration.ofSeconds(120)));
      while (server.get("/healthz").statusCode() == 200) {
        Thread.onSpinWait();
      }
      assertThat(server.post("/predict", "image/jpeg", blood).body())
          .contains("the server is stopping");
      assertThat(stopped.isDone()).isFalse();
      begun.getOutputStream().write(blood, 100, blood.length - 100);
      assertThat(Raw.rest(begun)).startsWith("HTTP/1.1 200 ").contains("\"detections\"");
      assertThat(stopped.get(120, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void picturesThatWaitTogetherRunTogether() throws Exception {
    Metrics metrics = new Metrics();
    Batcher batcher = new Batcher(small, 4, 32, metrics);
    ByteImage picture = Images.readBytes(Served.blood());
    List<CompletableFuture<Batcher.Found>> answers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      float conf = i % 2 == 0 ? 0.1f : 0.3f;
      answers.add(
          batcher.submit(picture, new Detector.Choice(conf, small.settings().suppression())));
    }
    List<Detection> many = small.confidence(0.1).detect(picture);
    List<Detection> few = small.confidence(0.3).detect(picture);
    assertThat(few.size()).isLessThan(many.size());
    int most = 0;
    for (int i = 0; i < answers.size(); i++) {
      Batcher.Found found = answers.get(i).get(120, TimeUnit.SECONDS);
      most = Math.max(most, found.company());
      List<Detection> expected = i % 2 == 0 ? many : few;
      // A batch may be computed in another order, so the last bits of a score may differ.
      assertThat(found.detections())
          .extracting(Detection::name)
          .isEqualTo(expected.stream().map(Detection::name).toList());
      assertThat(found.detections().getFirst().score())
          .isCloseTo(expected.getFirst().score(), within(1e-3f));
    }
    assertThat(most).isEqualTo(4);
    assertThat(metrics.text(0, 0)).contains("peregrine_batch_pictures_sum 16");
    batcher.stop();
  }

  @Test
  void faultsInsideAreToldInsideOnly() throws IOException {
    List<Throwable> faults = new CopyOnWriteArrayList<>();
    InetAddress loopback = InetAddress.getLoopbackAddress();
    HttpServer server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    Routes routes =
        new Routes(new HostGuard(loopback, "localhost", List.of()), new Metrics(), faults::add)
            .get(
                "/fault",
                _ -> {
                  throw new IllegalStateException("secret");
                });
    server.createContext("/", routes);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      server.setExecutor(threads);
      server.start();
      String answer = Raw.answer(server.getAddress().getPort(), "GET /fault HTTP/1.1");
      assertThat(answer)
          .startsWith("HTTP/1.1 500 ")
          .contains("\"error\"")
          .doesNotContain("secret", "IllegalState", "dev.peregrine");
      assertThat(faults).singleElement().hasToString("java.lang.IllegalStateException: secret");
      server.stop(0);
    }
  }

  @Test
  void aServerForOthersAnswersNumbersAndTheNamesItIsGiven() throws IOException {
    HostGuard guard =
        new HostGuard(InetAddress.getByName("0.0.0.0"), "0.0.0.0", List.of("Detector.example.org"));
    for (String own :
        List.of("192.168.1.7:8080", "localhost", "detector.example.org", "[fe80::1]")) {
      guard.check(own, null);
    }
    assertThatThrownBy(() -> guard.check("evil.example", null))
        .hasMessageContaining("allow=evil.example");
  }
}
