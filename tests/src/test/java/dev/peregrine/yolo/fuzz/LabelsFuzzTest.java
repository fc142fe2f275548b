package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.LabelFile;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as the labels of a picture. */
class LabelsFuzzTest {
  private static final int CLASSES = 80;

  static Stream<byte[]> seeds() {
    return Seeds.of(
        "0 0.5 0.5 0.25 0.25\n79 .1 .1 .2 .2\n",
        "1 0.9995 0.5 0.002 1e-1\r\n\r\n1 0.9995 0.5 0.002 1e-1",
        "80 0 0 1 1\n-1 a b c d\n0 1 1\n0 NaN 0 0 0\n0 5 5 3 3\n");
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] bytes) {
    Path file = Scratch.write(".txt", bytes);
    Laws.hold(
        bytes.length,
        300,
        1 << 23,
        () -> {
          for (Label label : LabelFile.read(file, CLASSES).labels()) {
            if (label.classIndex() < 0
                || label.classIndex() >= CLASSES
                || !(label.width() > 0)
                || !(label.height() > 0)
                || !(label.left() >= -LabelFile.TOLERANCE)
                || !(label.bottom() <= 1 + LabelFile.TOLERANCE)) {
              throw new AssertionError("accepts " + label);
            }
          }
        });
  }
}
