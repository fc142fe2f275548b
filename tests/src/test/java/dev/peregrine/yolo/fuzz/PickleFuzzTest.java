package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.torch.Checkpoints;
import dev.peregrine.yolo.torch.PickleBytes;
import dev.peregrine.yolo.torch.TorchFile;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as the pickle of a PyTorch checkpoint, in a sound archive: no fuzzer guesses the
 * checksums of one.
 */
class PickleFuzzTest {
  private static final String FLOAT = "FloatStorage";

  static Stream<byte[]> seeds() {
    return Stream.of(network(), stateDict(), values(), hostile());
  }

  /** A network with parameters, buffers and a module in it. */
  static byte[] network() {
    return new PickleBytes()
        .code('}', 'q', 0, '(')
        .text("model")
        .name("models", "Net")
        .code(')', 0x81, '}', '(')
        .text("_parameters")
        .code('}')
        .text("w")
        .tensor("0", FLOAT, 4, 0, new long[] {2, 2}, new long[] {2, 1})
        .code('s')
        .text("_buffers")
        .name("collections", "OrderedDict")
        .code(')', 'R')
        .text("_non_persistent_buffers_set")
        .name("builtins", "set")
        .code(']')
        .text("b")
        .code('a', 0x85, 'R')
        .text("_modules")
        .code('}')
        .text("m")
        .name("torch.nn", "Module")
        .code(')', 0x81, '}')
        .text("_modules")
        .code('}', 's', 'b', 's', 'u', 'b', 'u')
        .end();
  }

  /** Two views of one storage, and a parameter. */
  static byte[] stateDict() {
    return new PickleBytes()
        .name("collections", "OrderedDict")
        .code(')', 'R', 'q', 1, '(')
        .text("a.weight")
        .tensor("0", FLOAT, 4, 1, new long[] {3}, new long[] {1})
        .text("a.bias")
        .name("torch._utils", "_rebuild_parameter")
        .vector("0", FLOAT, 4)
        .code(0x88, '}', 0x87, 'R', 'u')
        .end();
  }

  /** All instructions that push something. */
  private static byte[] values() {
    return new PickleBytes()
        .code(0x95)
        .little(100, 8)
        .code(']', 0x94, '(', 'N', 0x88, 0x89, 'J', 1, 2, 3, 4, 'K', 5, 'M', 6, 7)
        .code('G', 0x40, 9, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18, 0x8a, 1, 0xff)
        .code(0x8b, 2, 0, 0, 0, 1, 1, 'T', 1, 0, 0, 0, 'a', 'U', 1, 'b', 0x8c, 1, 'c')
        .code(0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 'd', 'B', 1, 0, 0, 0, 'e', 'C', 1, 'f')
        .code(0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 'g', 0x96, 1, 0, 0, 0, 0, 0, 0, 0, 'h')
        .code('}', ']', ')', 'e', 0x8f, '(', 'K', 1, 0x90, '(', 'K', 2, 0x91, 0x86, '2', '0', '0')
        .code('(', '1', 'h', 0, 'j', 0, 0, 0, 0, '0', '0', 'N', 0x85, 'r', 1, 0, 0, 0)
        .code('0', 0x8c, 1, 'm', 0x8c, 1, 'n', 0x93, ')', '}', 0x92, '0')
        .end();
  }

  /** Names that Python would import and call. */
  private static byte[] hostile() {
    return new PickleBytes()
        .code('}')
        .text("x")
        .name("dev.peregrine.yolo.fuzz", "Trap")
        .code(')', 'R', 's')
        .text("y")
        .name("", "dev.peregrine.yolo.fuzz.Trap")
        .code(')', 0x81, 's')
        .text("w")
        .vector("0", FLOAT, 4)
        .code('s')
        .end();
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] pickle) {
    byte[] numbers = Checkpoints.bytes(ByteOrder.LITTLE_ENDIAN, 1, 2, 3, 4);
    byte[] file = Checkpoints.zip(pickle, Map.of("0", numbers, "1", new byte[8]));
    Laws.hold(file.length, 300, 1 << 18, () -> TorchFile.parse("evil.pt", file).arrays());
  }
}
