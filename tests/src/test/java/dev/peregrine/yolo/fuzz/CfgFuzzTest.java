package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.darknet.CfgFile;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a darknet cfg. */
class CfgFuzzTest {
  static Stream<byte[]> seeds() {
    return Seeds.of(Seeds.CFG, Seeds.CLASSIFIER, Seeds.TINY);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] file) {
    CfgFile cfg = read(file);
    if (cfg == null) {
      return;
    }
    long parameters = cfg.parameters();
    if (parameters < 0 || cfg.storedFloats() < parameters || !(cfg.bflops() >= 0)) {
      throw new AssertionError("counts less than nothing: " + parameters);
    }
    CfgFile again = read(cfg.toText().getBytes(StandardCharsets.UTF_8));
    if (again == null || again.layers().size() != cfg.layers().size()) {
      throw new AssertionError("does not read back what it writes");
    }
  }

  /** The network of a file; null for one that is refused. */
  private static @Nullable CfgFile read(byte[] file) {
    String text = new String(file, StandardCharsets.UTF_8);
    AtomicReference<@Nullable CfgFile> cfg = new AtomicReference<>();
    Laws.hold(file.length, 1500, 1 << 20, () -> cfg.set(CfgFile.parse(text, "evil.cfg")));
    return cfg.get();
  }
}
