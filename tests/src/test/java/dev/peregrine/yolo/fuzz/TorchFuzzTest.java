package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.torch.Checkpoints;
import dev.peregrine.yolo.torch.TorchFile;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a PyTorch checkpoint, in either container. */
class TorchFuzzTest {
  static Stream<byte[]> seeds() {
    byte[] numbers = Checkpoints.bytes(ByteOrder.LITTLE_ENDIAN, 1, 2, 3, 4);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("data.pkl", PickleFuzzTest.network());
    entries.put("byteorder", "little".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    entries.put("data/0", numbers);
    return Stream.of(
        Checkpoints.zip(entries),
        Checkpoints.packed(entries),
        Checkpoints.legacy(
            PickleFuzzTest.network(), ByteOrder.LITTLE_ENDIAN, Map.of("0", numbers), 4),
        Checkpoints.legacy(
            PickleFuzzTest.stateDict(),
            ByteOrder.BIG_ENDIAN,
            Map.of("0", Checkpoints.bytes(ByteOrder.BIG_ENDIAN, 1, 2, 3, 4)),
            4));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] file) {
    Laws.hold(file.length, 300, 1 << 18, () -> TorchFile.parse("evil.pt", file).arrays());
  }
}
