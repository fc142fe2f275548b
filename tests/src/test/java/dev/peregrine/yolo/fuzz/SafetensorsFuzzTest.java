package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.nn.io.Safetensors;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a safetensors file. */
class SafetensorsFuzzTest {
  static Stream<byte[]> seeds() {
    return Stream.of(
        file(
            """
            {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}
            """,
            16),
        file(
            """
            {"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},\
            "b":{"dtype":"BF16","shape":[],"data_offsets":[6,8]},\
            "d":{"dtype":"F64","shape":[1,1],"data_offsets":[8,16]},\
            "i":{"dtype":"I32","shape":[0,7],"data_offsets":[16,16]},\
            "l":{"dtype":"I64","shape":[1],"data_offsets":[16,24]}}\
            """,
            24));
  }

  private static byte[] file(String header, int numbers) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
    out.writeBytes(text);
    out.writeBytes(new byte[numbers]);
    return out.toByteArray();
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] file) {
    Laws.hold(file.length, 300, 1 << 18, () -> Safetensors.parse("evil.safetensors", file));
  }
}
