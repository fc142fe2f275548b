package dev.peregrine.yolo.torch;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes pickles of protocol 2 by hand, so that tests know every byte. */
public final class PickleBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public PickleBytes() {
    code(0x80, 2);
  }

  public PickleBytes code(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  public PickleBytes raw(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  public PickleBytes little(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> (8 * i)));
    }
    return this;
  }

  public PickleBytes text(String text) {
    return code('X').little(text.getBytes(StandardCharsets.UTF_8).length, 4).raw(text);
  }

  public PickleBytes number(long value) {
    return value >= 0 && value < 256 ? code('K', (int) value) : code(0x8a, 8).little(value, 8);
  }

  public PickleBytes name(String module, String name) {
    return code('c').raw(module + "\n" + name + "\n");
  }

  public PickleBytes numbers(long... values) {
    code('(');
    for (long value : values) {
      number(value);
    }
    return code('t');
  }

  /** The persistent id of a storage. */
  public PickleBytes storage(String key, String type, long elements) {
    return code('(')
        .text("storage")
        .name("torch", type)
        .text(key)
        .text("cpu")
        .number(elements)
        .code('t', 'Q');
  }

  /** A tensor that views a storage. */
  public PickleBytes tensor(
      String key, String type, long elements, long offset, long[] shape, long[] strides) {
    return name("torch._utils", "_rebuild_tensor_v2")
        .code('(')
        .storage(key, type, elements)
        .number(offset)
        .numbers(shape)
        .numbers(strides)
        .code(0x89)
        .name("collections", "OrderedDict")
        .code(')', 'R', 't', 'R');
  }

  /** A tensor that is the whole of a storage. */
  public PickleBytes vector(String key, String type, long elements) {
    return tensor(key, type, elements, 0, new long[] {elements}, new long[] {1});
  }

  public byte[] end() {
    return code('.').bytes();
  }

  public byte[] bytes() {
    return out.toByteArray();
  }
}
