package dev.peregrine.tensor.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Broadcast;
import dev.peregrine.tensor.op.Cast;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Gather;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.DTypeException;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values that are stored in f16: every operation that takes them, on every device of this machine
 * against exact results of the same rounded numbers, and the refusal of every other one.
 */
class StorageMatrixTest {
  private static final Set<Class<? extends Op>> STORING =
      Set.of(
          Unary.class,
          Binary.class,
          Reshape.class,
          Permute.class,
          Broadcast.class,
          Slice.class,
          Flip.class,
          Concat.class,
          Gather.class,
          Conv2d.class,
          MaxPool.class,
          AvgPool.class,
          Upsample.class,
          BatchNorm.class);

  /** Half of the distance between neighbours, relative. */
  private static final double ROUNDING = 1.0 / 2048;

  private static final String COMMON = "conv2d (3x3 p1|1x1) \\[[^+]*";

  private static final double LARGEST = 65520;

  // Where values are f16, device=cpu takes the reference's kernels: it takes part in casts alone.
  private final List<Device> devices =
      TestDevices.all().stream().filter(device -> !device.name().equals("cpu")).toList();

  /**
   * A quarter of the shapes of convolutions with common windows, a few others, and of each other
   * operation the first that differ: each takes two programs of OpenCL.
   */
  static Stream<OpCase> storing() {
    Set<Op> seen = new HashSet<>();
    Map<Class<?>, Integer> taken = new HashMap<>();
    return Stream.concat(Cases.all().stream(), Cases.yoloV4Tiny(64).stream())
        .filter(c -> STORING.contains(c.op().getClass()))
        .filter(c -> c.specs().getFirst().dtype() == DType.F32)
        .filter(c ->
            c.name().matches(COMMON)
                ? Math.floorMod(c.name().hashCode(), 4) == 0
                : seen.add(c.op())
                    && isCommon(c.op())
                    && taken.merge(c.op().getClass(), 1, Integer::sum)
                        <= (c.op() instanceof Conv2d ? 20 : 6));
  }

  private static boolean isCommon(Op op) {
    return !(op instanceof Conv2d conv)
        || conv.epilogue().steps().stream()
            .filter(Epilogue.Activate.class::isInstance)
            .map(step -> ((Epilogue.Activate) step).kind())
            .allMatch(kind -> kind == Unary.Kind.MISH || kind == Unary.Kind.LEAKY_RELU);
  }

  static Stream<OpCase> refusing() {
    return Cases.all().stream()
        .filter(c -> !STORING.contains(c.op().getClass()) && !(c.op() instanceof Cast))
        .filter(c ->
            Stream.concat(c.specs().stream(), c.signature().outputs().stream())
                .anyMatch(spec -> spec.dtype() == DType.F32));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("storing")
  void everyDeviceComputesWhatIsStoredInHalves(OpCase c) {
    List<Spec> specs = new ArrayList<>();
    List<Object> numbers = new ArrayList<>();
    List<double[]> exact = new ArrayList<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      Spec spec = c.specs().get(i);
      Object given = c.numbers(i);
      if (spec.dtype() == DType.F32 && isStored(c.op(), i)) {
        spec = new Spec(DType.F16, spec.shape());
        given = halves(HostArrays.doubles(given));
      }
      specs.add(spec);
      numbers.add(given);
      exact.add(HostArrays.doubles(given));
    }
    double[] truth = truth(c, numbers, exact);
    if (c.op() instanceof Conv2d(var window, var groups, var epilogue)) {
      Op widened = new Conv2d(window, groups, epilogue.widen());
      check(c, Signature.of(widened, specs), widened, numbers, truth, DType.F32, c.tolerance());
    }
    for (int i = 0; i < truth.length; i++) {
      // Beyond 65,520 a half is infinite.
      truth[i] = Math.abs(truth[i]) < LARGEST ? truth[i] : Math.signum(truth[i]) / 0.0;
    }
    Signature signature = Signature.of(c.op(), specs);
    check(c, signature, c.op(), numbers, truth, DType.F16, c.tolerance() + ROUNDING);
  }

  private void check(
      OpCase c,
      Signature signature,
      Op op,
      List<Object> numbers,
      double[] truth,
      DType output,
      double tolerance) {
    assertThat(signature.output().dtype()).isEqualTo(output);
    for (Device device : devices) {
      boolean plain = device.name().equals("reference");
      for (Layout layout : plain ? List.of(Layout.ODD_SLICE) : List.of(Layout.values())) {
        Kernel kernel = device.kernel(op, signature);
        List<FencedBuffer> inputs = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
          inputs.add(FencedBuffer.holding(device, signature.input(i), layout, numbers.get(i)));
        }
        Buffer[] constants = FencedBuffer.buffers(inputs);
        constants[0] = null;
        for (Kernel each : List.of(kernel, kernel.withConstants(constants))) {
          String where = c + " on " + device.name() + " " + layout + ", " + each.algorithm();
          FencedBuffer result = new FencedBuffer(device, signature.output(), layout);
          Spec scratch = new Spec(DType.F32, Shape.of(each.workspace()));
          FencedBuffer workspace = new FencedBuffer(device, scratch, Layout.DENSE);
          each.run(
              FencedBuffer.buffers(inputs),
              FencedBuffer.buffers(List.of(result)),
              workspace.buffer());
          assertThat(inputs).as("%s: inputs", where).allMatch(FencedBuffer::isUnchanged);
          assertThat(result.isFenceIntact()).as("%s: fence", where).isTrue();
          assertThat(workspace.isFenceIntact()).as("%s: fence of scratch", where).isTrue();
          double[] actual = HostArrays.doubles(result.numbers());
          assertThat(Closeness.compare(actual, truth, tolerance)).as(where).isNull();
        }
      }
    }
  }

  private static double[] truth(OpCase c, List<Object> numbers, List<double[]> exact) {
    Device reference = Devices.reference();
    OpCase wide = c.in(DType.F64);
    Buffer[] inputs = wide.inputBuffers(reference);
    for (int i = 0; i < inputs.length; i++) {
      boolean real = wide.specs().get(i).dtype() == DType.F64;
      reference.write(real ? exact.get(i) : numbers.get(i), inputs[i]);
    }
    Buffer[] outputs = wide.outputBuffers(reference);
    reference.prepare(wide.op(), wide.signature()).run(inputs, outputs, null);
    return HostArrays.doubles(HostArrays.read(reference, outputs[0]));
  }

  private static boolean isStored(Op op, int input) {
    if (op instanceof BatchNorm) {
      return input == 0;
    }
    if (!(op instanceof Conv2d conv) || input < 2) {
      return true;
    }
    return conv.epilogue().steps().stream()
            .filter(step -> !(step instanceof Epilogue.Activate))
            .toList()
            .get(input - 2)
        instanceof Epilogue.Add;
  }

  private static short[] halves(double[] numbers) {
    short[] halves = new short[numbers.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = Float.floatToFloat16((float) numbers[i]);
    }
    return halves;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusing")
  void everyOtherOperationRefusesHalvesByItsLaw(OpCase c) {
    OpCase stored = c.in(DType.F16);
    assertThatThrownBy(stored::signature)
        .isInstanceOf(DTypeException.class)
        .hasMessageMatching("[a-z0-9_ ]+: .* f16 .*cast (it|them) first");
  }

  /** All bits of halves, and floats around every place where rounding decides. */
  @Test
  void castsAreThoseOfJavaOnEveryDevice() {
    short[] every = new short[1 << 16];
    float[] floats = new float[1 << 18];
    for (int i = 0; i < every.length; i++) {
      every[i] = (short) i;
    }
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.intBitsToFloat(i << 14 | (i % 3 == 0 ? 0x1000 : i % 3));
    }
    for (Device device : TestDevices.all()) {
      Buffer halves = device.allocate(new Spec(DType.F16, Shape.of(64, every.length / 64)));
      device.write(every, halves);
      Tensor wide = new Tensor(halves.spec(), device, halves).to(DType.F32);
      float[] read = wide.floats();
      for (int i = 0; i < every.length; i++) {
        float expected = Float.float16ToFloat(every[i]);
        boolean same = read[i] == expected || Float.isNaN(read[i]) && Float.isNaN(expected);
        assertThat(same).as("%s of half %x: %s", device.name(), i, read[i]).isTrue();
      }
      Tensor given = Ops.on(device, () -> Tensor.of(Shape.of(floats.length), floats));
      short[] narrow = (short[]) HostArrays.read(device, given.to(DType.F16).buffer());
      for (int i = 0; i < floats.length; i++) {
        boolean same =
            narrow[i] == Float.floatToFloat16(floats[i])
                || Float.isNaN(floats[i]) && Float.isNaN(Float.float16ToFloat(narrow[i]));
        assertThat(same).as("%s of %s: %x", device.name(), floats[i], narrow[i]).isTrue();
      }
    }
  }

  @Test
  void onlyFloatsBecomeHalvesAndHalvesFloats() {
    Spec half = new Spec(DType.F16, Shape.of(3));
    assertThatThrownBy(() -> new Cast(DType.I32).infer(List.of(half)))
        .isInstanceOf(DTypeException.class)
        .hasMessage("cast to i32: x is f16 but must be f32; cast it first");
    assertThatThrownBy(() -> new Cast(DType.F16).infer(List.of(new Spec(DType.U8, Shape.of(3)))))
        .isInstanceOf(DTypeException.class)
        .hasMessage("cast to f16: x is u8 but must be f32; cast it first");
    assertThatThrownBy(
            () -> Ops.on(Devices.cpu(), () -> Tensor.full(Spec.f32(3), 1)).to(DType.F16).floats())
        .isInstanceOf(DTypeException.class)
        .hasMessage("tensor: elements are f16 but were asked for as f32; cast it first");
  }
}
