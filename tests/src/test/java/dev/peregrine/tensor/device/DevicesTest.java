package dev.peregrine.tensor.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.Ops;
import dev.peregrine.testkit.TestDevices;
import org.junit.jupiter.api.Test;

class DevicesTest {
  @Test
  void theReferenceAndTheCpuAreAlwaysThere() {
    assertThat(TestDevices.all()).extracting(Device::name).startsWith("reference", "cpu");
    assertThat(TestDevices.present("cpu:1", "cpu:2", "cpu:3")).hasSize(3);
    assertThat(Devices.reference()).isSameAs(Devices.reference());
    assertThat(Devices.cpu()).isSameAs(Devices.cpu());
  }

  @Test
  void theCurrentDeviceHoldsWithinItsCodeOnly() {
    assertThat(Ops.device()).isSameAs(Devices.cpu());
    assertThat(Ops.on(Devices.reference(), Ops::device)).isSameAs(Devices.reference());
    assertThat(Ops.device()).isSameAs(Devices.cpu());
  }

  @Test
  void anUnknownNameIsAnErrorThatNamesTheFamilies() {
    assertThatThrownBy(() -> Devices.open("tpu"))
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith("device: no device family is named 'tpu'; there are [cpu,")
        .hasMessageContaining("reference");
    assertThatThrownBy(() -> Devices.open("reference:1"))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "device: 'reference:1' does not exist; there is one reference device, named"
                + " 'reference'");
  }
}
