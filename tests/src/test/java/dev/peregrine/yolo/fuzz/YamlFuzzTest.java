package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.yaml.YamlFile;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a network's description of the P-family. */
class YamlFuzzTest {
  static Stream<byte[]> seeds() {
    return Seeds.of(Seeds.YAML);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] file) {
    String text = new String(file, StandardCharsets.UTF_8);
    Laws.hold(file.length, 2000, 1 << 20, () -> read(text));
  }

  private static void read(String text) {
    YamlFile yaml = YamlFile.parse(text, "evil.yaml");
    YamlFile again = YamlFile.parse(yaml.toText(), "evil.yaml");
    if (!again.rowTexts().equals(yaml.rowTexts())) {
      throw new AssertionError("does not read back what it writes");
    }
  }
}
