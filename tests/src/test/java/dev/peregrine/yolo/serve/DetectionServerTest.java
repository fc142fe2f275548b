package dev.peregrine.yolo.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.yolo.DetectionJson;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the server answers, and what it refuses, over real connections. */
class DetectionServerTest {
  private static final String JPEG = "image/jpeg";

  private static Served served;
  private static byte[] blood;

  @BeforeAll
  static void start() throws IOException {
    served = new Served(ServerSettings.LOCAL);
    blood = Files.readAllBytes(Served.blood());
  }

  @AfterAll
  static void stop() {
    List<Throwable> faults = served.faults();
    served.close();
    assertThat(faults).as("faults inside").isEmpty();
  }

  private static JsonNode json(HttpResponse<String> response) {
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    return JsonMapper.shared().readTree(response.body());
  }

  private static void refuses(HttpResponse<String> response, int status, String... parts) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode answer = json(response);
    assertThat(answer.size()).isEqualTo(1);
    assertThat(answer.get("error").asString())
        .contains(parts)
        .doesNotContain("Exception", "\tat ", "dev.peregrine", ".java:")
        .doesNotContain("\n");
  }

  /** What {@code predict json=} writes of the picture. */
  private static JsonNode expected(String name, double conf) {
    ByteImage picture = Images.readBytes(Served.blood());
    return JsonMapper.shared()
        .valueToTree(
            List.of(
                DetectionJson.of(
                    name, picture, Served.bloodCells().confidence(conf).detect(picture))));
  }

  @Test
  void aPictureIsAnsweredAsPredictWritesIt() {
    HttpResponse<String> answer = served.post("/predict", JPEG, blood);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(JsonMapper.shared().readTree(answer.body()).toString())
        .isEqualTo(
            JsonMapper.shared()
                .readTree(JsonMapper.shared().writeValueAsString(expected("picture", 0.25)))
                .toString());
    assertThat(json(answer).get(0).get("detections").size()).isGreaterThan(10);
    assertThat(answer.headers().firstValue("Server-Timing").orElseThrow())
        .contains("decode;dur=", "network;dur=", "batch of 1", "total;dur=");
  }

  @Test
  void everyRequestHasItsOwnThresholds() {
    JsonNode strict = json(served.post("/predict?conf=0.75&image=a%20b.jpg", JPEG, blood)).get(0);
    assertThat(strict.get("image").asString()).isEqualTo("a b.jpg");
    assertThat(strict.get("detections").size())
        .isEqualTo(expected("", 0.75).get(0).get("detections").size())
        .isLessThan(10);
    JsonNode two = json(served.post("/predict?max_det=2&agnostic=true", JPEG, blood)).get(0);
    assertThat(two.get("detections").size()).isEqualTo(2);
    int loose = json(served.post("/predict?iou=1", JPEG, blood)).get(0).get("detections").size();
    int tight = json(served.post("/predict?iou=0", JPEG, blood)).get(0).get("detections").size();
    assertThat(tight).isLessThan(loose);
  }

  /** A form as curl writes it. */
  private static byte[] form(String... files) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String file : files) {
      out.write(
          ("--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                  + file
                  + "\"\r\nContent-Type: image/jpeg\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
      out.write(blood);
      out.write("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    out.write(
        "--xyz\r\nContent-Disposition: form-data; name=\"conf\"\r\n\r\n0.75\r\n--xyz--\r\n"
            .getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  @Test
  void formsMayHaveSeveralPicturesAndParameters() throws IOException {
    String type = "multipart/form-data; boundary=xyz";
    JsonNode answer = json(served.post("/predict", type, form("one.jpg", "../two.jpg")));
    assertThat(answer.size()).isEqualTo(2);
    assertThat(answer.get(0).get("image").asString()).isEqualTo("one.jpg");
    assertThat(answer.get(1).get("image").asString()).isEqualTo("../two.jpg");
    assertThat(answer.get(1).get("detections").size())
        .isEqualTo(expected("", 0.75).get(0).get("detections").size());
    refuses(served.post("/predict?conf=1", type, form("a.jpg")), 400, "conf is given twice");
    refuses(served.post("/predict", type, form()), 400, "no file");
    refuses(served.post("/predict", "multipart/form-data", form("a.jpg")), 400, "no boundary");
    refuses(
        served.post("/predict", "multipart/form-data; boundary=abc", form("a.jpg")),
        400,
        "boundary does not occur");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "conf=7          | conf=7 is wrong: it must be a number between 0 and 1",
        "conf=NaN        | a number between 0 and 1",
        "conf=           | a number between 0 and 1",
        "iou=-1          | iou=-1 is wrong",
        "max_det=0       | a whole number between 1 and",
        "agnostic=maybe  | true or false",
        "cnof=0.5        | there is no parameter 'cnof'; there are conf, iou, agnostic, max_det,"
            + " image",
        "conf=0.1&conf=0.2 | conf is given twice",
        "image=%zz       | hexadecimal",
      })
  void badParametersAreToldInASentence(String query, String sentence) {
    if (query.contains("%zz")) {
      // The client of the JDK refuses to send it.
      assertThat(Raw.status(served.port(), "POST /predict?image=%zz HTTP/1.1", "Content-Length: 0"))
          .isEqualTo(400);
      return;
    }
    refuses(served.post("/predict?" + query, JPEG, blood), 400, sentence);
  }

  @Test
  void whatIsNoPictureIsRefused() throws IOException {
    byte[] text = "no picture".getBytes(StandardCharsets.UTF_8);
    refuses(served.post("/predict", "text/plain", blood), 415, "text/plain", "image/jpeg");
    refuses(served.post("/predict", "", blood), 415, "Content-Type");
    refuses(served.post("/predict", JPEG, text), 415, "picture (10 bytes) is not a picture");
    refuses(served.post("/predict", JPEG, new byte[0]), 400, "empty");
    byte[] cut = Arrays.copyOf(blood, blood.length / 2);
    refuses(served.post("/predict?image=x.jpg", JPEG, cut), 400, "x.jpg", "truncated");
    byte[] broken = blood.clone();
    Arrays.fill(broken, 200, 700, (byte) 0xff);
    HttpResponse<String> answer = served.post("/predict", JPEG, broken);
    assertThat(answer.statusCode()).isIn(200, 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH", "OPTIONS", "GET"})
  void otherMethodsAreRefused(String method) {
    HttpResponse<String> answer =
        served.send(
            HttpRequest.newBuilder(served.uri("/predict"))
                .method(method, HttpRequest.BodyPublishers.noBody()));
    refuses(answer, 405, "/predict takes POST, not " + method);
    assertThat(answer.headers().firstValue("Allow")).contains("POST");
    assertThat(served.post("/", JPEG, blood).headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/page.js",
        "/predict/",
        "/predict/../",
        "/./healthz",
        "/healthz%00",
        "/HEALTHZ"
      })
  void onlyItsOwnPathsExist(String path) {
    String answer = Raw.answer(served.port(), "GET " + path + " HTTP/1.1");
    assertThat(answer).startsWith("HTTP/1.1 404 ").contains("there is no such path");
    assertThat(answer).doesNotContain("root:");
  }

  @Test
  void othersNamesAndOriginsAreRefused() {
    String get = "GET /healthz HTTP/1.1";
    int port = served.port();
    for (String own :
        List.of("localhost", "127.0.0.1", "LOCALHOST", "[::1]", "localhost:" + port)) {
      assertThat(Raw.status(port, get, "Host: " + own)).as(own).isEqualTo(200);
    }
    for (String strange :
        List.of("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1")) {
      assertThat(Raw.answer(port, get, "Host: " + strange))
          .startsWith("HTTP/1.1 421 ")
          .contains("allow=" + strange);
    }
    assertThat(Raw.status(port, get, "Host: a b")).isEqualTo(400);
    assertThat(Raw.status(port, "GET /healthz HTTP/1.0", "X: y")).isEqualTo(400);
    String own = "localhost:" + port;
    assertThat(Raw.status(port, get, "Host: " + own, "Origin: http://" + own)).isEqualTo(200);
    for (String origin : List.of("http://evil.example", "null", "http://localhost:1", "%%")) {
      assertThat(Raw.status(port, get, "Host: " + own, "Origin: " + origin)).isEqualTo(403);
    }
  }

  @Test
  void nothingIsSharedAcrossOrigins() {
    for (String path : List.of("/", "/model", "/predict", "/nowhere")) {
      HttpResponse<String> answer = served.get(path);
      assertThat(answer.headers().map().keySet())
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.headers().firstValue("Cross-Origin-Resource-Policy"))
          .contains("same-origin");
    }
  }

  @Test
  void thePageAsksForNothingFromElsewhere() {
    HttpResponse<String> page = served.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "connect-src 'self'", "sha256-")
        .doesNotContain("unsafe");
    assertThat(page.body()).startsWith("<!doctype html>").doesNotContain("/*style*/");
    assertThat(page.body().replaceAll("http://www\\.w3\\.org/2000/svg", ""))
        .doesNotContain("http://", "https://", "src=");
  }

  @Test
  void theOpenApiTextNamesEveryPathAndParameter() {
    JsonNode api = json(served.get("/openapi.json"));
    JsonNode refusal = json(served.get("/nowhere"));
    Set<String> paths = new TreeSet<>(api.get("paths").propertyNames());
    assertThat(refusal.get("error").asString()).endsWith(String.join(", ", paths));
    JsonNode post = api.get("paths").get("/predict").get("post");
    assertThat(post.get("parameters").findValuesAsString("name"))
        .containsExactlyElementsOf(Parameters.NAMES);
    assertThat(post.get("responses").propertyNames())
        .contains("200", "400", "403", "408", "413", "415", "421", "500", "503");
  }

  @Test
  void theModelIsDescribed() {
    JsonNode card = json(served.get("/model"));
    assertThat(card.get("classes").findValuesAsString("name"))
        .containsExactly("RBC", "WBC", "Platelets");
    assertThat(card.get("conf").asDouble()).isEqualTo(0.25);
    assertThat(card.get("input").toString()).isEqualTo("[416,416]");
  }

  @Test
  void everythingIsCounted() {
    String ok = "peregrine_requests_total{path=\"/predict\",code=\"200\"}";
    String bad = "peregrine_requests_total{path=\"/predict\",code=\"400\"}";
    String none = "peregrine_requests_total{path=\"other\",code=\"404\"}";
    double before = served.metric(ok);
    double beforeBad = served.metric(bad);
    double beforeNone = served.metric(none);
    double runs = served.metric("peregrine_batch_pictures_count");
    double latencies = served.metric("peregrine_predict_seconds_bucket{le=\"+Inf\"}");
    served.post("/predict", JPEG, blood);
    served.post("/predict?conf=2", JPEG, blood);
    served.get("/one");
    served.get("/two");
    assertThat(served.metric(ok)).isEqualTo(before + 1);
    assertThat(served.metric(bad)).isEqualTo(beforeBad + 1);
    assertThat(served.metric(none)).isEqualTo(beforeNone + 2);
    assertThat(served.metric("peregrine_batch_pictures_count")).isEqualTo(runs + 1);
    assertThat(served.metric("peregrine_predict_seconds_count")).isEqualTo(latencies + 1);
    assertThat(served.metric("peregrine_requests_in_flight")).isEqualTo(1);
    assertThat(served.metric("peregrine_heap_used_bytes")).isPositive();
    assertThat(served.metric("peregrine_queue_capacity")).isEqualTo(32);
    assertThat(served.get("/metrics").body().lines())
        .allMatch(line ->
            line.matches("# (HELP|TYPE) peregrine_\\w+ .+|peregrine_\\w+(\\{[^}]*})? [0-9.E-]+"));
  }

  @Test
  void headsHaveNoBody() {
    HttpResponse<String> head =
        served.send(
            HttpRequest.newBuilder(served.uri("/healthz"))
                .method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(served.get("/healthz").body()).isEqualTo("ok\n");
  }

  @Test
  void aPortThatIsTakenIsToldInASentence() {
    ServerSettings same = ServerSettings.LOCAL.at(served.port());
    assertThatThrownBy(() -> DetectionServer.start(Served.bloodCells(), same, _ -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("port=" + served.port() + " cannot be listened at");
    assertThatThrownBy(() -> ServerSettings.LOCAL.at(70_000))
        .hasMessageContaining("between 0 and 65535");
  }
}
