package dev.peregrine.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.peregrine.architecture.Sources;
import dev.peregrine.docs.Page.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The code in the chapters of {@code docs/book} is compiled, and prints what they show. */
@TestInstance(Lifecycle.PER_CLASS)
class BookTest {
  private static final Set<String> LANGUAGES = Set.of("java", "sh", "sh slow", "text", "");

  /** A fence that quotes a file, whose path follows. */
  private static final String QUOTE = "java from ";

  /** What stands in a fence without a language must be no code and no command. */
  private static final Pattern CODE =
      Pattern.compile("(?m)^\\s*(\\./yolo|java |mvn |git |import ).*|.*;\\s*$");

  @TempDir static Path folder;
  private Programs programs;

  @BeforeAll
  void compile() throws IOException {
    programs = Programs.compile(Page.chapters(), folder);
  }

  static List<Page> chapters() {
    return Page.chapters();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chapters")
  void codePrintsWhatIsShown(Page page) throws ReflectiveOperationException {
    Map<Block, String> printed = programs.run(page);
    for (int i = 0; i < page.blocks().size(); i++) {
      Block block = page.blocks().get(i);
      if (!printed.containsKey(block)) {
        continue;
      }
      String output = printed.get(block);
      String shown =
          i + 1 < page.blocks().size() && page.blocks().get(i + 1).language().equals("text")
              ? page.blocks().get(i + 1).text()
              : "";
      if (!Page.shows(shown, output)) {
        fail("%s:%d prints%n%s%nbut the page shows%n%s", page, block.line(), output, shown);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chapters")
  void everyFenceSaysWhatItIs(Page page) throws IOException {
    String before = "";
    for (Block block : page.blocks()) {
      if (block.language().startsWith(QUOTE)) {
        isQuoted(page, block);
      } else {
        assertThat(LANGUAGES).as("%s:%d", page, block.line()).contains(block.language());
      }
      if (block.language().equals("text")) {
        assertThat(before).as("%s:%d shows the output of", page, block.line()).isNotEmpty();
      }
      if (block.language().isEmpty()) {
        assertThat(CODE.matcher(block.text()).find())
            .as("%s:%d has code that nobody compiles or runs", page, block.line())
            .isFalse();
      }
      before = block.language();
    }
  }

  /** Each line of a quotation follows the one before in the file; three dots leave lines out. */
  private static void isQuoted(Page page, Block block) throws IOException {
    Path file = Sources.root().resolve(block.language().substring(QUOTE.length()));
    String code = squeezed(Files.readString(file));
    int at = 0;
    for (String piece : squeezed(block.text()).split("\n\\.\\.\\.\n", -1)) {
      int found = code.indexOf(piece.strip(), at);
      assertThat(found).as("%s:%d quotes %s:%n%s", page, block.line(), file, piece).isNotNegative();
      at = found + piece.strip().length();
    }
    String link = "](../../" + block.language().substring(QUOTE.length()) + ")";
    assertThat(page.text()).as("%s links what it quotes", page).contains(link);
  }

  private static String squeezed(String code) {
    return "\n" + code.replaceAll("(?m)^[ \\t]+", "").strip() + "\n";
  }

  /** Exercises at the end, and a way on: to the next chapter, or back to the contents. */
  @Test
  void chaptersAreLinked() {
    List<Page> pages = Page.chapters();
    assertThat(pages.getLast().file()).hasFileName("README.md");
    Set<String> missing = new TreeSet<>();
    for (int i = 0; i + 1 < pages.size(); i++) {
      Page page = pages.get(i);
      String next = pages.get(i + 1).file().getFileName().toString();
      if (!page.text().contains("](" + next + ")")) {
        missing.add(page + " does not lead to " + next);
      }
      if (!page.text().contains("\n## Exercises\n")) {
        missing.add(page + " has no exercises");
      }
      String name = page.file().getFileName().toString();
      if (!pages.getLast().text().contains("](" + name + ")")) {
        missing.add(pages.getLast() + " does not list " + name);
      }
    }
    assertThat(missing).isEmpty();
  }
}
