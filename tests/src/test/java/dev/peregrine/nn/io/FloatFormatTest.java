package dev.peregrine.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rounding to two bytes, over all of the numbers that two bytes hold. */
class FloatFormatTest {
  private static float value(FloatFormat format, int bits) {
    return format.value((short) bits);
  }

  /** Each number is itself; between two neighbours the nearer one wins, in the middle the even. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void theNearestNumberWins(FloatFormat format) {
    int infinity = format == FloatFormat.F16 ? 0x7c00 : 0x7f80;
    for (int bits = 0; bits < infinity; bits++) {
      float low = value(format, bits);
      // The number that would follow the largest one, were there no infinity.
      double high =
          bits + 1 < infinity ? value(format, bits + 1) : 2.0 * low - value(format, bits - 1);
      float middle = (float) (0.5 * low + 0.5 * high);
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(Short.toUnsignedInt(format.bits(low))).isEqualTo(bits);
      assertThat(Short.toUnsignedInt(format.bits(middle))).isEqualTo(even);
      assertThat(Short.toUnsignedInt(format.bits(Math.nextDown(middle)))).isEqualTo(bits);
      assertThat(Short.toUnsignedInt(format.bits(Math.nextUp(middle)))).isEqualTo(bits + 1);
      assertThat(Short.toUnsignedInt(format.bits(-middle))).isEqualTo(even | 0x8000);
    }
    assertThat(value(format, infinity)).isEqualTo(Float.POSITIVE_INFINITY);
  }

  @ParameterizedTest
  @CsvSource({
    "F16, 0x7f800001",
    "F16, 0xffffffff",
    "BF16, 0x7f800001",
    "BF16, 0xffffffff",
    "BF16, 0x7fffffff"
  })
  void whatIsNoNumberStaysNone(FloatFormat format, String bits) {
    float nan = Float.intBitsToFloat(Long.decode(bits).intValue());
    assertThat(format.value(format.bits(nan))).isNaN();
  }

  @Test
  void fourBytesAreNotTwo() {
    assertThat(FloatFormat.F32.bytes()).isEqualTo(4);
    assertThat(FloatFormat.F16.bytes()).isEqualTo(2);
    assertThatThrownBy(() -> FloatFormat.F32.bits(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> FloatFormat.F32.value((short) 1))
        .isInstanceOf(IllegalStateException.class);
  }
}
