package dev.peregrine.yolo.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Chromium without a window, told what to do over the DevTools protocol.
 *
 * <p>It is the one that {@code PEREGRINE_CHROMIUM} names, or one on the path; tests that need it
 * are skipped where there is none.
 *
 * <p><b>Source</b> https://chromedevtools.github.io/devtools-protocol
 */
final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final String ANNOUNCEMENT = "DevTools listening on ";
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final Thread reader;
  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private String session = "";

  /** Starts it with a profile of its own. */
  Browser(Path folder) throws IOException {
    Optional<String> program = program();
    assumeTrue(program.isPresent(), "no Chromium: install one, or name it in PEREGRINE_CHROMIUM");
    List<String> command =
        new ArrayList<>(
            List.of(
                program.orElseThrow(),
                "--headless=new",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder.resolve("profile"),
                "--no-first-run",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-extensions",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream"));
    if (System.getProperty("user.name").equals("root")) {
      command.add("--no-sandbox"); // Chromium's sandbox refuses to run as root, as in containers
    }
    process =
        new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile()).start();
    CompletableFuture<String> address = new CompletableFuture<>();
    reader = Thread.ofVirtual().start(() -> read(process.inputReader(), address));
    try {
      socket =
          client
              .newWebSocketBuilder()
              .buildAsync(URI.create(wait(address)), new Listener())
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception failure) {
      process.destroyForcibly();
      throw new IOException("Chromium did not open its debugging port", failure);
    }
    String target =
        call("Target.createTarget", Map.of("url", "about:blank")).get("targetId").asString();
    session =
        call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .get("sessionId")
            .asString();
    for (String domain : List.of("Page", "Runtime", "Network", "Log", "DOM")) {
      call(domain + ".enable", Map.of());
    }
  }

  private static Optional<String> program() {
    String named = System.getenv("PEREGRINE_CHROMIUM");
    if (named != null && !named.isBlank()) {
      assertThat(Path.of(named)).as("PEREGRINE_CHROMIUM").isExecutable();
      return Optional.of(named);
    }
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  private static void read(BufferedReader lines, CompletableFuture<String> address) {
    StringBuilder all = new StringBuilder();
    try (lines) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        all.append(line).append('\n');
        if (line.startsWith(ANNOUNCEMENT)) {
          address.complete(line.substring(ANNOUNCEMENT.length()).strip());
        }
      }
      address.completeExceptionally(new IOException("Chromium ended: " + all));
    } catch (IOException failure) {
      address.completeExceptionally(failure);
    }
  }

  /** Puts messages together and gives each to who waits for it. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        message(JsonMapper.shared().readTree(text.toString()));
        text.setLength(0);
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }
  }

  private void message(JsonNode message) {
    if (message.has("id")) {
      answers.remove(message.get("id").asInt()).complete(message);
      return;
    }
    JsonNode params = message.get("params");
    switch (message.get("method").asString()) {
      case "Network.requestWillBeSent" ->
          requests.add(
              params.get("request").get("method").asString()
                  + " "
                  + params.get("request").get("url").asString());
      case "Runtime.exceptionThrown", "Log.entryAdded" -> complaints.add(params.toString());
      case "Runtime.consoleAPICalled" -> complaints.add(params.toString());
      default -> {
        // The rest is of no interest here.
      }
    }
  }

  private static <T> T wait(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception failure) {
      throw new AssertionError("Chromium does not answer", failure);
    }
  }

  /** Calls a method of the protocol. */
  JsonNode call(String method, Map<String, ?> params) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("id", calls.incrementAndGet());
    message.put("method", method);
    message.put("params", params);
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(calls.get(), answer);
    wait(socket.sendText(JsonMapper.shared().writeValueAsString(message), true));
    JsonNode reply = wait(answer);
    assertThat(reply.has("error")).as(method + ": " + reply).isFalse();
    return reply.get("result");
  }

  /** Opens a page of our own and waits until it says that it is ready. */
  void open(URI page) {
    evaluate("delete document.documentElement.dataset.ready");
    requests.clear();
    complaints.clear();
    call("Page.navigate", Map.of("url", page.toString()));
    until("document.documentElement?.dataset.ready === 'true'");
  }

  /** The value of an expression; of a promise, what comes of it. */
  JsonNode evaluate(String expression) {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    assertThat(result.has("exceptionDetails")).as(expression + ": " + result).isFalse();
    JsonNode value = result.get("result").get("value");
    return value == null ? JsonMapper.shared().nullNode() : value;
  }

  /** Waits until an expression is true. */
  void until(String expression) {
    long end = System.nanoTime() + Duration.ofSeconds(PATIENCE_SECONDS).toNanos();
    while (!evaluate("Boolean(" + expression + ")").asBoolean()) {
      assertThat(System.nanoTime()).as("waiting for " + expression).isLessThan(end);
      try {
        Thread.sleep(20);
      } catch (InterruptedException failure) {
        Thread.currentThread().interrupt();
        throw new AssertionError(failure);
      }
    }
  }

  /** Gives files to an input, as its dialogue would. */
  void choose(String selector, Path file) {
    int root = call("DOM.getDocument", Map.of()).get("root").get("nodeId").asInt();
    int node =
        call("DOM.querySelector", Map.of("nodeId", root, "selector", selector))
            .get("nodeId")
            .asInt();
    call(
        "DOM.setFileInputFiles",
        Map.of("nodeId", node, "files", List.of(file.toAbsolutePath().toString())));
  }

  /** Presses and releases a key that has no character. */
  void press(String key, int code) {
    for (String type : List.of("rawKeyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
    }
  }

  /** Sets the size of the window, and whether its user likes it dark. */
  void window(int width, int height, boolean dark) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
  }

  /** What the window shows, as JPEG. */
  byte[] screenshot() {
    return Base64.getDecoder()
        .decode(
            call("Page.captureScreenshot", Map.of("format", "jpeg", "quality", 88))
                .get("data")
                .asString()
                .getBytes(StandardCharsets.US_ASCII));
  }

  /** Requests since the page was opened, as method and address. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /** Errors, violated policies and lines of the console since the page was opened. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() throws IOException {
    session = "";
    try {
      call("Browser.close", Map.of());
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      process.waitFor(10, TimeUnit.SECONDS);
      reader.join(Duration.ofSeconds(5));
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    } catch (AssertionError gone) {
      process.destroyForcibly();
    }
    client.close();
  }
}
