package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.yaml.YamlFile;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a network's description of the P-family. */
class YamlFuzzTest {
  static Stream<byte[]> seeds() {
    return Seeds.of(Seeds.YAML);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] file) {
    YamlFile yaml = read(file);
    if (yaml != null) {
      YamlFile again = read(yaml.toText().getBytes(StandardCharsets.UTF_8));
      if (again == null || !again.rowTexts().equals(yaml.rowTexts())) {
        throw new AssertionError("does not read back what it writes");
      }
    }
  }

  /** The description in a file; null for one that is refused. */
  private static @Nullable YamlFile read(byte[] file) {
    String text = new String(file, StandardCharsets.UTF_8);
    AtomicReference<@Nullable YamlFile> yaml = new AtomicReference<>();
    Laws.hold(file.length, 2000, 1 << 20, () -> yaml.set(YamlFile.parse(text, "evil.yaml")));
    return yaml.get();
  }
}
