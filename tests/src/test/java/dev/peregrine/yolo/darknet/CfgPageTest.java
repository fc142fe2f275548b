package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of cfg keys that change nothing, or must not change, says what the reader does. */
class CfgPageTest {
  private static final Pattern KEY = Pattern.compile("`([^`]+)`");

  /** For each section what a table of the page says of it. */
  private static Map<String, TreeSet<String>> table(String name) throws IOException {
    String page = Files.readString(Sources.root().resolve("docs/cfg.md"));
    Matcher found =
        Pattern.compile("<!-- " + name + ":[^>]*-->\n(.*?)<!-- end -->", Pattern.DOTALL)
            .matcher(page);
    assertThat(found.find()).as("docs/cfg.md has a table of " + name).isTrue();
    Map<String, TreeSet<String>> sections = new TreeMap<>();
    CfgKeys.sections().forEach(section -> sections.put(section, new TreeSet<>()));
    found
        .group(1)
        .lines()
        .skip(2)
        .forEach(row -> {
          String[] cells = row.split("\\|", -1);
          assertThat(cells[3].strip()).as("a reason in " + row).isNotEmpty();
          TreeSet<String> keys = new TreeSet<>();
          KEY.matcher(cells[2]).results().forEach(key -> keys.add(key.group(1)));
          if (cells[1].strip().equals("every layer")) {
            sections.forEach((section, all) -> {
              if (!section.equals("net")) {
                all.addAll(keys);
              }
            });
          } else {
            KEY.matcher(cells[1])
                .results()
                .forEach(section ->
                    sections.get(section.group(1).replaceAll("[\\[\\]]", "")).addAll(keys));
          }
        });
    return sections;
  }

  @Test
  void keysWithoutEffect() throws IOException {
    Map<String, TreeSet<String>> told = table("without effect");
    for (String section : CfgKeys.sections()) {
      assertThat(told.get(section))
          .as(section)
          .isEqualTo(new TreeSet<>(CfgKeys.of(section).withoutEffect()));
    }
  }

  @Test
  void keysThatMustStay() throws IOException {
    Map<String, TreeSet<String>> told = table("default only");
    for (String section : CfgKeys.sections()) {
      TreeSet<String> refused = new TreeSet<>();
      CfgKeys.Known known = CfgKeys.of(section);
      known.defaultOnly().forEach((key, value) -> refused.add(key + "=" + value));
      TreeSet<String> said = told.get(section);
      said.removeIf(text -> known.read().contains(text.replaceFirst("=.*", "")));
      assertThat(said).as(section).isEqualTo(refused);
    }
  }
}
