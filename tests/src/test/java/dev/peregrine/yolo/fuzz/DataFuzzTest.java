package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.data.DataConfig;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as the description of a data set, in both of its forms. */
class DataFuzzTest {
  static Stream<byte[]> seeds() {
    return Seeds.of(
        "path: .\ntrain: images/train\nval: [a.txt, b]\nnc: 2\nnames: [cat, dog]\n",
        "train: a\nnames:\n  0: cat\n  1: 'dog'\n",
        "train: a\nnc: 3\n",
        "train: a\nnames: &a\n  - x\n  - *a\n",
        "classes = 2\ntrain = data/train.txt\n# a comment\nvalid = v.txt\nbackup = b\n",
        "classes=2\nnames=evil.names\ntrain=t\n");
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] bytes) {
    for (String ending : new String[] {".yaml", ".data"}) {
      Path file = Scratch.write(ending, bytes);
      Laws.hold(bytes.length, 2000, 1 << 23, () -> DataConfig.read(file));
    }
  }
}
