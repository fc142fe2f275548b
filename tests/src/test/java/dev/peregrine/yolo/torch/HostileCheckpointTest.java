package dev.peregrine.yolo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.peregrine.tensor.FormatException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are damaged or made to harm: read, or refused by a sentence, at a bounded cost. */
class HostileCheckpointTest {
  private static final String FLOAT = "FloatStorage";
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /** What a parse may allocate: so many bytes, and so many for each byte of the file. */
  private static final long BASE = 1 << 18;

  private static final long GROWTH = 300;

  private static byte[] pickle() {
    return new PickleBytes()
        .code('}', 'q', 0, '(')
        .text("n")
        .number(300)
        .text("model")
        .name("models", "Net")
        .code(')', 0x81, '}', '(')
        .text("_parameters")
        .code('}')
        .text("w")
        .tensor("0", FLOAT, 4, 0, new long[] {2, 2}, new long[] {2, 1})
        .code('s')
        .text("_modules")
        .code('}', 'u', 'b')
        .text("i")
        .code('h', 0, 'J')
        .little(7, 4)
        .code('0', 'u')
        .end();
  }

  private static byte[] archive(byte[] pickle) {
    return Checkpoints.zip(pickle, Map.of("0", Checkpoints.bytes(LITTLE, 1, 2, 3, 4)));
  }

  private static byte[] legacy(byte[] pickle) {
    return Checkpoints.legacy(
        pickle, LITTLE, Map.of("0", Checkpoints.bytes(LITTLE, 1, 2, 3, 4)), 4);
  }

  static Stream<byte[]> containers() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("data.pkl", pickle());
    entries.put("data/0", Checkpoints.bytes(LITTLE, 1, 2, 3, 4));
    return Stream.of(archive(pickle()), legacy(pickle()), Checkpoints.packed(entries));
  }

  /** Reads a file and all its numbers; gives whether it was refused. */
  private static boolean isRefused(byte[] file) {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    boolean refused = false;
    long spent = Long.MAX_VALUE;
    // The first time anything is done, the Java machine makes things of its own for it.
    for (int time = 0; time < 2 && spent >= BASE + GROWTH * file.length; time++) {
      long before = thread.getCurrentThreadAllocatedBytes();
      refused = refuses(file);
      spent = thread.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(spent)
        .as("bytes for a file of %d", file.length)
        .isLessThan(BASE + GROWTH * file.length);
    return refused;
  }

  private static boolean refuses(byte[] file) {
    try {
      TorchFile.parse("evil.pt", file).arrays();
      return false;
    } catch (FormatException expected) {
      assertThat(expected.getMessage()).startsWith("evil.pt: ");
      assertThat(expected.getMessage().length()).isLessThan(1000);
      return true;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError other) {
      return fail("not by a sentence of ours: " + other, other);
    }
  }

  private static void requireRefused(PickleBytes pickle) {
    assertThat(isRefused(archive(pickle.end()))).isTrue();
    assertThat(isRefused(legacy(pickle.end()))).isTrue();
  }

  @ParameterizedTest
  @MethodSource("containers")
  void theyAreSoundBeforehand(byte[] whole) {
    assertThat(isRefused(whole)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aFileCutAnywhereIsRefused(byte[] whole) {
    for (int length = 0; length < whole.length; length++) {
      assertThat(isRefused(Arrays.copyOf(whole, length))).as("cut at %d", length).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void anyByteMayBeAnything(byte[] whole) {
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      for (int value : new int[] {0, 1, '(', '.', 'R', 0x7f, 0x80, 0xfe, 0xff}) {
        damaged[at] = (byte) value;
        isRefused(damaged);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void anyFieldMayClaimAnything(byte[] whole) {
    for (int at = 0; at + 2 <= whole.length; at++) {
      for (long claim : new long[] {-1, 1L << 40, 0x7fffffff7fffffffL}) {
        for (int width = 2; width <= 8 && at + width <= whole.length; width *= 2) {
          byte[] damaged = whole.clone();
          ByteBuffer bytes = ByteBuffer.wrap(damaged).order(LITTLE);
          switch (width) {
            case 2 -> bytes.putShort(at, (short) claim);
            case 4 -> bytes.putInt(at, (int) claim);
            default -> bytes.putLong(at, claim);
          }
          isRefused(damaged);
        }
      }
    }
  }

  /** The checksums of an archive guard its pickle, so this one is damaged before it is packed. */
  @Test
  void anyInstructionMayBeAnyOther() {
    byte[] pickle = pickle();
    for (int at = 0; at < pickle.length; at++) {
      byte[] damaged = pickle.clone();
      for (int value = 0; value < 256; value += at % 5 + 1) {
        damaged[at] = (byte) value;
        isRefused(archive(damaged));
      }
    }
  }

  @Test
  void tensorsMustLieInTheirStorage() {
    long huge = 1L << 40;
    Stream.<Consumer<PickleBytes>>of(
            p -> p.tensor("0", FLOAT, 4, 0, new long[] {5}, new long[] {1}),
            p -> p.tensor("0", FLOAT, 4, 1, new long[] {2, 2}, new long[] {2, 1}),
            p -> p.tensor("0", FLOAT, 4, 0, new long[] {2}, new long[] {4}),
            p -> p.tensor("0", FLOAT, 4, 0, new long[] {2}, new long[] {Long.MAX_VALUE}),
            p -> p.tensor("0", FLOAT, 4, Long.MAX_VALUE, new long[] {2}, new long[] {1}),
            p -> p.tensor("0", FLOAT, 4, -1, new long[] {2}, new long[] {1}),
            p -> p.tensor("0", FLOAT, 4, 3, new long[] {2}, new long[] {-1}),
            p -> p.tensor("0", FLOAT, 4, 5, new long[0], new long[0]),
            p -> p.tensor("0", FLOAT, 4, 4, new long[0], new long[0]),
            p -> p.tensor("0", FLOAT, 4, 0, new long[] {-1}, new long[] {1}),
            p -> p.tensor("0", FLOAT, 4, 0, new long[] {huge}, new long[] {0}),
            p -> p.tensor("0", FLOAT, 4, 0, new long[] {1 << 30, 1 << 30}, new long[] {0, 0}),
            p -> p.tensor("0", FLOAT, 4, 0, new long[] {100, 100}, new long[] {0, 0}),
            p -> p.tensor("0", FLOAT, 4, 0, new long[] {2}, new long[] {1, 1}),
            p -> p.tensor("0", FLOAT, 4, 0, new long[17], new long[17]),
            p -> p.tensor("0", FLOAT, 5, 0, new long[] {1}, new long[] {1}),
            p -> p.tensor("0", FLOAT, huge, 0, new long[] {1}, new long[] {1}),
            p -> p.tensor("0", FLOAT, -4, 0, new long[] {1}, new long[] {1}),
            p -> p.tensor("0", "ComplexFloatStorage", 2, 0, new long[] {1}, new long[] {1}),
            p -> p.tensor("9", FLOAT, 4, 0, new long[] {1}, new long[] {1}),
            p -> p.vector("0", FLOAT, 4).text("other").vector("0", "IntStorage", 4))
        .forEach(tensor -> {
          PickleBytes pickle = new PickleBytes().code('}', '(').text("w");
          tensor.accept(pickle);
          requireRefused(pickle.code('u'));
        });
  }

  @Test
  void picklesThatGrowAreRefused() {
    // A list of many pairs, copied again and again.
    PickleBytes copies = new PickleBytes().code(']', 'q', 0, '(');
    IntStream.range(0, 2000).forEach(i -> copies.number(i & 127).number(1).code(0x86));
    copies.code('e', '0');
    for (int i = 0; i < 2000; i++) {
      copies.name("collections", "OrderedDict").code('h', 0, 0x85, 'R', '0');
    }
    requireRefused(copies.code('N'));
    // Each module has the next one twice: 2 to the power of 40 in all.
    PickleBytes twins = new PickleBytes();
    twin(twins, 40);
    requireRefused(twins);
    // One inside the other, deeper than any network.
    PickleBytes deep = new PickleBytes();
    deep(deep, 3000);
    requireRefused(deep);
    // Many views of one storage.
    PickleBytes views = new PickleBytes().code('}', '(').text("0").vector("0", FLOAT, 4);
    views.code('q', 1);
    IntStream.range(1, 3000).forEach(i -> views.text("" + i).code('h', 1));
    assertThat(isRefused(archive(views.code('u').end()))).isFalse();
    // A list that holds itself, and one nested very deep: looked at, but not into.
    PickleBytes self = new PickleBytes().code('}', '(').text("w").vector("0", FLOAT, 4);
    self.text("l").code(']', 'q', 0, 'h', 0, 'a').text("d");
    IntStream.range(0, 100_000).forEach(i -> self.code(']'));
    IntStream.range(1, 100_000).forEach(i -> self.code('a'));
    assertThat(isRefused(archive(self.code('u').end()))).isFalse();
  }

  private static void twin(PickleBytes to, int depth) {
    to.name("m", "M").code(')', 0x81, '}', '(').text("_modules").code('}', '(').text("a");
    if (depth == 0) {
      to.code('N');
    } else {
      twin(to, depth - 1);
      to.code('q', depth).text("b").code('h', depth);
    }
    to.code('u', 'u', 'b');
  }

  private static void deep(PickleBytes to, int depth) {
    for (int i = 0; i < depth; i++) {
      to.name("m", "M").code(')', 0x81, '}').text("_modules").code('}').text("a");
    }
    to.code('N');
    for (int i = 0; i < depth; i++) {
      to.code('s', 's', 'b');
    }
  }

  @Test
  void wrongInstructionsAreNamed() {
    Stream.<Supplier<PickleBytes>>of(
            () -> new PickleBytes().code('0'),
            () -> new PickleBytes().code('t'),
            () -> new PickleBytes().code('(', '0'),
            () -> new PickleBytes().code('h', 3),
            () -> new PickleBytes().code('N', 'N', 's'),
            () -> new PickleBytes().code('}', '(', 'N', 'u'),
            () -> new PickleBytes().code('}', '}', 'N', 's'),
            () -> new PickleBytes().code(')', 'N', 'a'),
            () -> new PickleBytes().code('N', ')', 'R'),
            () -> new PickleBytes().name("a", "b").code('N', 'R'),
            () -> new PickleBytes().code('N', 'N', 0x93),
            () -> new PickleBytes().code('N', 'Q'),
            () -> new PickleBytes().code(')', 'Q'),
            () ->
                new PickleBytes().name("collections", "OrderedDict").code(']', 'N', 'a', 0x85, 'R'),
            () -> new PickleBytes().code(0x8b).little(256, 4).raw("x".repeat(256)),
            () -> new PickleBytes().code(0x8d).little(-1, 8),
            () -> new PickleBytes().code('X').little(0xffffffffL, 4),
            () -> new PickleBytes().code('c').raw("no line end"),
            () -> new PickleBytes().code('i').raw("os\nsystem\n"))
        .forEach(pickle -> requireRefused(pickle.get()));
    assertThatThrownBy(() -> TorchFile.parse("x", archive(new PickleBytes().code('i').end())))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "x: its pickle has the instruction 0x69, which is not one of those that plain data"
                + " needs (at byte 3); the file is damaged or no PyTorch checkpoint");
  }

  /** A megabyte of zeros packs into a thousand bytes. */
  @Test
  void archivesThatUnpackToMuchAreRefused() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put(
        "data.pkl",
        new PickleBytes().code('}').text("w").vector("0", FLOAT, 1 << 18).code('s').end());
    entries.put("data/0", new byte[1 << 20]);
    assertThatThrownBy(() -> TorchFile.parse("x", Checkpoints.packed(entries)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("would pass 16 times the file");
    assertThat(isRefused(Checkpoints.packed(entries))).isTrue();
    assertThat(isRefused(Checkpoints.zip(entries))).isFalse();
  }

  /** Many names of the same bytes: checking each would take the square of the file's length. */
  @Test
  void archivesWhoseEntriesOverlapAreRefused() {
    PickleBytes pickle = new PickleBytes().code('}', '(');
    IntStream.range(0, 9).forEach(i -> pickle.text("w" + i).vector("" + i, FLOAT, 1000));
    byte[] whole = Checkpoints.zip(pickle.code('u').end(), Map.of("0", new byte[4000]));
    assertThatThrownBy(() -> TorchFile.parse("x", Checkpoints.again(whole, "x/data/0", 9)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has entries that overlap");
  }

  /** Two thousand children are one module, which has two thousand parameters that are None. */
  @Test
  void modulesThatAreSharedAreNotLookedAtForEver() {
    PickleBytes pickle = new PickleBytes().name("m", "M").code(')', 0x81, '}').text("_parameters");
    pickle.code('}', '(');
    IntStream.range(0, 2000).forEach(i -> pickle.number(i & 255).number(i >> 8).code(0x86, 'N'));
    pickle.code('u', 's', 'b', 'q', 1, '0');
    pickle.name("m", "M").code(')', 0x81, '}').text("_modules").code('}', '(');
    IntStream.range(0, 2000).forEach(i -> pickle.text("" + i).code('h', 1));
    assertThatThrownBy(() -> TorchFile.parse("x", archive(pickle.code('u', 's', 'b').end())))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("names of its modules and tensors take more than 64 times the file");
  }

  /** Keys of one hash code and several kinds cannot be told apart quickly. */
  @Test
  void largeDictsHaveKeysOfOneKind() {
    PickleBytes pickle = new PickleBytes().code('}', '(');
    IntStream.range(0, 2000)
        .forEach(i -> {
          if (i % 2 == 0) {
            pickle.number(i);
          } else {
            pickle.text("" + i);
          }
          pickle.code('N');
        });
    assertThatThrownBy(() -> TorchFile.parse("x", archive(pickle.code('u').end())))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has a dict of more than 1024 keys of several kinds");
  }
}
