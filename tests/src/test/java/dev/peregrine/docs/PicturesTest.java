package dev.peregrine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/pictures.md} names the command of every picture. */
class PicturesTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| \\[[^]]+]\\(([^)]+)\\) \\| `([^`]+)` \\| (.*) \\|$");
  private static final Pattern PICTURE = Pattern.compile(".*\\.(jpg|png|svg)");

  @TempDir Path folder;

  /** By file, the command that draws it and what is compared. */
  private static Map<Path, List<String>> rows() {
    Page page = Page.read(Sources.root().resolve("docs/pictures.md"));
    Map<Path, List<String>> rows = new TreeMap<>();
    Matcher row = ROW.matcher(page.text());
    while (row.find()) {
      Path file = page.file().resolveSibling(row.group(1)).normalize();
      rows.put(file, List.of(row.group(2), row.group(3)));
    }
    return rows;
  }

  @Test
  void everyPictureHasItsCommand() throws IOException {
    List<Path> pictures = new ArrayList<>();
    for (String place : List.of("docs", "yolov4/src/main/resources")) {
      try (Stream<Path> files = Files.walk(Sources.root().resolve(place))) {
        files
            .filter(file -> PICTURE.matcher(file.getFileName().toString()).matches())
            .filter(file -> !file.toString().contains("/target/"))
            .forEach(pictures::add);
      }
    }
    assertThat(rows().keySet()).containsExactlyInAnyOrderElementsOf(pictures);
  }

  /** So that the keys of each command are checked, and those of the book are run. */
  @Test
  void everyCommandStandsOnAPage() {
    List<String> shown =
        Page.all().stream()
            .flatMap(page -> page.blocks().stream())
            .filter(block -> block.language().startsWith("sh"))
            .flatMap(block -> block.text().lines())
            .map(line -> line.replaceFirst(" *\\\\$", "").strip())
            .toList();
    rows().forEach((file, row) -> assertThat(shown).as(file.toString()).contains(row.getFirst()));
  }

  /** What is said to be compared stands in a chapter, whose commands are run. */
  @Test
  void whatIsComparedIsRun() {
    List<String> run =
        Page.chapters().stream()
            .flatMap(page -> page.blocks().stream())
            .filter(block -> block.language().equals("sh"))
            .flatMap(block -> block.text().lines())
            .toList();
    rows()
        .forEach((file, row) ->
            assertThat(run.contains(row.getFirst()))
                .as(file.toString())
                .isEqualTo(row.get(1).equals("yes")));
  }

  @Test
  void theBloodIsCutOutOfTheDataSet() throws IOException {
    Path whole = Reference.require("datasets/bccd/images/BloodImage_00029.jpg");
    Path blood = Sources.root().resolve("docs/blood.jpg");
    String[] words = rows().get(blood).getFirst().split(" ", -1);
    Path cut = folder.resolve("blood.jpg");
    CutOut.main(
        Stream.concat(Stream.of(whole.toString(), cut.toString()), Stream.of(words).skip(4))
            .toArray(String[]::new));
    Image one = Images.read(cut);
    Image other = Images.read(blood);
    assertThat(one.width()).isEqualTo(other.width());
    assertThat(one.height()).isEqualTo(other.height());
    double sum = 0;
    for (int i = 0; i < one.rgb().length; i++) {
      sum += Math.abs(one.rgb()[i] - other.rgb()[i]);
    }
    assertThat(sum / one.rgb().length).isLessThan(0.01);
  }
}
