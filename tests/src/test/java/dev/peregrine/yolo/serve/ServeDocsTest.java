package dev.peregrine.yolo.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.architecture.Sources;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands and tables of {@code docs/serve.md} against the server. */
class ServeDocsTest {
  private static String page() throws IOException {
    return Files.readString(Sources.root().resolve("docs/serve.md"));
  }

  @Test
  void theShownCommandsPrintWhatIsShown() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "curl"))),
        "no curl on the path");
    List<String> commands = page().lines().filter(line -> line.startsWith("curl ")).toList();
    assertThat(commands).hasSize(2);
    JsonNode shown =
        JsonMapper.shared()
            .readTree(
                page().lines().filter(line -> line.startsWith("[{")).findFirst().orElseThrow())
            .get(0);
    try (Served served = new Served(ServerSettings.LOCAL)) {
      for (String command : commands) {
        Process curl =
            new ProcessBuilder(
                    "bash",
                    "-c",
                    command.replace("curl", "curl -s").replace(":8080", ":" + served.port()))
                .directory(Sources.root().toFile())
                .start();
        String printed = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(curl.waitFor()).isZero();
        JsonNode answer = JsonMapper.shared().readTree(printed).get(0);
        assertThat(answer.propertyNames()).isEqualTo(shown.propertyNames());
        assertThat(answer.get("width")).isEqualTo(shown.get("width"));
        JsonNode first = answer.get("detections").get(0);
        JsonNode told = shown.get("detections").get(0);
        assertThat(first.propertyNames()).isEqualTo(told.propertyNames());
        assertThat(first.get("name")).isEqualTo(told.get("name"));
        assertThat(first.get("score").asDouble() - told.get("score").asDouble())
            .isBetween(0.0, 0.01);
        for (int i = 0; i < 4; i++) {
          assertThat(first.get("box").get(i).asDouble() - told.get("box").get(i).asDouble())
              .isBetween(0.0, 0.1);
        }
      }
    }
  }

  @Test
  void theTablesShowDefaultsPathsAndParameters() throws IOException {
    String page = page();
    ServerSettings.Limits limits = ServerSettings.Limits.DEFAULT;
    assertThat(page)
        .contains(
            "| `queue=` | %d requests".formatted(limits.queue()),
            "| `max_mb=` | %d MiB".formatted(limits.bytes() >> 20),
            "| `max_mp=` | %d million".formatted(limits.pixels() / 1_000_000),
            "| `read_timeout=` | %d s".formatted(limits.reading().toSeconds()),
            "| `timeout=` | %d s".formatted(limits.answering().toSeconds()));
    JsonNode paths = JsonMapper.shared().readTree(Page.resource("openapi.json")).get("paths");
    List<String> shown =
        Pattern.compile("(?m)^\\| `(?:GET|POST) (/\\S*)` \\|")
            .matcher(page)
            .results()
            .map(row -> row.group(1))
            .toList();
    assertThat(shown).containsExactlyInAnyOrderElementsOf(paths.propertyNames());
    for (String parameter : Parameters.NAMES) {
      assertThat(page).contains("`" + parameter + "`");
    }
  }
}
