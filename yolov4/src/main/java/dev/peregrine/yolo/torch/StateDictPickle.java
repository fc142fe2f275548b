package dev.peregrine.yolo.torch;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The pickle of a dict of tensors, to the byte as PyTorch writes it: what occurs again is taken
 * from the memo, and items come in batches.
 */
final class StateDictPickle {
  private static final int BATCH = 1000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Texts and names that were written, by what stands for them. */
  private final Map<String, Integer> memo = new HashMap<>();

  private int remembered;

  private StateDictPickle() {}

  /** Storages get the keys 0, 1, ... in the order of the tensors. */
  static byte[] of(Map<String, TorchTensor> tensors) {
    StateDictPickle pickle = new StateDictPickle();
    pickle.code(0x80, 2, '}');
    pickle.remember();
    pickle.items(tensors);
    pickle.code('.');
    return pickle.out.toByteArray();
  }

  private void items(Map<String, TorchTensor> tensors) {
    int key = 0;
    for (Map.Entry<String, TorchTensor> entry : tensors.entrySet()) {
      if (key % BATCH == 0 && tensors.size() > 1) {
        code('(');
      }
      text(entry.getKey());
      remember();
      tensor(entry.getValue(), key++);
      if (key % BATCH == 0) {
        code('u');
      }
    }
    switch (tensors.size()) {
      case 0 -> {}
      case 1 -> code('s');
      default -> {
        // A full batch is followed by one more, even if that is empty.
        if (key % BATCH == 0) {
          code('(');
        }
        code('u');
      }
    }
  }

  private void tensor(TorchTensor tensor, int key) {
    name("torch._utils", "_rebuild_tensor_v2");
    code('(', '(');
    word("storage");
    name("torch", tensor.type().storage());
    text(String.valueOf(key));
    remember();
    word("cpu");
    whole(tensor.elements());
    code('t');
    remember();
    code('Q');
    whole(0);
    tuple(widened(tensor.shape()));
    tuple(TorchTensor.dense(tensor.shape()));
    code(0x89);
    name("collections", "OrderedDict");
    code(')', 'R');
    remember();
    code('t');
    remember();
    code('R');
    remember();
  }

  private static long[] widened(int[] values) {
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = values[i];
    }
    return longs;
  }

  private void code(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
  }

  private void little(long value, int count) {
    for (int i = 0; i < count; i++) {
      out.write((int) (value >>> (8 * i)));
    }
  }

  private void numbered(int index, int small, int large) {
    code(index < 256 ? small : large);
    little(index, index < 256 ? 1 : 4);
  }

  /** Gives the value on top of the stack the next number. */
  private void remember() {
    numbered(remembered++, 'q', 'r');
  }

  /** Takes something from the memo, or has it written and remembered. */
  private void once(String what, Runnable writing) {
    Integer index = memo.get(what);
    if (index != null) {
      numbered(index, 'h', 'j');
      return;
    }
    writing.run();
    memo.put(what, remembered);
    remember();
  }

  private void name(String module, String name) {
    String text = module + "\n" + name + "\n";
    once(
        text,
        () -> {
          code('c');
          out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        });
  }

  private void word(String word) {
    once(word, () -> text(word));
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    code('X');
    little(bytes.length, 4);
    out.writeBytes(bytes);
  }

  private void whole(long value) {
    if (value < 1 << 8) {
      code('K');
      little(value, 1);
    } else if (value < 1 << 16) {
      code('M');
      little(value, 2);
    } else if (value <= Integer.MAX_VALUE) {
      code('J');
      little(value, 4);
    } else {
      // One byte of the sign is enough: such numbers stay far below 2^56.
      code(0x8a, 8);
      little(value, 8);
    }
  }

  private void tuple(long[] values) {
    if (values.length == 0) {
      code(')');
      return;
    }
    if (values.length > 3) {
      code('(');
    }
    for (long value : values) {
      whole(value);
    }
    switch (values.length) {
      case 1 -> code(0x85);
      case 2 -> code(0x86);
      case 3 -> code(0x87);
      default -> code('t');
    }
    remember();
  }
}
