package dev.peregrine.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.opencl.kernel.Precision;
import dev.peregrine.opencl.kernel.TensorCores;
import dev.peregrine.opencl.kernel.Tiling;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.Cases;
import dev.peregrine.testkit.Closeness;
import dev.peregrine.testkit.FencedBuffer;
import dev.peregrine.testkit.FencedBuffer.Layout;
import dev.peregrine.testkit.HostArrays;
import dev.peregrine.testkit.OpCase;
import dev.peregrine.testkit.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The kernels of tensor cores, their one instruction computed by ordinary work items: everything
 * that surrounds it, and which lane holds which element.
 */
class OpenClTensorCoresTest {
  private static final String PRODUCTS =
      "conv2d(_input_grad|_weight_grad)? (3x3 p1|1x1|3x3 s2 p1) \\[1, 9, 11, (17|33|64)\\].*"
          + "|conv2d.*groups (2|4)"
          + "|conv2d 3x3.*17\\] to 33 \\+bias.*"
          + "|matmul.*";

  /** Skipped on a machine without OpenCL, unless one is demanded. */
  @BeforeAll
  static void requireOpenCl() {
    assertThat(TestDevices.openCl().description()).startsWith("opencl: ");
  }

  private static OpenClDevice emulated(Precision precision) {
    return OpenClDevice.open(
        "opencl", 0, Tiling.emulatedCores(precision), UnaryOperator.identity());
  }

  @ParameterizedTest
  @EnumSource(names = {"TF32", "BF16", "FP16"})
  void productsOfRoundedFactorsAreExact(Precision precision) {
    OpenClDevice device = emulated(precision);
    int products = 0;
    for (OpCase c : Cases.all()) {
      if (!c.name().matches(PRODUCTS)) {
        continue;
      }
      Kernel kernel = device.prepare(c.op(), c.signature());
      if (!kernel.algorithm().contains(precision.name().toLowerCase(Locale.ROOT))) {
        continue; // groups of few channels are no matrix products
      }
      products++;
      List<Object> rounded = new ArrayList<>();
      List<Object> given = new ArrayList<>();
      for (int i = 0; i < c.inputs().size(); i++) {
        float[] numbers = ((float[]) c.numbers(i)).clone();
        given.add(numbers);
        double[] exact = new double[numbers.length];
        for (int k = 0; k < exact.length; k++) {
          exact[k] = i < 2 ? round(numbers[k], precision) : numbers[k];
        }
        rounded.add(exact);
      }
      OpCase inDoubles = c.in(DType.F64);
      Device reference = Devices.reference();
      double[] truth =
          run(reference, inDoubles, rounded, reference.prepare(c.op(), inDoubles.signature()));
      double[] actual = run(device, c, given, kernel);
      assertThat(Closeness.compare(actual, truth, c.tolerance())).as(c.toString()).isNull();
    }
    assertThat(products).isGreaterThan(30);
  }

  private static double[] run(Device device, OpCase c, List<Object> numbers, Kernel kernel) {
    List<FencedBuffer> inputs = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i++) {
      Spec spec = c.signature().input(i);
      inputs.add(FencedBuffer.holding(device, spec, Layout.ODD_SLICE, numbers.get(i)));
    }
    FencedBuffer output = new FencedBuffer(device, c.signature().output(), Layout.ODD_SLICE);
    Spec scratch = new Spec(DType.F32, Shape.of(kernel.workspace()));
    kernel.run(
        FencedBuffer.buffers(inputs),
        FencedBuffer.buffers(List.of(output)),
        new FencedBuffer(device, scratch, Layout.DENSE).buffer());
    assertThat(output.isFenceIntact()).as("fence of " + c).isTrue();
    return HostArrays.doubles(output.numbers());
  }

  /** The nearest number of so few bits of mantissa, of two the even one or the larger one. */
  private static double round(float number, Precision precision) {
    int bits = precision == Precision.BF16 ? 7 : 10;
    double unit = Math.ulp(number) * Math.pow(2, 23 - bits);
    double scaled = Math.abs(number) / unit;
    double whole = precision == Precision.TF32 ? Math.floor(scaled + 0.5) : Math.rint(scaled);
    return Math.copySign(whole * unit, number);
  }

  /** What is asked of a device when it is opened. */
  @ParameterizedTest
  @EnumSource(names = {"TF32", "BF16", "FP16"})
  void theTrialProductIsExact(Precision precision) {
    TensorCores.prove(precision, emulated(precision));
  }

  @ParameterizedTest
  @EnumSource(names = {"TF32", "BF16", "FP16"})
  void thePeakOfTheInstructionIsMeasured(Precision precision) {
    assertThat(emulated(precision).tensorCoreGigaflops()).isBetween(1e-3, 1e6);
  }

  @Test
  void aDeviceWithoutTensorCoresHasNoPeakOfThem() {
    assertThat(((OpenClDevice) TestDevices.openCl()).tensorCoreGigaflops()).isNaN();
  }

  @Test
  void aTrialOfWrongProductsRefusesTheDevice() {
    assertThatThrownBy(() -> TensorCores.prove(Precision.TF32, new WrongProducts()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("multiplied matrices wrongly in a trial; use precision=fp32");
  }

  @Test
  void aDeviceWithoutTensorCoresSaysSo() {
    assertThatThrownBy(() -> Devices.open("opencl:0@tf32"))
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith("device: precision tf32 is computed by the tensor cores of NVIDIA")
        .hasMessageEndingWith("is not one of them; use precision=fp32");
    assertThatThrownBy(() -> Devices.open("opencl:@int4"))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "device: 'opencl' knows no precision 'int4'; there are [fp32, tf32, bf16, fp16]");
    assertThat(Devices.open("opencl:0@fp32").name()).isEqualTo("opencl:0@fp32");
  }

  /** Doubles are computed as ever. */
  @Test
  void doublesAreNotRounded() {
    OpCase c =
        Cases.all().stream()
            .filter(each -> each.op() instanceof Conv2d && each.name().contains("33] to 31"))
            .findFirst()
            .orElseThrow()
            .in(DType.F64);
    assertThat(emulated(Precision.TF32).prepare(c.op(), c.signature()).algorithm())
        .doesNotContain("tf32");
  }
}
