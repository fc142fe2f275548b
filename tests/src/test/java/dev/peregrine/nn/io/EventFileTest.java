package dev.peregrine.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files are read back here by the formats' descriptions alone, checksums bit by bit. */
class EventFileTest {
  @TempDir Path folder;

  @Test
  void recordsAreWhatTensorBoardReads() throws IOException {
    Path file = folder.resolve("events.out.tfevents.1.x");
    Map<String, Double> first = new LinkedHashMap<>();
    first.put("train/box_loss", 0.1);
    first.put("metrics/mAP50(B)", 1e-9);
    EventFile events = new EventFile(file);
    assertThat(file).doesNotExist();
    events.add(1, first);
    events.add(300, Map.of("lr/pg0", -2.5));
    double now = System.currentTimeMillis() / 1e3;

    List<byte[]> records = records(Files.readAllBytes(file));
    assertThat(records).hasSize(3);
    assertThat(new String(bytes(fields(records.get(0)), 3), StandardCharsets.UTF_8))
        .isEqualTo("brain.Event:2");
    assertThat(scalars(records.get(1)))
        .containsExactly(Map.entry("train/box_loss", 0.1f), Map.entry("metrics/mAP50(B)", 1e-9f));
    assertThat(scalars(records.get(2))).containsExactly(Map.entry("lr/pg0", -2.5f));
    assertThat(fields(records.get(1)).get(2)).isEqualTo(List.of(1L));
    assertThat(fields(records.get(2)).get(2)).isEqualTo(List.of(300L));
    double time = Double.longBitsToDouble((Long) fields(records.get(2)).get(1).getFirst());
    assertThat(time).isCloseTo(now, within(60.0));
  }

  /** The check value of CRC-32C, and the mask of its description by hand. */
  @Test
  void theChecksumOfThisTestIsRight() {
    assertThat(crc("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xE3069283);
  }

  private static List<byte[]> records(byte[] file) {
    ByteBuffer left = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (left.hasRemaining()) {
      byte[] length = new byte[8];
      left.get(length);
      assertThat(left.getInt()).as("checksum of a length").isEqualTo(masked(crc(length)));
      byte[] content =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      left.get(content);
      assertThat(left.getInt()).as("checksum of a record").isEqualTo(masked(crc(content)));
      records.add(content);
    }
    return records;
  }

  private static int masked(int crc) {
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  private static int crc(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82F63B78;
      }
    }
    return ~crc;
  }

  private static Map<String, Float> scalars(byte[] event) {
    Map<String, Float> scalars = new LinkedHashMap<>();
    for (Object value : fields(bytes(fields(event), 5)).get(1)) {
      Map<Integer, List<Object>> one = fields((byte[]) value);
      scalars.put(
          new String(bytes(one, 1), StandardCharsets.UTF_8),
          Float.intBitsToFloat((Integer) one.get(2).getFirst()));
    }
    return scalars;
  }

  private static byte[] bytes(Map<Integer, List<Object>> fields, int number) {
    return (byte[]) fields.get(number).getFirst();
  }

  /** The fields of a protocol buffer, as numbers and bytes. */
  private static Map<Integer, List<Object>> fields(byte[] message) {
    ByteBuffer left = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, List<Object>> fields = new LinkedHashMap<>();
    while (left.hasRemaining()) {
      long key = varint(left);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(left);
            case 1 -> left.getLong();
            case 2 -> {
              byte[] content = new byte[(int) varint(left)];
              left.get(content);
              yield content;
            }
            case 5 -> left.getInt();
            default -> throw new IllegalArgumentException("wire type of key " + key);
          };
      fields.computeIfAbsent((int) (key >> 3), _ -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static long varint(ByteBuffer left) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = left.get();
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }
}
