package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.WeightsFile;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a cfg, a zero, and the darknet weights that shall belong to it. */
class WeightsFuzzTest {
  static Stream<byte[]> seeds() {
    return Stream.of(
        file(Seeds.TINY, 0, 2, 4),
        file(Seeds.TINY, 0, 1, 4),
        file(Seeds.TINY + "[shortcut]\nfrom=-1\nweights_type=per_channel\n", 0, 2, 8),
        file(Seeds.TINY + "[conv]\nfilters=3\nbatch_normalize=1\nactivation=mish\n", 0, 2, 22),
        file(Seeds.TINY + "[conv]\nfilters=3\nbatch_normalize=1\nactivation=mish\n", 0, 2, 4),
        file(Seeds.TINY.replace("filters=2", "filters=2000000000"), 0, 2, 4));
  }

  private static byte[] file(String cfg, int major, int minor, int floats) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(cfg.getBytes(StandardCharsets.UTF_8));
    out.write(0);
    WeightsFile.Header header = new WeightsFile.Header(major, minor, 0, 7);
    ByteBuffer weights =
        ByteBuffer.allocate(header.bytes() + 4 * floats).order(ByteOrder.LITTLE_ENDIAN);
    out.writeBytes(weights.putInt(major).putInt(minor).array());
    return out.toByteArray();
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] file) {
    int end = 0;
    while (end < file.length && file[end] != 0) {
      end++;
    }
    CfgFile cfg;
    try {
      cfg = CfgFile.parse(new String(file, 0, end, StandardCharsets.UTF_8), "evil.cfg");
    } catch (FormatException _) {
      // Another test is about that.
      return;
    }
    byte[] weights = Arrays.copyOfRange(file, Math.min(end + 1, file.length), file.length);
    // Sums over the layers of the cfg are made of streams.
    long base = (1 << 16) + 1000L * cfg.layers().size();
    for (boolean partial : new boolean[] {false, true}) {
      Laws.hold(
          weights.length,
          50,
          base,
          () -> WeightsFile.parse("evil.weights", weights, cfg, partial, _ -> {}));
    }
  }
}
