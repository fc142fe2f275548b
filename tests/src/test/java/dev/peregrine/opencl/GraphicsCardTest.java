package dev.peregrine.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.opencl.kernel.Precision;
import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.opencl.runtime.DeviceDescription.Type;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.testkit.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which device {@code device=auto} takes where numbers are rounded. */
class GraphicsCardTest {
  private static final DeviceDescription CPU = device("pthread", Type.CPU);
  private static final DeviceDescription OLD = device("an old card", Type.GPU);
  private static final DeviceDescription NEW = device("a new card", Type.GPU);

  private final List<Integer> tried = new ArrayList<>();

  private static DeviceDescription device(String name, Type type) {
    return new DeviceDescription("platform", name, type, 1L << 30, 2, "OpenCL 3.0");
  }

  @BeforeEach
  void requireOpenCl() {
    assertThat(TestDevices.openCl()).isNotNull();
  }

  /** Opens a device of which some cannot. */
  private IntFunction<Device> except(int... unable) {
    return index -> {
      tried.add(index);
      for (int one : unable) {
        if (one == index) {
          throw new DeviceException("device " + index + " cannot");
        }
      }
      return Devices.cpu();
    };
  }

  @Test
  void theFirstCardThatCanIsTaken() {
    GraphicsCard.find(Precision.TF32, List.of(CPU, OLD, NEW), except(1));
    assertThat(tried).containsExactly(1, 2);
  }

  @Test
  void whereNoCardCanTheFirstOnesReasonIsTold() {
    assertThatThrownBy(
            () -> GraphicsCard.find(Precision.BF16, List.of(OLD, CPU, NEW), except(0, 2)))
        .isInstanceOf(DeviceException.class)
        .hasMessage("device 0 cannot");
    assertThat(tried).containsExactly(0, 2);
  }

  @Test
  void withoutACardThereIsOneSentence() {
    assertThatThrownBy(() -> GraphicsCard.find(Precision.TF32, List.of(CPU), except()))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "device: precision tf32 is computed by the tensor cores of NVIDIA's cards from compute"
                + " capability 8.0 on, and OpenCL offers no graphics card here; use"
                + " precision=fp32");
    assertThat(tried).isEmpty();
  }

  @Test
  void whatNeedsNoTensorCoresTakesAnyDevice() {
    GraphicsCard.find(Precision.FP32, List.of(CPU), except());
    GraphicsCard.find(Precision.FP16, List.of(CPU), except());
    assertThat(tried).containsExactly(0, 0);
    assertThat(Devices.open("opencl:auto").name()).isEqualTo("opencl:auto");
  }
}
