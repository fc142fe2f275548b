package dev.peregrine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import dev.peregrine.docs.Page.Block;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Images;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import snippets.Derivative;
import snippets.Detect;
import snippets.Settings;

/** The code that the README shows is compiled, and prints what the README shows. */
class ReadmeTest {
  private static final Pattern REGION =
      Pattern.compile("(?m)^\\s*// @start region=\"(\\w+)\"\\n(.*?)^\\s*// @end$", Pattern.DOTALL);

  @TempDir Path folder;

  private static List<Block> blocks() {
    return Page.read(Sources.root().resolve("README.md")).blocks();
  }

  private static Map<String, String> regions() throws IOException {
    Map<String, String> regions = new TreeMap<>();
    try (Stream<Path> files = Files.list(Sources.root().resolve("tests/src/test/java/snippets"))) {
      for (Path file : files.sorted().toList()) {
        Matcher region = REGION.matcher(Files.readString(file));
        while (region.find()) {
          regions.put(region.group(1), region.group(2).stripTrailing().stripIndent() + "\n");
        }
      }
    }
    return regions;
  }

  /** What the README shows as printed by a region: the text block behind it. */
  private static String shownOutput(String region) throws IOException {
    List<Block> blocks = blocks();
    List<String> texts = blocks.stream().map(Block::text).toList();
    int code = texts.indexOf(regions().get(region));
    assertThat(code).as("the README shows the region '%s'", region).isNotNegative();
    Block output = blocks.get(code + 1);
    assertThat(output.language()).isEqualTo("text");
    return output.text();
  }

  @Test
  void everyShownProgramIsCompiled() throws IOException {
    List<String> shown =
        blocks().stream().filter(b -> b.language().equals("java")).map(Block::text).toList();
    assertThat(shown)
        .as("java blocks of the README against the regions in tests/src/test/java/snippets")
        .containsExactlyInAnyOrderElementsOf(regions().values());
  }

  @Test
  void theVocabularyIsAsLargeAsTold() throws IOException {
    int size = Op.class.getPermittedSubclasses().length;
    assertThat(Files.readString(Sources.root().resolve("README.md")))
        .contains("the " + size + " operations");
    assertThat(Files.readString(Sources.root().resolve("docs/ARCHITECTURE.md")))
        .contains(size + " records");
  }

  @Test
  void detectPrintsWhatIsShown() throws IOException {
    Path checkpoint = RedSquares.writeCheckpoint(folder);
    Path picture = RedSquares.writePicture(folder);
    String printed =
        printedBy(() -> Detect.main(new String[] {checkpoint.toString(), picture.toString()}));
    assertThat(printed).isEqualTo(shownOutput("detect"));
  }

  @Test
  void settingsTakeEffect() throws IOException {
    RedSquares.writeDarknet(folder);
    Path picture = RedSquares.writePicture(folder);
    Detector detector = Settings.load(folder.resolve("red.cfg"), folder.resolve("red.weights"));
    assertThat(detector.detect(Images.read(picture)))
        .extracting(Detection::toString)
        .containsExactly("class 0 0.96 [64, 128, 128, 192] px");
    assertThat(detector.confidence(0.25).detect(Images.read(picture))).hasSize(2);
  }

  @Test
  void derivativePrintsWhatIsShown() throws IOException {
    assertThat(printedBy(() -> Derivative.main(new String[0])))
        .isEqualTo(shownOutput("derivative"));
  }

  private static String printedBy(Runnable program) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream capture = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(capture);
      program.run();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
