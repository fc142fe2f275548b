package dev.peregrine.nn.io;

import dev.peregrine.tensor.FormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * An event file of TensorBoard: numbers over the steps of a run.
 *
 * <p>Made at the first event and only ever added to, a whole record at a time, since readers follow
 * it while it grows; a run that goes on begins another file in the same folder. Its name must
 * contain {@code tfevents}.
 *
 * <p><b>Formula</b> a record is 8 bytes of length, their checksum, the event, its checksum, little
 * endian; a checksum is CRC-32C c, kept as {@code (c rotated right by 15) + 0xa282ead8}. An event
 * is a protocol buffer of time (field 1, a double), step (2), and the file's version (3) or a
 * summary (5), whose values (1) have a tag (1) and a number (2, a float).
 *
 * <p><b>Source</b> TensorFlow, {@code event.proto}, {@code summary.proto}, {@code record_writer.h}.
 */
public final class EventFile {
  private static final int MASK = 0xa282ead8;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final Path file;
  private boolean begun;

  /**
   * Names the file.
   *
   * @param file where events go; new, in a folder that exists by the first event
   */
  public EventFile(Path file) {
    this.file = file;
  }

  /**
   * Adds the numbers of a step, at the present time.
   *
   * <p><b>Errors</b> {@link FormatException} if the file cannot be written.
   *
   * @param step of the run
   * @param scalars numbers by tag; kept as floats
   */
  public void add(long step, Map<String, Double> scalars) {
    Message summary = new Message();
    scalars.forEach((tag, number) ->
        summary.field(1, new Message().field(1, tag).field(2, number.floatValue())));
    try {
      if (!begun) {
        append(event().field(3, "brain.Event:2"));
        begun = true;
      }
      append(event().field(2, step).field(5, summary));
    } catch (IOException failure) {
      throw new FormatException(file + ": no event can be added: " + failure, failure);
    }
  }

  private static Message event() {
    return new Message().field(1, System.currentTimeMillis() / 1e3);
  }

  private void append(Message event) throws IOException {
    byte[] content = event.bytes.toByteArray();
    ByteBuffer record = ByteBuffer.allocate(content.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(content.length).putInt(checksum(record.array(), 8)).put(content);
    record.putInt(checksum(content, content.length));
    Files.write(file, record.array(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static int checksum(byte[] bytes, int count) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, count);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  /** A protocol buffer that is being written. */
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Message field(int number, long value) {
      key(number, VARINT);
      varint(value);
      return this;
    }

    Message field(int number, double value) {
      key(number, FIXED64);
      little(Double.doubleToRawLongBits(value), Double.BYTES);
      return this;
    }

    Message field(int number, float value) {
      key(number, FIXED32);
      little(Float.floatToRawIntBits(value), Float.BYTES);
      return this;
    }

    Message field(int number, String text) {
      return field(number, text.getBytes(StandardCharsets.UTF_8));
    }

    Message field(int number, Message inner) {
      return field(number, inner.bytes.toByteArray());
    }

    private Message field(int number, byte[] content) {
      key(number, BYTES);
      varint(content.length);
      bytes.writeBytes(content);
      return this;
    }

    private void key(int number, int type) {
      varint((long) number << 3 | type);
    }

    private void varint(long value) {
      long rest = value;
      for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
        bytes.write((int) (rest & 0x7F | 0x80));
      }
      bytes.write((int) rest);
    }

    private void little(long value, int count) {
      for (int i = 0; i < count; i++) {
        bytes.write((int) (value >>> 8 * i));
      }
    }
  }
}
