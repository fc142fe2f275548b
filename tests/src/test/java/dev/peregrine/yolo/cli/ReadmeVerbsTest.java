package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import dev.peregrine.yolo.cli.kit.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's table of verbs is what {@code ./yolo help} prints. */
class ReadmeVerbsTest {
  private static final Pattern PRINTED =
      Pattern.compile("(?m)^ {2}([a-z]+(?: [a-z]+)?) +(\\S.*(?:\\n {15}\\S.*)*)$");
  private static final Pattern SHOWN =
      Pattern.compile("(?m)^\\| `([a-z]+(?: [a-z]+)?)` \\| (.+) \\|$");

  @Test
  void theTableShowsEveryVerb() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      Main.run(List.of("help"), new Console(InputStream.nullInputStream(), out, out, false));
    }
    String readme = Files.readString(Sources.root().resolve("README.md"));
    assertThat(rows(SHOWN, readme))
        .isEqualTo(rows(PRINTED, bytes.toString(StandardCharsets.UTF_8)))
        .isNotEmpty();
  }

  private static List<String> rows(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(row -> row.group(1) + ": " + row.group(2).replaceAll("\\n\\s+", " "))
        .toList();
  }
}
