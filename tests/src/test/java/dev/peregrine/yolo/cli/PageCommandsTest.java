package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.peregrine.architecture.Sources;
import dev.peregrine.docs.Page;
import dev.peregrine.docs.Page.Block;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The commands that pages show: those of the book are run in the test's own process, from a copy of
 * the project's folder that has nothing but what they write, and print what is shown; all others
 * have verbs and keys that there are. A picture that a command draws is the one in the project.
 */
class PageCommandsTest {
  private static final Pattern CALL = Pattern.compile("(?m)^\\./yolo (.*?)(?:\\s+#.*)?$");
  private static final Pattern KEY = Pattern.compile("(\\w+)=.*");

  /** Keys whose value is a file or folder to be written. */
  private static final Set<String> WRITTEN = Set.of("svg", "out", "json", "to");

  /** How much the colours of a picture may differ, on the average, from those in the project. */
  private static final double SAME_PICTURE = 0.004;

  @TempDir Path copy;

  static List<Page> chapters() {
    return Page.chapters();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chapters")
  void commandsPrintWhatIsShown(Page page) throws IOException {
    for (int i = 0; i < page.blocks().size(); i++) {
      Block block = page.blocks().get(i);
      if (!block.language().equals("sh")) {
        continue;
      }
      StringBuilder printed = new StringBuilder();
      for (String line : block.text().split("\n", -1)) {
        if (!line.isBlank()) {
          printed.append(run(line, page + ":" + block.line()));
        }
      }
      if (i + 1 < page.blocks().size() && page.blocks().get(i + 1).language().equals("text")) {
        String shown = page.blocks().get(i + 1).text();
        if (!Page.shows(shown, printed.toString())) {
          fail("%s:%d prints%n%s%nbut shows%n%s", page, block.line(), printed, shown);
        }
      }
    }
    sameAsInProject(page);
  }

  private String run(String line, String place) throws IOException {
    Matcher call = CALL.matcher(line);
    if (call.matches()) {
      List<String> words = new ArrayList<>();
      for (String word : call.group(1).split(" +", -1)) {
        words.add(placed(word));
      }
      Cli result = Cli.run(words.toArray(String[]::new));
      assertThat(result.status()).as("%s: %s%n%s", place, line, result.err()).isZero();
      return result.out().replace(copy + "/", "");
    }
    String[] words = line.split(" +", -1);
    assertThat(words[0]).as("%s: a command that the test knows", place).isEqualTo("cp");
    Path target = copy.resolve(words[2]);
    Files.createDirectories(line.endsWith("/") ? target : target.getParent());
    Path source = copy.resolve(words[1]);
    Files.copy(source, line.endsWith("/") ? target.resolve(source.getFileName()) : target);
    return "";
  }

  /**
   * A setting whose file is looked for in the copy, then in the project, or written to the copy.
   */
  private String placed(String word) throws IOException {
    Matcher setting = Pattern.compile("(\\w+)=((?:docs|runs)/.*)").matcher(word);
    if (!setting.matches()) {
      return word;
    }
    Path inCopy = copy.resolve(setting.group(2));
    Path inProject = Sources.root().resolve(setting.group(2));
    boolean written = WRITTEN.contains(setting.group(1));
    if (written) {
      Files.createDirectories(inCopy.getParent());
    }
    return setting.group(1)
        + "="
        + (written || Files.exists(inCopy) || !Files.exists(inProject) ? inCopy : inProject);
  }

  /** Each file that the commands made below {@code docs} is the project's. */
  private void sameAsInProject(Page page) throws IOException {
    Path docs = copy.resolve("docs");
    if (!Files.isDirectory(docs)) {
      return;
    }
    try (Stream<Path> files = Files.walk(docs)) {
      for (Path made : files.filter(Files::isRegularFile).toList()) {
        Path kept = Sources.root().resolve(copy.relativize(made).toString());
        assertThat(kept).as("%s: a file that its commands make", page).exists();
        if (made.toString().endsWith(".svg")) {
          assertThat(made).as("%s: its picture", page).hasSameTextualContentAs(kept);
        } else {
          Image one = Images.read(made);
          Image other = Images.read(kept);
          assertThat(one.rgb().length).as("size of %s", kept).isEqualTo(other.rgb().length);
          double sum = 0;
          for (int i = 0; i < one.rgb().length; i++) {
            sum += Math.abs(one.rgb()[i] - other.rgb()[i]);
          }
          assertThat(sum / one.rgb().length).as("colours of %s", kept).isLessThan(SAME_PICTURE);
        }
      }
    }
  }

  @Test
  void everyShownCallHasKeysThatThereAre() {
    Set<String> unknown = new TreeSet<>();
    int calls = 0;
    for (Page page : Page.all()) {
      for (Block block : page.blocks()) {
        if (!block.language().startsWith("sh") && !block.language().isEmpty()) {
          continue;
        }
        Matcher call = CALL.matcher(block.text());
        while (call.find()) {
          calls++;
          List<String> words = List.of(call.group(1).split(" +", -1));
          List<String> verb =
              words.stream().takeWhile(word -> word.matches("[a-z]+")).limit(2).toList();
          String help =
              Cli.run(Stream.concat(verb.stream(), Stream.of("--help")).toArray(String[]::new))
                  .out();
          if (help.isEmpty()) {
            unknown.add(page + ": no verb in '" + call.group() + "'");
          }
          for (String word : words) {
            Matcher key = KEY.matcher(word);
            if (key.matches() && !help.contains("\n  " + key.group(1) + "=")) {
              unknown.add(page + ": no key " + key.group(1) + "= in '" + call.group() + "'");
            }
          }
        }
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(calls).isGreaterThan(20);
  }

  @Test
  void everyShownProgramIsThere() {
    Pattern program = Pattern.compile("(?m)^java [^\\n]*?(dev\\.peregrine\\.[\\w.]+)");
    Set<String> names = new TreeSet<>();
    for (Page page : Page.all()) {
      page.blocks().stream()
          .flatMap(block -> program.matcher(block.text()).results())
          .forEach(match -> names.add(match.group(1)));
    }
    assertThat(names).isNotEmpty();
    for (String name : names) {
      String file = "src/main/java/" + name.replace('.', '/') + ".java";
      assertThat(Stream.of("bench", "yolov4", "bench/peers"))
          .as("the module of %s", name)
          .anyMatch(module -> Files.exists(Sources.root().resolve(module).resolve(file)));
    }
  }
}
