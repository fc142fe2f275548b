package dev.peregrine.yolo.fuzz;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The laws of the fuzz targets for files that are too large to be good seeds. Each was once read in
 * a memory or a time that grew with the square of its length, or exhausted the stack.
 */
class LargeFilesTest {
  static Stream<byte[]> cfgs() {
    return Seeds.of(
        "[net]\n" + "k".repeat(20_000) + "=1\n",
        "[" + "s".repeat(5_000) + "]\n" + "a=1\n".repeat(5_000),
        Seeds.TINY + "x".repeat(20_000),
        "[net]" + "\n".repeat(20_000),
        Seeds.TINY + "[conv]\n".repeat(3_000));
  }

  @ParameterizedTest
  @MethodSource("cfgs")
  void cfg(byte[] file) {
    new CfgFuzzTest().reads(file);
  }

  static Stream<byte[]> yamls() {
    String three = "nc: 1\ndepth_multiple: 1\nwidth_multiple: 1\n";
    return Seeds.of(
        // Closing brackets that count for nothing, before as many that open.
        "# " + "]".repeat(20_000) + "\n" + "[".repeat(20_000),
        // One list, read again for each of its names.
        three
            + ("anchors: [&a [1" + ",1".repeat(29_999) + "]" + ",*a".repeat(50) + "]\n")
            + "backbone: []\nhead: []\n",
        three
            + "anchors: []\nhead: []\nbackbone:\n  [[-1, 1, Conv, [1]],\n"
            + ("   [&a [0" + ",0".repeat(29_999) + "], 1, Concat, [1]],\n")
            + ("   [*a, 1, Concat, [1]],\n".repeat(50) + "  ]\n"));
  }

  @ParameterizedTest
  @MethodSource("yamls")
  void yaml(byte[] file) {
    new YamlFuzzTest().reads(file);
  }

  static Stream<byte[]> configs() {
    return Seeds.of(
        "nc: " + "9".repeat(100_000),
        "[".repeat(20_000),
        "classes = 1\ntrain = " + "p".repeat(20_000));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void dataConfig(byte[] file) {
    new DataFuzzTest().reads(file);
  }

  static Stream<byte[]> labels() {
    return Seeds.of("x\n".repeat(20_000), "1".repeat(20_000) + " 0 0 0 0");
  }

  @ParameterizedTest
  @MethodSource("labels")
  void labels(byte[] file) {
    new LabelsFuzzTest().reads(file);
  }
}
