package dev.peregrine.yolo.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pickles that Python 3.11 wrote: {@code pickle.dumps(v, p)} for p = 2 to 5 of v = {'none': None,
 * 'yes': True, 'no': False, 'small': 7, 'word': 65535, 'int': -2, 'long': 2**40, 'huge': -(2**70),
 * 'real': -0.1, 'text': 'é猫', 'empty': (), 'one': (1,), 'four': (1, 2, 3, 4), 'list': [1, [2,
 * [3]]], 'dict': {1: 'a', 2.5: 'b'}, 'bytes': b'\x00\xff', 'tuplekey': {(1, 2): 3}, 'set': {5},
 * 'shared': [s, s]} with s = [9].
 */
class PickleTest {
  private static Map<?, ?> read(String base64) {
    TorchCallables none =
        new TorchCallables(
            "x",
            (key, type, elements) -> {
              throw new AssertionError("there is no storage");
            });
    MemorySegment bytes = MemorySegment.ofArray(Base64.getDecoder().decode(base64));
    Pickle pickle = new Pickle("x", bytes, 0, none);
    Map<?, ?> value = (Map<?, ?>) pickle.read();
    assertThat(pickle.end()).isEqualTo(bytes.byteSize());
    return value;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gAJ9cQAoWAQAAABub25lcQFOWAMAAAB5ZXNxAohYAgAAAG5vcQOJWAUAAABzbWFsbHEESwdYBAAAAHdvcmRx"
            + "BU3//1gDAAAAaW50cQZK/v///1gEAAAAbG9uZ3EHigYAAAAAAAFYBAAAAGh1Z2VxCIoJAAAAAAAAAADAWAQA"
            + "AAByZWFscQlHv7mZmZmZmZpYBAAAAHRleHRxClgFAAAAw6nnjKtxC1gFAAAAZW1wdHlxDClYAwAAAG9uZXEN"
            + "SwGFcQ5YBAAAAGZvdXJxDyhLAUsCSwNLBHRxEFgEAAAAbGlzdHERXXESKEsBXXETKEsCXXEUSwNhZWVYBAAA"
            + "AGRpY3RxFX1xFihLAVgBAAAAYXEXR0AEAAAAAAAAWAEAAABicRh1WAUAAABieXRlc3EZY19jb2RlY3MKZW5j"
            + "b2RlCnEaWAMAAAAAw79xG1gGAAAAbGF0aW4xcRyGcR1ScR5YCAAAAHR1cGxla2V5cR99cSBLAUsChnEhSwNz"
            + "WAMAAABzZXRxImNfX2J1aWx0aW5fXwpzZXQKcSNdcSRLBWGFcSVScSZYBgAAAHNoYXJlZHEnXXEoKF1xKUsJ"
            + "YWgpZXUu",
        "gAN9cQAoWAQAAABub25lcQFOWAMAAAB5ZXNxAohYAgAAAG5vcQOJWAUAAABzbWFsbHEESwdYBAAAAHdvcmRx"
            + "BU3//1gDAAAAaW50cQZK/v///1gEAAAAbG9uZ3EHigYAAAAAAAFYBAAAAGh1Z2VxCIoJAAAAAAAAAADAWAQA"
            + "AAByZWFscQlHv7mZmZmZmZpYBAAAAHRleHRxClgFAAAAw6nnjKtxC1gFAAAAZW1wdHlxDClYAwAAAG9uZXEN"
            + "SwGFcQ5YBAAAAGZvdXJxDyhLAUsCSwNLBHRxEFgEAAAAbGlzdHERXXESKEsBXXETKEsCXXEUSwNhZWVYBAAA"
            + "AGRpY3RxFX1xFihLAVgBAAAAYXEXR0AEAAAAAAAAWAEAAABicRh1WAUAAABieXRlc3EZQwIA/3EaWAgAAAB0"
            + "dXBsZWtleXEbfXEcSwFLAoZxHUsDc1gDAAAAc2V0cR5jYnVpbHRpbnMKc2V0CnEfXXEgSwVhhXEhUnEiWAYA"
            + "AABzaGFyZWRxI11xJChdcSVLCWFoJWV1Lg==",
        "gASVFwEAAAAAAAB9lCiMBG5vbmWUTowDeWVzlIiMAm5vlImMBXNtYWxslEsHjAR3b3JklE3//4wDaW50lEr+"
            + "////jARsb25nlIoGAAAAAAABjARodWdllIoJAAAAAAAAAADAjARyZWFslEe/uZmZmZmZmowEdGV4dJSMBcOp"
            + "54yrlIwFZW1wdHmUKYwDb25llEsBhZSMBGZvdXKUKEsBSwJLA0sEdJSMBGxpc3SUXZQoSwFdlChLAl2USwNh"
            + "ZWWMBGRpY3SUfZQoSwGMAWGUR0AEAAAAAAAAjAFilHWMBWJ5dGVzlEMCAP+UjAh0dXBsZWtleZR9lEsBSwKG"
            + "lEsDc4wDc2V0lI+UKEsFkIwGc2hhcmVklF2UKF2USwlhaCJldS4=",
        "gAWVFwEAAAAAAAB9lCiMBG5vbmWUTowDeWVzlIiMAm5vlImMBXNtYWxslEsHjAR3b3JklE3//4wDaW50lEr+"
            + "////jARsb25nlIoGAAAAAAABjARodWdllIoJAAAAAAAAAADAjARyZWFslEe/uZmZmZmZmowEdGV4dJSMBcOp"
            + "54yrlIwFZW1wdHmUKYwDb25llEsBhZSMBGZvdXKUKEsBSwJLA0sEdJSMBGxpc3SUXZQoSwFdlChLAl2USwNh"
            + "ZWWMBGRpY3SUfZQoSwGMAWGUR0AEAAAAAAAAjAFilHWMBWJ5dGVzlEMCAP+UjAh0dXBsZWtleZR9lEsBSwKG"
            + "lEsDc4wDc2V0lI+UKEsFkIwGc2hhcmVklF2UKF2USwlhaCJldS4="
      })
  void readsWhatPythonWrites(String base64) {
    Map<?, ?> all = read(base64);
    assertThat(all.get("none")).isEqualTo(PickledName.NONE);
    assertThat(all.get("yes")).isEqualTo(true);
    assertThat(all.get("no")).isEqualTo(false);
    assertThat(all.get("small")).isEqualTo(7L);
    assertThat(all.get("word")).isEqualTo(65535L);
    assertThat(all.get("int")).isEqualTo(-2L);
    assertThat(all.get("long")).isEqualTo(1L << 40);
    assertThat(all.get("huge")).isEqualTo(BigInteger.TWO.pow(70).negate());
    assertThat(all.get("real")).isEqualTo(-0.1);
    assertThat(all.get("text")).isEqualTo("é猫");
    assertThat(all.get("empty")).isEqualTo(List.of());
    assertThat(all.get("one")).isEqualTo(List.of(1L));
    assertThat(all.get("four")).isEqualTo(List.of(1L, 2L, 3L, 4L));
    assertThat(all.get("list")).isEqualTo(List.of(1L, List.of(2L, List.of(3L))));
    assertThat(all.get("dict")).isEqualTo(Map.of(1L, "a", 2.5, "b"));
    Object key = ((Map<?, ?>) all.get("tuplekey")).keySet().iterator().next();
    assertThat(((PickledObject) key).arguments()).containsExactly(1L, 2L);
    PickledObject set = (PickledObject) all.get("set");
    assertThat(set.type().name()).isEqualTo("set");
    assertThat(set.elements().isEmpty() ? set.arguments() : List.of(set.elements()))
        .isEqualTo(List.of(List.of(5L)));
    List<?> shared = (List<?>) all.get("shared");
    assertThat(shared.get(0)).isSameAs(shared.get(1)).isEqualTo(List.of(9L));
    if (all.get("bytes") instanceof byte[] bytes) {
      assertThat(bytes).containsExactly(0, -1);
    } else {
      // Protocol 2 has no bytes and calls a codec instead.
      assertThat(((PickledObject) all.get("bytes")).type())
          .isEqualTo(new PickledName("_codecs", "encode"));
    }
  }
}
