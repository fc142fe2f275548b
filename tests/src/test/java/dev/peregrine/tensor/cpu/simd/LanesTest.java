package dev.peregrine.tensor.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.device.DeviceException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simd")
class LanesTest {
  @Test
  void thePropertyNamesTheWidth() {
    assertThat(Lanes.species("512").length()).isEqualTo(16);
    assertThat(Lanes.species("256").length()).isEqualTo(8);
    assertThat(Lanes.species(" 128 ").length()).isEqualTo(4);
    assertThat(Lanes.species(null).length()).isBetween(2, 16);
    String bits = System.getProperty(Lanes.PROPERTY);
    if (bits != null) {
      assertThat(Lanes.LENGTH * 32).isEqualTo(Integer.parseInt(bits));
    }
  }

  @Test
  void anotherWidthIsAnError() {
    assertThatThrownBy(() -> Lanes.species("1024"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("dev.peregrine.simd.bits is '1024' but must be 512, 256 or 128");
  }
}
