package dev.peregrine.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of packages in {@code docs/ARCHITECTURE.md} against the packages there are. */
final class ArchitectureMapTest {
  private static final Pattern COMMENT =
      Pattern.compile("/\\*\\*(.*?)\\*/\\s*@NullMarked", Pattern.DOTALL);
  private static final Pattern FIRST_SENTENCE =
      Pattern.compile("(.*?\\.)(?=\\s|$)", Pattern.DOTALL);
  private static final Pattern INLINE_TAG = Pattern.compile("\\{@(code|link)\\s+([^}]+)}");

  @Test
  void theTableOfPackagesIsTheSourceTree() throws IOException {
    String page = Files.readString(Sources.root().resolve("docs/ARCHITECTURE.md"));
    Matcher table =
        Pattern.compile("<!-- packages:[^>]*-->\\n(.*?)<!-- end of packages -->", Pattern.DOTALL)
            .matcher(page);
    assertThat(table.find()).as("docs/ARCHITECTURE.md has a table of packages").isTrue();
    assertThat(table.group(1)).as("the table that docs/ARCHITECTURE.md shows").isEqualTo(table());
  }

  /** The table as it must be; when the test fails, this is what to put there. */
  private static String table() {
    return "| package | what lives here |\n|---|---|\n"
        + Sources.all().stream()
            .filter(Source::isPackageInfo)
            .sorted(
                Comparator.comparingInt(ArchitectureMapTest::floor)
                    .thenComparing(Source::packageName))
            .map(ArchitectureMapTest::row)
            .collect(Collectors.joining());
  }

  /** Libraries from the lowest up, then what only knows them. */
  private static int floor(Source source) {
    int module = Sources.MODULES.indexOf(source.module());
    return module < 0 ? Sources.MODULES.size() : module;
  }

  private static String row(Source info) {
    Path folder = Sources.root().relativize(info.path().getParent());
    return "| [`%s`](../%s) | %s |\n"
        .formatted(
            info.packageName().replaceFirst("dev\\.peregrine\\.", ""),
            folder.toString().replace('\\', '/'),
            label(info));
  }

  private static String label(Source info) {
    Matcher comment = COMMENT.matcher(info.text());
    assertThat(comment.find()).as("%s begins with a comment", info).isTrue();
    String text = comment.group(1).replaceAll("\\s*\\n \\* ?", " ").strip();
    Matcher sentence = FIRST_SENTENCE.matcher(text);
    assertThat(sentence.find()).as("%s begins with a sentence", info).isTrue();
    return INLINE_TAG
        .matcher(sentence.group(1))
        .replaceAll(tag -> {
          String name = tag.group(2).strip();
          return "`"
              + (tag.group(1).equals("link") ? name.substring(name.lastIndexOf('.') + 1) : name)
              + "`";
        });
  }
}
