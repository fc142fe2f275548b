package dev.peregrine.yolo.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser.
 *
 * <p>With {@code -Dserve.pictures=FOLDER} it leaves pictures of itself there; {@code
 * docs/serve.jpg} is one of them.
 */
@Tag("browser")
class PageTest {
  private static final String PREDICTIONS =
      "peregrine_requests_total{path=\"/predict\",code=\"200\"}";

  @TempDir static Path folder;
  private static Served served;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException {
    browser = new Browser(folder);
    served = new Served(ServerSettings.LOCAL);
  }

  @AfterAll
  static void stop() throws IOException {
    if (served != null) {
      served.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void open() {
    browser.window(1280, 800, false);
    browser.open(served.uri("/"));
  }

  private static void picture(String name) throws IOException {
    String into = System.getProperty("serve.pictures");
    if (into != null) {
      Files.write(Files.createDirectories(Path.of(into)).resolve(name), browser.screenshot());
    }
  }

  private static void slide(String id, double to) {
    browser.evaluate(
        "$('%s').value = %s; $('%s').dispatchEvent(new Event('input'))".formatted(id, to, id));
  }

  private static int rows() {
    return browser.evaluate("document.querySelectorAll('#found li').length").asInt();
  }

  private static void chooseBlood() {
    browser.choose("#file", Served.blood());
    browser.until("state.answer && $('busy').hidden");
  }

  @Test
  void aChosenPictureGetsTheBoxesThatTheDetectorFinds() throws IOException {
    picture("serve-empty.jpg");
    chooseBlood();
    List<Detection> expected = Served.bloodCells().detect(Images.read(Served.blood()));
    assertThat(rows()).isEqualTo(expected.size()).isGreaterThan(10);
    assertThat(browser.evaluate("$('found').querySelector('button').textContent").asString())
        .contains(expected.getFirst().name())
        .contains("%.2f".formatted(expected.getFirst().score()));
    assertThat(browser.evaluate("$('summary').textContent").asString())
        .isEqualTo(expected.size() + " objects found");
    // Its first box is drawn: the middle of its upper edge has its colour.
    String pixel =
        """
        (() => { const d = state.answer.detections[0], c = $('canvas'), s = c.width / state.width;
          const x = (d.box[0] + d.box[2]) / 2 * s, y = d.box[3] * s;
          const rgb = c.getContext('2d').getImageData(x, y, 1, 1).data;
          return '#' + [...rgb].slice(0, 3).map(v => v.toString(16).padStart(2, '0')).join('')
              === color(d.class); })()
        """;
    assertThat(browser.evaluate(pixel).asBoolean()).as("the colour of the box").isTrue();
    picture("serve.jpg");
    browser.window(1280, 800, true);
    picture("serve-dark.jpg");
    browser.window(400, 860, false);
    browser.until("$('canvas').width <= 400");
    picture("serve-narrow.jpg");
  }

  @Test
  void confidenceFiltersWithoutAskingAndOverlapAsks() {
    chooseBlood();
    int some = rows();
    double asked = served.metric(PREDICTIONS);
    slide("conf", 0.8);
    int few = rows();
    slide("conf", 0.05);
    int many = rows();
    assertThat(few).isLessThan(some);
    assertThat(many).isGreaterThan(some);
    assertThat(served.metric(PREDICTIONS)).as("requests meanwhile").isEqualTo(asked);
    slide("iou", 0.95);
    browser.until("document.querySelectorAll('#found li').length > " + many);
    assertThat(served.metric(PREDICTIONS)).isEqualTo(asked + 1);
    int loose = rows();
    browser.evaluate("document.querySelector('.chip').click()");
    assertThat(rows()).as("with a class hidden").isLessThan(loose);
  }

  @Test
  void aDroppedOrPastedPictureIsTaken() {
    for (String event : List.of("drop", "paste")) {
      browser.evaluate(
          """
          (async () => {
            const canvas = element('canvas', {width: 300, height: 200});
            const blob = await new Promise(done => canvas.toBlob(done, 'image/webp'));
            const data = new DataTransfer();
            data.items.add(new File([blob], '%1$s.webp', {type: blob.type}));
            const event = '%1$s' === 'drop' ? new DragEvent('drop', {dataTransfer: data, cancelable: true})
                : new ClipboardEvent('paste', {clipboardData: data});
            dispatchEvent(event);
          })()
          """
              .formatted(event));
      browser.until("state.answer?.image === '%s.webp'".formatted(event));
      assertThat(browser.evaluate("[state.answer.width, state.answer.height].join()").asString())
          .isEqualTo("300,200");
      assertThat(browser.evaluate("$('summary').textContent").asString())
          .isEqualTo("Nothing found");
    }
  }

  @Test
  void theCameraIsWatchedUntilItIsStopped() {
    browser.evaluate("$('camera').click()");
    browser.until("state.frames.length > 2 && state.answer?.image === 'camera'");
    assertThat(browser.evaluate("$('camera').getAttribute('aria-pressed')").asString())
        .isEqualTo("true");
    assertThat(browser.evaluate("$('total').textContent").asString()).contains("a second");
    browser.evaluate("$('camera').click()");
    browser.until("state.stream === null && !$('video').srcObject");
  }

  @Test
  void whatIsNoPictureIsToldInASentence() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.png"), "no picture at all");
    browser.choose("#file", text);
    browser.until("!$('error').hidden");
    assertThat(browser.evaluate("$('error').textContent").asString())
        .startsWith("notes.png (17 bytes) is not a picture");
    assertThat(browser.evaluate("$('canvas').hidden").asBoolean()).isTrue();
    chooseBlood();
    assertThat(browser.evaluate("$('error').hidden").asBoolean()).isTrue();
  }

  @Test
  void everythingIsReachedByKeys() {
    chooseBlood();
    List<String> reached = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      browser.press("Tab", 9);
      reached.add(
          browser
              .evaluate("document.activeElement.id || document.activeElement.className || 'row'")
              .asString());
    }
    assertThat(reached).startsWith("file", "camera", "conf", "iou", "chip", "chip").contains("row");
    assertThat(browser.evaluate("state.marked").asInt())
        .as("a reached box is shown")
        .isNotNegative();
  }

  @Test
  void itAsksNobodyElseAndBreaksNoPolicy() {
    chooseBlood();
    String own = served.uri("/").toString();
    assertThat(browser.requests())
        .isNotEmpty()
        .allMatch(request ->
            request.contains(" " + own)
                || request.startsWith("GET data:")
                || request.startsWith("GET blob:" + own.replaceFirst("/$", "")));
    assertThat(browser.complaints()).isEmpty();
    String blocked =
        browser
            .evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', error => error.name)")
            .asString();
    assertThat(blocked).isEqualTo("TypeError");
    assertThat(browser.complaints().toString()).contains("Content Security Policy");
  }
}
