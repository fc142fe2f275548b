package dev.peregrine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every file that a page of the project points to is there. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)(?:#[^)]*)?\\)");

  @Test
  void linksLeadSomewhere() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Sources.root().resolve("README.md")));
    pages.add(Sources.root().resolve("CHANGELOG.md"));
    try (Stream<Path> docs = Files.walk(Sources.root().resolve("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        String target = link.group(1);
        links++;
        if (!target.contains("://") && !Files.exists(page.resolveSibling(target))) {
          broken.add(Sources.root().relativize(page) + " -> " + target);
        }
      }
    }
    assertThat(links).as("links found").isGreaterThan(50);
    assertThat(broken).as("links to files that do not exist").isEmpty();
  }

  /** The index of the documentation leads to each of its pages. */
  @Test
  void everyPageIsListed() throws IOException {
    Path docs = Sources.root().resolve("docs");
    String index = Files.readString(docs.resolve("README.md"));
    try (Stream<Path> pages = Files.list(docs)) {
      assertThat(
              pages
                  .map(page -> page.getFileName().toString())
                  .filter(name -> name.endsWith(".md") && !name.equals("README.md"))
                  .filter(name -> !index.contains("](" + name + ")")))
          .as("pages that docs/README.md does not list")
          .isEmpty();
    }
  }
}
