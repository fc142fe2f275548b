package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.data.ClassNames;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as class names. */
class NamesFuzzTest {
  static Stream<byte[]> seeds() {
    return Seeds.of("cat\ndog\n", "\uFEFFa b\r\nc\r\n\r\n", "a\n\nb", "");
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] bytes) {
    Path file = Scratch.write(".names", bytes);
    Laws.hold(
        bytes.length,
        100,
        1 << 16,
        () -> {
          List<String> names = ClassNames.read(file);
          if (names.isEmpty() || names.stream().anyMatch(String::isBlank)) {
            throw new AssertionError("gives a class without a name");
          }
        });
  }
}
