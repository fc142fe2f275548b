package dev.peregrine.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.opencl.runtime.DeviceDescription.Type;
import dev.peregrine.opencl.runtime.OpenClListing;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Which device {@code device=auto} takes, and what it says where it takes the CPU. */
class AutomaticDeviceTest {
  private static final DeviceDescription PROCESSOR = described("Some Core", Type.CPU);
  private static final DeviceDescription CARD = described("Acme 9000", Type.GPU);

  private final List<String> said = new ArrayList<>();

  private static DeviceDescription described(String name, Type type) {
    return new DeviceDescription("Acme", name, type, 1L << 30, 8, "OpenCL 3.0");
  }

  private Optional<Device> find(OpenClListing listing, IntFunction<Device> opening) {
    return GraphicsCard.find(listing, opening, said::add);
  }

  private Optional<Device> find(IntFunction<Device> opening, DeviceDescription... devices) {
    return find(new OpenClListing.Found(List.of(devices)), opening);
  }

  private void requireOneLine(String... parts) {
    assertThat(said).hasSize(1);
    assertThat(said.getFirst().lines()).hasSize(1);
    assertThat(said.getFirst())
        .startsWith("device: ")
        .contains(parts)
        .endsWith("; computing on the CPU (device=cpu does so without this line)");
  }

  @Test
  void theFirstCardIsTakenAndNothingSaid() {
    Device device = Devices.reference();
    assertThat(find(i -> i == 1 ? device : new WrongProducts(), PROCESSOR, CARD, CARD))
        .containsSame(device);
    assertThat(said).isEmpty();
  }

  @Test
  void whatOpenClLacksIsSaid() {
    assertThat(find(new OpenClListing.None("no driver is installed."), _ -> Devices.reference()))
        .isEmpty();
    requireOneLine("no graphics card can be used: no driver is installed; ");
  }

  @Test
  void processorsDoNotCount() {
    assertThat(find(_ -> Devices.reference(), PROCESSOR)).isEmpty();
    requireOneLine("OpenCL offers [Some Core] but no graphics card");
  }

  @Test
  void aCardThatCannotBeOpenedOrCompiledForIsSaid() {
    assertThat(
            find(
                _ -> {
                  throw new DeviceException("device: the driver cannot compile matmul.cl: error");
                },
                CARD))
        .isEmpty();
    requireOneLine("cannot compile matmul.cl");
  }

  @Test
  void aCardThatComputesWronglyIsNotTaken() {
    assertThat(find(_ -> new WrongProducts(), CARD)).isEmpty();
    requireOneLine("Acme 9000 multiplied matrices wrongly in a trial");
  }
}
