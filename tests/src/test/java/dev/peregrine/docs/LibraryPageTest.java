package dev.peregrine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.execution.LocalExecutionControlProvider;
import org.junit.jupiter.api.Test;

/**
 * What the page for users of the library shows: its script prints it, its versions are the
 * project's.
 */
class LibraryPageTest {
  private static final Pattern VERSION =
      Pattern.compile("<artifactId>peregrine-parent</artifactId>\\s*<version>([^<]+)</version>");

  private static String text(String file) throws IOException {
    return Files.readString(Sources.root().resolve(file));
  }

  private static String version() throws IOException {
    return VERSION.matcher(text("pom.xml")).results().findFirst().orElseThrow().group(1);
  }

  @Test
  void theScriptPrintsWhatIsShown() throws IOException {
    String script =
        text("docs/first-steps.jsh")
            .replace("docs/blood.jpg", Sources.root().resolve("docs/blood.jpg").toString());
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream capture = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        JShell shell =
            JShell.builder().executionEngine(new LocalExecutionControlProvider(), null).build()) {
      shell.addToClasspath(System.getProperty("java.class.path"));
      for (String start : List.of("java.util.*", "java.nio.file.*")) {
        run(shell, "import " + start);
      }
      System.setOut(capture);
      for (String line :
          script.lines().filter(line -> !line.isBlank() && !line.startsWith("//")).toList()) {
        run(shell, line);
      }
    } finally {
      System.setOut(before);
    }
    assertThat(text("docs/library.md"))
        .contains("```text\n" + bytes.toString(StandardCharsets.UTF_8) + "```");
  }

  /** Each line of the script is a whole statement, as at the prompt. */
  private static void run(JShell shell, String line) {
    for (SnippetEvent event :
        shell.eval(shell.sourceCodeAnalysis().analyzeCompletion(line).source())) {
      assertThat(event.exception()).as(line).isNull();
      assertThat(event.status()).as(line).isEqualTo(Snippet.Status.VALID);
    }
  }

  @Test
  void everyFileNamesTheSameVersion() throws IOException {
    assertThat(text("yolov4/bom/pom.xml"))
        .contains("<artifactId>peregrine-bom</artifactId>\n  <version>" + version() + "</version>");
    assertThat(text("docs/example/pom.xml"))
        .contains("<peregrine.version>" + version() + "</peregrine.version>");
    List<String> shown =
        Pattern.compile("\\d+\\.\\d+\\.\\d+-SNAPSHOT")
            .matcher(text("docs/library.md") + text("README.md"))
            .results()
            .map(MatchResult::group)
            .toList();
    assertThat(shown).isNotEmpty().allMatch(version()::equals);
  }

  /** An artifact that is missing there has no version for who imports it. */
  @Test
  void theBomNamesEveryModule() throws IOException {
    String bom = text("yolov4/bom/pom.xml");
    for (String module : List.of("tensor", "kernels-opencl", "autograd", "nn", "yolov4")) {
      String artifact =
          Pattern.compile("</parent>\\s*<artifactId>([^<]+)</artifactId>")
              .matcher(text(Path.of(module, "pom.xml").toString()))
              .results()
              .findFirst()
              .orElseThrow()
              .group(1);
      assertThat(bom).contains("<artifactId>" + artifact + "</artifactId>");
    }
  }
}
