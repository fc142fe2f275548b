package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.darknet.CfgFile;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a darknet cfg. */
class CfgFuzzTest {
  static Stream<byte[]> seeds() {
    return Seeds.of(Seeds.CFG, Seeds.CLASSIFIER, Seeds.TINY);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] file) {
    String text = new String(file, StandardCharsets.UTF_8);
    Laws.hold(file.length, 1000, 1 << 20, () -> read(text));
  }

  private static void read(String text) {
    CfgFile cfg = CfgFile.parse(text, "evil.cfg");
    long parameters = cfg.parameters();
    if (parameters < 0 || cfg.storedFloats() < parameters || !(cfg.bflops() >= 0)) {
      throw new AssertionError("counts less than nothing: " + parameters);
    }
    CfgFile again = CfgFile.parse(cfg.toText(), "evil.cfg");
    if (again.layers().size() != cfg.layers().size()) {
      throw new AssertionError("does not read back what it writes");
    }
  }
}
