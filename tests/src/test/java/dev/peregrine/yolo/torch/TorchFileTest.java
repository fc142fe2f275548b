package dev.peregrine.yolo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints whose every byte is written here. */
class TorchFileTest {
  private static final String FLOAT = "FloatStorage";
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  @TempDir Path folder;

  private static TorchFile parse(PickleBytes pickle, Map<String, byte[]> storages) {
    return TorchFile.parse("x.pt", Checkpoints.zip(pickle.end(), storages));
  }

  private static float[] floats(TorchFile file, String name) {
    return file.tensors().get(name).floats();
  }

  private static PickleBytes dict() {
    return new PickleBytes().code('}', '(');
  }

  @Test
  void tensorsAreViewsOfStoragesTheyShare() {
    PickleBytes pickle =
        dict()
            .text("rows")
            .tensor("0", FLOAT, 6, 0, new long[] {2, 3}, new long[] {3, 1})
            .text("columns")
            .tensor("0", FLOAT, 6, 0, new long[] {3, 2}, new long[] {1, 3})
            .text("tail")
            .tensor("0", FLOAT, 6, 4, new long[] {2}, new long[] {1})
            .text("steps")
            .tensor("0", FLOAT, 6, 1, new long[] {1, 3}, new long[] {77, 2})
            .text("single")
            .tensor("0", FLOAT, 6, 5, new long[0], new long[0])
            .text("none")
            .tensor("0", FLOAT, 6, 6, new long[] {0, 9}, new long[] {9, 1})
            .code('u');
    TorchFile file = parse(pickle, Map.of("0", Checkpoints.bytes(LITTLE, 1, 2, 3, 4, 5, 6)));
    assertThat(file.tensors().keySet())
        .containsExactly("rows", "columns", "tail", "steps", "single", "none");
    assertThat(floats(file, "rows")).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(floats(file, "columns")).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(file.tensors().get("columns").shape()).containsExactly(3, 2);
    assertThat(floats(file, "tail")).containsExactly(5, 6);
    assertThat(floats(file, "steps")).containsExactly(2, 4, 6);
    assertThat(floats(file, "single")).containsExactly(6);
    assertThat(file.tensors().get("single").shape()).isEmpty();
    assertThat(floats(file, "none")).isEmpty();
    assertThat(file.arrays().get("none").shape()).containsExactly(0, 9);
    assertThat(file).hasToString("x.pt: 6 tensors");
  }

  @Test
  void elementsAreOfAnyType() {
    byte[] halves = {0x00, 0x3c, 0x01, 0x00, (byte) 0xff, 0x7b, 0x00, (byte) 0xfc};
    byte[] brains = {(byte) 0x80, 0x3f, 0x49, 0x40, (byte) 0x80, 0x7f, 0x01, 0x00};
    byte[] eight = {-1, 0, 2, 0, 0, 0, 0, (byte) 0x80};
    PickleBytes pickle = dict();
    Map<String, byte[]> storages = new LinkedHashMap<>();
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("HalfStorage", halves);
    all.put("BFloat16Storage", brains);
    all.put("DoubleStorage", eight);
    all.put("LongStorage", eight);
    all.put("IntStorage", eight);
    all.put("ShortStorage", eight);
    all.put("CharStorage", eight);
    all.put("ByteStorage", eight);
    all.put("BoolStorage", eight);
    all.forEach((type, content) -> {
      int width = TorchType.ofStorage(type).orElseThrow().bytes();
      pickle.text(type).vector(type, type, content.length / width);
      storages.put(type, content);
    });
    Map<String, Safetensors.Array> arrays = parse(pickle.code('u'), storages).arrays();
    assertThat((float[]) arrays.get("HalfStorage").values())
        .containsExactly(1, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY);
    assertThat((float[]) arrays.get("BFloat16Storage").values())
        .containsExactly(1, 3.140625f, Float.POSITIVE_INFINITY, 0x1p-133f);
    assertThat((double[]) arrays.get("DoubleStorage").values())
        .containsExactly(Double.longBitsToDouble(0x80000000000200ffL));
    assertThat((long[]) arrays.get("LongStorage").values()).containsExactly(0x80000000000200ffL);
    assertThat((int[]) arrays.get("IntStorage").values()).containsExactly(0x200ff, 0x80000000);
    assertThat((long[]) arrays.get("ShortStorage").values()).containsExactly(255, 2, 0, -32768);
    assertThat((long[]) arrays.get("CharStorage").values())
        .containsExactly(-1, 0, 2, 0, 0, 0, 0, -128);
    assertThat((long[]) arrays.get("ByteStorage").values())
        .containsExactly(255, 0, 2, 0, 0, 0, 0, 128);
    assertThat((long[]) arrays.get("BoolStorage").values()).containsExactly(1, 0, 1, 0, 0, 0, 0, 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theOldContainerHoldsTheSame(boolean little) {
    ByteOrder order = little ? LITTLE : ByteOrder.BIG_ENDIAN;
    PickleBytes part =
        dict()
            .text("model")
            .code('}')
            .text("whole")
            .vector("7", FLOAT, 3)
            .code('s')
            .text("part")
            // A storage that is a part of another one: key, first element, elements.
            .name("torch._utils", "_rebuild_tensor")
            .code('(', '(')
            .text("storage")
            .name("torch", FLOAT)
            .text("7")
            .text("cpu")
            .number(3)
            .code('(')
            .text("view")
            .number(1)
            .number(2)
            .code('t', 't', 'Q')
            .number(1)
            .numbers(1)
            .numbers(1)
            .code('t', 'R', 's', 'u');
    Map<String, byte[]> storages = Map.of("7", Checkpoints.bytes(order, 1.5f, 2.5f, 3.5f));
    TorchFile file = TorchFile.parse("x", Checkpoints.legacy(part.end(), order, storages, 4));
    assertThat(floats(file, "whole")).containsExactly(1.5f, 2.5f, 3.5f);
    assertThat(floats(file, "part")).containsExactly(3.5f);
  }

  @Test
  void bigEndianArchivesSaySo() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("data.pkl", dict().text("a").vector("0", FLOAT, 2).code('u').end());
    entries.put("data/0", Checkpoints.bytes(ByteOrder.BIG_ENDIAN, 1, -2));
    entries.put("byteorder", "big".getBytes(StandardCharsets.UTF_8));
    TorchFile file = TorchFile.parse("x", Checkpoints.zip(entries));
    assertThat(floats(file, "a")).containsExactly(1, -2);
    entries.remove("byteorder");
    entries.put("data/0", Checkpoints.bytes(LITTLE, 1, -2));
    assertThat(floats(TorchFile.parse("x", Checkpoints.packed(entries)), "a"))
        .containsExactly(1, -2);
  }

  /** A module as PyTorch pickles it: an object whose attributes are set from a dict. */
  private static PickleBytes module(PickleBytes to, String name, Runnable attributes) {
    to.name("models", name).code(')', 0x81, '}', '(');
    attributes.run();
    return to.code('u', 'b');
  }

  private static PickleBytes network(PickleBytes to) {
    return module(
        to,
        "Net",
        () -> {
          to.text("nc").number(3).text("_parameters").name("collections", "OrderedDict");
          to.code(')', 'R').text("bias");
          to.name("torch._utils", "_rebuild_parameter").code('(').vector("0", FLOAT, 2);
          to.code(0x88, '}', 't', 'R', 's');
          to.text("_buffers").code('}', '(').text("mean").vector("1", FLOAT, 1);
          to.text("hidden").vector("1", FLOAT, 1).text("none").code('N', 'u');
          to.text("_non_persistent_buffers_set").name("__builtin__", "set");
          to.code(']').text("hidden").code('a', 0x85, 'R');
          to.text("_modules").code('}', '(').text("0");
          module(
              to,
              "Conv",
              () ->
                  to.text("_parameters").code('}').text("weight").vector("0", FLOAT, 2).code('s'));
          to.text("1").code('N').text("act").name("os", "system").text("rm");
          to.code(0x85, 'R', 'u');
        });
  }

  private static final Map<String, byte[]> TWO =
      Map.of(
          "0", Checkpoints.bytes(LITTLE, 1, 2),
          "1", Checkpoints.bytes(LITTLE, 3));

  @Test
  void aPickledNetworkIsWalkedAndNothingRuns() {
    PickleBytes pickle = new PickleBytes().code('}', '(').text("epoch").number(7).text("model");
    TorchFile file = parse(network(pickle).code('u'), TWO);
    assertThat(file.tensors().keySet()).containsExactly("bias", "mean", "0.weight");
    assertThat(floats(file, "0.weight")).containsExactly(1, 2);
    PickledObject net = file.module().orElseThrow();
    assertThat(net.type()).hasToString("models.Net");
    assertThat(net).hasToString("models.Net(...)");
    assertThat(net.attribute("nc")).isEqualTo(3L);
    assertThat(net.attribute("absent")).isEqualTo(PickledName.NONE).hasToString("None");
    Map<?, ?> modules = (Map<?, ?>) net.attribute("_modules");
    PickledObject call = (PickledObject) modules.get("act");
    assertThat(call.type()).isEqualTo(new PickledName("os", "system"));
    assertThat(call.arguments()).containsExactly("rm");
    assertThat(((Map<?, ?>) file.content()).get("epoch")).isEqualTo(7L);
    // bare, without a dict around it
    assertThat(parse(network(new PickleBytes()), TWO).tensors().keySet())
        .containsExactly("bias", "mean", "0.weight");
  }

  @Test
  void theAverageIsPreferred() {
    PickleBytes pickle =
        dict()
            .text("ema")
            .code('}')
            .text("module.a")
            .vector("1", FLOAT, 1)
            .code('s')
            .text("model")
            .code('}')
            .text("module.a")
            .vector("0", FLOAT, 2)
            .code('s', 'u');
    TorchFile file = parse(pickle, TWO);
    assertThat(file.tensors().keySet()).containsExactly("module.a");
    assertThat(floats(file, "module.a")).containsExactly(3);
  }

  @Test
  void writesWhatItReads() throws IOException {
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    Safetensors.Array real =
        new Safetensors.Array(new int[] {2, 2}, new float[] {1, -2, 0.1f, 65519});
    for (TorchType type : TorchType.values()) {
      tensors.put(
          type.name(),
          TorchTensor.of(
              type,
              type.isFloat()
                  ? real
                  : new Safetensors.Array(new int[] {3}, new long[] {0, 1, 100})));
    }
    for (int i = 0; i < 300; i++) {
      tensors.put(
          "t" + i,
          TorchTensor.of(TorchType.INT32, new Safetensors.Array(new int[0], new int[] {i})));
    }
    Path file = folder.resolve("a.b.pth");
    TorchFile.write(tensors, file);
    TorchFile read = TorchFile.read(file);
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    assertThat(floats(read, "FLOAT32")).containsExactly(1, -2, 0.1f, 65519);
    assertThat(floats(read, "FLOAT16"))
        .containsExactly(1, -2, FloatFormat.F16.value((short) 0x2e66), 65504);
    assertThat(floats(read, "BFLOAT16")).containsExactly(1, -2, 0.10009765625f, 65536);
    assertThat((long[]) read.tensors().get("INT8").array().values()).containsExactly(0, 1, 100);
    assertThat(floats(read, "BOOL")).containsExactly(0, 1, 1);
    assertThat((int[]) read.tensors().get("t299").array().values()).containsExactly(299);
    Path again = folder.resolve("again/a.b.pth");
    Files.createDirectories(again.getParent());
    TorchFile.write(read.tensors(), again);
    assertThat(again).hasSameBinaryContentAs(file);
    assertThatThrownBy(() -> TorchFile.write(tensors, folder.resolve("no/folder.pt")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("the folder must exist");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 999, 1000, 1001, 2000})
  void dictsOfAnySizeComeBack(int size) throws IOException {
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      tensors.put(
          "t" + i,
          TorchTensor.of(TorchType.UINT8, new Safetensors.Array(new int[0], new int[] {i})));
    }
    Path file = folder.resolve("x.pt");
    TorchFile.write(tensors, file);
    TorchFile read = TorchFile.read(file);
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    assertThat(floats(read, "t" + (size - 1))).containsExactly((size - 1) & 0xff);
  }

  @Test
  void refusesWhatIsNoCheckpoint() throws IOException {
    assertThatThrownBy(() -> TorchFile.read(folder.resolve("none.pt")))
        .isInstanceOf(FormatException.class)
        .hasMessageEndingWith("none.pt: there is no such file");
    assertThatThrownBy(() -> TorchFile.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is a folder");
    Path text = Files.writeString(folder.resolve("x.pt"), "<html>");
    assertThatThrownBy(() -> TorchFile.read(text))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("begins neither like a zip archive nor like a pickle");
    Path empty = Files.writeString(folder.resolve("y.pt"), "");
    assertThatThrownBy(() -> TorchFile.read(empty)).isInstanceOf(FormatException.class);
    assertThatThrownBy(() -> TorchFile.parse("x", Checkpoints.zip(Map.of("a", new byte[1]))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("zip archive without data.pkl");
    assertThatThrownBy(() -> parse(dict().text("epoch").number(1).code('u'), Map.of()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("x.pt: holds no weights")
        .hasMessageEndingWith("but a dict of epoch");
    assertThatThrownBy(() -> parse(new PickleBytes().code('N'), Map.of()))
        .isInstanceOf(FormatException.class)
        .hasMessageEndingWith("but None");
  }

  @Test
  void plainValuesComeAsTheyAre() {
    PickleBytes pickle =
        dict()
            .text("a")
            .vector("1", FLOAT, 1)
            .text("list")
            .code(']', '(', 'N', 0x88)
            .number(-5)
            .code('e')
            .text("real")
            .code('G', 0xbf, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a)
            .code('u');
    Map<?, ?> content = (Map<?, ?>) parse(pickle, TWO).content();
    assertThat(content.get("list")).isEqualTo(List.of(PickledName.NONE, true, -5L));
    assertThat(content.get("real")).isEqualTo(-0.1);
  }
}
