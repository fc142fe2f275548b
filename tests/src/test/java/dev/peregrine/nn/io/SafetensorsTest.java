package dev.peregrine.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir Path folder;

  private static final float[] FLOATS = {
    0f,
    -0f,
    Float.MIN_VALUE,
    Float.MAX_VALUE,
    Float.NEGATIVE_INFINITY,
    Float.intBitsToFloat(0x7fc01234)
  };

  private static Safetensors sample() {
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
    arrays.put("b.weight", new Safetensors.Array(new int[] {2, 3}, FLOATS));
    arrays.put("a", new Safetensors.Array(new int[] {2}, new double[] {Math.PI, -0.0}));
    arrays.put("none", new Safetensors.Array(new int[] {0, 5}, new float[0]));
    arrays.put("scalar", new Safetensors.Array(new int[0], new int[] {Integer.MIN_VALUE}));
    arrays.put("long", new Safetensors.Array(new int[] {1}, new long[] {Long.MIN_VALUE}));
    return new Safetensors(arrays, Map.of("names", "a \"b\" \\ \n\t\u0001 é 猫"));
  }

  /** Writes a file of any header and data. */
  private Path file(String json, byte... data) throws IOException {
    return file(json.getBytes(StandardCharsets.UTF_8), data);
  }

  private Path file(byte[] header, byte... data) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + data.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).put(data);
    return Files.write(folder.resolve("file.safetensors"), bytes.array());
  }

  private static String array(String dtype, String shape, String offsets) {
    return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  }

  @Test
  void keepsEveryBit() throws IOException {
    Path file = folder.resolve("new/folder/x.safetensors");
    sample().write(file);
    Safetensors read = Safetensors.read(file);
    assertThat(read.arrays().keySet()).containsExactly("b.weight", "a", "none", "scalar", "long");
    float[] floats = (float[]) read.arrays().get("b.weight").values();
    assertThat(read.arrays().get("b.weight").shape()).containsExactly(2, 3);
    for (int i = 0; i < FLOATS.length; i++) {
      assertThat(Float.floatToRawIntBits(floats[i])).isEqualTo(Float.floatToRawIntBits(FLOATS[i]));
    }
    assertThat((double[]) read.arrays().get("a").values()).containsExactly(Math.PI, -0.0);
    assertThat(read.arrays().get("none").shape()).containsExactly(0, 5);
    assertThat((int[]) read.arrays().get("scalar").values()).containsExactly(Integer.MIN_VALUE);
    assertThat((long[]) read.arrays().get("long").values()).containsExactly(Long.MIN_VALUE);
    assertThat(read.metadata()).isEqualTo(sample().metadata());
    assertThat(Safetensors.readMetadata(file)).isEqualTo(sample().metadata());
    long header =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(header % 8).as("numbers begin at a multiple of 8").isZero();
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  /** 1, -2, the smallest and the largest half; in bfloat16 1, -2, 3.140625 and infinity. */
  @Test
  void widensHalvesAndBfloats() throws IOException {
    byte[] data = {
      0x00,
      0x3c,
      0x00,
      (byte) 0xc0,
      0x01,
      0x00,
      (byte) 0xff,
      0x7b,
      (byte) 0x80,
      0x3f,
      0x00,
      (byte) 0xc0,
      0x49,
      0x40,
      (byte) 0x80,
      0x7f
    };
    Path file =
        file(
            "{\"h\":"
                + array("F16", "[4]", "[0,8]")
                + ",\"b\":"
                + array("BF16", "[2,2]", "[8,16]")
                + "}",
            data);
    Map<String, Safetensors.Array> arrays = Safetensors.read(file).arrays();
    assertThat((float[]) arrays.get("h").values()).containsExactly(1, -2, 0x1p-24f, 65504);
    assertThat((float[]) arrays.get("b").values())
        .containsExactly(1, -2, 3.140625f, Float.POSITIVE_INFINITY);
  }

  @Test
  void readsArraysInAnyOrderOfTheHeader() throws IOException {
    Path file =
        file(
            "{\"second\":"
                + array("I32", "[1]", "[4,8]")
                + ",\"first\":"
                + array("I32", "[1]", "[0,4]")
                + "}  ",
            (byte) 1,
            (byte) 0,
            (byte) 0,
            (byte) 0,
            (byte) 2,
            (byte) 0,
            (byte) 0,
            (byte) 0);
    Map<String, Safetensors.Array> arrays = Safetensors.read(file).arrays();
    assertThat((int[]) arrays.get("first").values()).containsExactly(1);
    assertThat((int[]) arrays.get("second").values()).containsExactly(2);
  }

  /** Only floats are rounded; whole numbers and doubles stay. */
  @ParameterizedTest
  @CsvSource({"F32, 24", "F16, 12", "BF16, 12"})
  void writesSmallerFloats(FloatFormat format, int bytes) throws IOException {
    Path file = folder.resolve("x.safetensors");
    sample().write(file, format);
    Map<String, Safetensors.Array> read = Safetensors.read(file).arrays();
    float[] floats = (float[]) read.get("b.weight").values();
    for (int i = 0; i < FLOATS.length; i++) {
      float wanted = format == FloatFormat.F32 ? FLOATS[i] : format.value(format.bits(FLOATS[i]));
      assertThat(Float.floatToIntBits(floats[i])).isEqualTo(Float.floatToIntBits(wanted));
    }
    assertThat((double[]) read.get("a").values()).containsExactly(Math.PI, -0.0);
    assertThat((long[]) read.get("long").values()).containsExactly(Long.MIN_VALUE);
    byte[] whole = Files.readAllBytes(file);
    long header = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(whole.length - 8 - header).isEqualTo(bytes + 16 + 4 + 8);
    assertThat(Safetensors.parse("x", whole).arrays().keySet()).isEqualTo(read.keySet());
  }

  /** Every byte may be damaged, and every field may claim anything. */
  @Test
  void readsOrRefusesWhateverIsThere() throws IOException {
    Path file = folder.resolve("x.safetensors");
    sample().write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      for (int value : new int[] {0, '"', '9', '-', '{', '}', '[', ',', 0x7f, 0xff}) {
        byte[] damaged = whole.clone();
        damaged[at] = (byte) value;
        if (at + 8 <= whole.length && value == 0xff) {
          ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putLong(at, 1L << 40);
        }
        try {
          Safetensors.parse("evil", damaged);
        } catch (FormatException expected) {
          assertThat(expected.getMessage()).startsWith("evil: ");
        }
      }
    }
  }

  @Test
  void refusesAFileCutAnywhere() throws IOException {
    Path file = folder.resolve("x.safetensors");
    sample().write(file);
    byte[] whole = Files.readAllBytes(file);
    Path cut = folder.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Safetensors.read(cut))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith(cut.toString())
          .hasMessageContaining("cut");
    }
    Files.write(cut, Arrays.copyOf(whole, whole.length + 1));
    assertThatThrownBy(() -> Safetensors.read(cut))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("follow the header; the file is damaged");
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE, -1, 0, 1, 3, 100_000_001, 1L << 40})
  void refusesAHeaderLongerThanTheFile(long length) throws IOException {
    byte[] bytes = {0, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Path file = Files.write(folder.resolve("x"), bytes);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("its header claims " + length + " bytes and the file has 10");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "F32 | [2] | [0,4]            | do not fit bytes",
        "F32 | [2] | [4,12]           | do not fit bytes",
        "F32 | [2] | [8,0]            | do not fit bytes",
        "F32 | [2] | [-8,0]           | do not fit bytes",
        "F32 | [2] | [0,8,16]         | do not fit bytes",
        "F32 | [2] | [1e300,1e300]    | do not fit bytes",
        "F32 | [0] | [1e300,1e300]    | do not fit bytes",
        "F32 | [0] | [9223372036854775800,9223372036854775800] | do not fit bytes",
        "F32 | [-2] | [0,8]           | not those of an array",
        "F32 | [65536,65536] | [0,8]  | not those of an array",
        "F32 | [4294967298] | [0,8]   | not those of an array",
        "F32 | [0,1e18] | [0,0]       | not those of an array",
        "F32 | [1e300] | [0,8]        | not those of an array",
        "F32 | [4294967296,4294967296] | [0,0] | not those of an array",
        "F32 | [1.5] | [0,8]          | '1.5' is not a whole number",
        "F32 | [true] | [0,8]         | 'true' is not a whole number",
        "F32 | 2 | [0,8]              | must be lists of numbers",
        "F64X | [1] | [0,8]           | element type F64X is not read",
        "F32 | [1] | [0,4]            | but 8 follow the header",
        "F32 | [1] | [4,8]            | begins at byte 4 but the one before ends at 0",
      })
  void refusesOffsetsThatDoNotFit(String dtype, String shape, String offsets, String message)
      throws IOException {
    Path file = file("{\"x\":" + array(dtype, shape, offsets) + "}", new byte[8]);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void refusesArraysThatOverlap() throws IOException {
    String one = array("F32", "[2]", "[0,8]");
    Path file = file("{\"x\":" + one + ",\"y\":" + one + "}", new byte[8]);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("'y' begins at byte 0 but the one before ends at 8")
        .hasMessageContaining("neither overlap nor leave gaps");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"x\":{},\"x\":{}} | names 'x' twice",
        "[] | must be an object",
        "{\"x\":3} | header entry 'x' is not an object",
        "{\"__metadata__\":3} | header entry '__metadata__' is not an object",
        "{\"x\":{}} | must be lists of numbers",
        "{\"x\":{} | lacks a '}'",
        "{\"x | breaks off",
        "{\"x\":tru} | has an unknown word",
        "{\"x\":1-2} | has the wrong number '1-2'",
        "{\"x\\q\":1} | has the unknown escape '\\q'",
        "{\"\\uzzzz\":1} | has the wrong escape '\\uzzzz'",
        "{} {} | ends before its text does",
      })
  void refusesWrongHeaders(String json, String message) throws IOException {
    Path file = file(json);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void refusesDeepNestingAndWrongText() throws IOException {
    Path deep = file("{\"x\":" + "[".repeat(1_000_000) + "}");
    assertThatThrownBy(() -> Safetensors.read(deep))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("nested more than 16 deep");
    Path text = file(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
    assertThatThrownBy(() -> Safetensors.read(text))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("not text in UTF-8");
  }

  @Test
  void readsTheTextsAtTheBeginningOfAStream() throws IOException {
    Path whole = folder.resolve("texts");
    Map<String, Safetensors.Array> arrays =
        Map.of("a", new Safetensors.Array(new int[] {2}, new float[] {1, 2}));
    new Safetensors(arrays, Map.of("names", "cat\ndog")).write(whole);
    byte[] bytes = Files.readAllBytes(whole);
    ByteArrayInputStream stream = new ByteArrayInputStream(bytes);
    assertThat(Safetensors.readMetadata("stream", stream)).containsEntry("names", "cat\ndog");
    assertThat(stream.available()).as("the numbers are left alone").isEqualTo(8);
    InputStream cut = new ByteArrayInputStream(bytes, 0, 20);
    assertThatThrownBy(() -> Safetensors.readMetadata("stream", cut))
        .isInstanceOf(FormatException.class)
        .hasMessage("stream: breaks off at byte 20");
  }

  @Test
  void refusesWhatIsNotThere() {
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> Safetensors.read(none))
        .isInstanceOf(FormatException.class)
        .hasMessage(none + ": there is no such file");
    assertThatThrownBy(() -> Safetensors.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void replacesAFileAtOnce() throws IOException {
    Path file = folder.resolve("x.safetensors");
    // What a crash in the middle of writing leaves behind.
    Files.write(folder.resolve("x.safetensors.part"), new byte[10_000]);
    sample().write(file);
    Safetensors second =
        new Safetensors(
            Map.of("z", new Safetensors.Array(new int[] {1}, new float[] {7})), Map.of());
    second.write(file);
    assertThat(Safetensors.read(file).arrays().keySet()).containsExactly("z");
    assertThat(folder.resolve("x.safetensors.part")).doesNotExist();
  }

  @Test
  void aPlaceThatCannotBeWrittenKeepsTheOldFile() throws IOException {
    Path file = folder.resolve("x.safetensors");
    sample().write(file);
    byte[] before = Files.readAllBytes(file);
    // A folder where the file beside would be stops even a user who may write anywhere.
    Path obstacle = Files.createDirectories(folder.resolve("x.safetensors.part/full"));
    assertThatThrownBy(() -> sample().write(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + ": cannot be written: ")
        .hasMessageEndingWith("; a file that was there is still whole");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(obstacle).exists();
    Path below = file.resolve("folder/y.safetensors");
    assertThatThrownBy(() -> sample().write(below))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(below + ": cannot be written: ");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    Path occupied = Files.createDirectories(folder.resolve("occupied/full")).getParent();
    assertThatThrownBy(() -> sample().write(occupied)).isInstanceOf(FormatException.class);
    assertThat(folder.resolve("occupied.part")).as("nothing is left behind").doesNotExist();
  }

  @Test
  void refusesArraysThatAreNoneAtTheirMaking() {
    assertThatThrownBy(() -> new Safetensors.Array(new int[] {2, 3}, new float[5]))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("[2, 3] are those of 6 elements but there are 5");
    assertThatThrownBy(() -> new Safetensors.Array(new int[] {1}, "one"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("arrays of String are not kept");
  }
}
