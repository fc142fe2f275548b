package dev.peregrine.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.HostArrays;
import dev.peregrine.testkit.TestDevices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Numbers on their way to the device and back: all arrive, in order, and nobody waits. */
class StagingTest {
  /** More than all pieces of pinned memory hold, and no multiple of one. */
  private static final int MANY = (5 << 20) + 3;

  /** Of pictures that are large enough for the second queue. */
  private static final int SIDE = 96;

  @BeforeAll
  static void requireOpenCl() {
    assertThat(TestDevices.openCl()).isNotNull();
  }

  private static float[] numbers(int count, int seed) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = seed + i % 1013;
    }
    return numbers;
  }

  @Test
  void whatIsWrittenIsReadWhateverItsSizeAndType() {
    Device device = TestDevices.openCl();
    for (int size : new int[] {1, 1 << 14, (1 << 14) + 1, 1 << 20, MANY}) {
      for (DType dtype : new DType[] {DType.F32, DType.I32, DType.F16, DType.U8}) {
        Spec spec = new Spec(dtype, Shape.of(size));
        Object numbers =
            switch (dtype) {
              case F32, F64 -> numbers(size, size);
              case I32 -> {
                int[] ints = new int[size];
                Arrays.setAll(ints, i -> i * 31);
                yield ints;
              }
              case F16 -> {
                short[] halves = new short[size];
                for (int i = 0; i < size; i++) {
                  halves[i] = (short) (i * 5);
                }
                yield halves;
              }
              case U8 -> {
                byte[] bytes = new byte[size];
                for (int i = 0; i < size; i++) {
                  bytes[i] = (byte) (i * 7);
                }
                yield bytes;
              }
            };
        Buffer buffer = device.allocate(spec);
        device.write(numbers, buffer);
        assertThat(HostArrays.firstDifference(HostArrays.read(device, buffer), numbers))
            .as(spec.toString())
            .isNegative();
      }
    }
  }

  /** An array may be filled anew at once, though the device takes its numbers later. */
  @Test
  void writtenArraysBelongToTheirCallersAgain() {
    Device device = TestDevices.openCl();
    float[] numbers = new float[1 << 18];
    List<Buffer> written = new ArrayList<>();
    for (int round = 0; round < 40; round++) {
      int size = round % 3 == 0 ? 100 : numbers.length - round;
      Arrays.fill(numbers, round);
      Buffer buffer = device.allocate(Spec.f32(size));
      device.write(numbers, buffer);
      written.add(buffer);
    }
    for (int round = 0; round < written.size(); round++) {
      float[] read = new float[written.get(round).spec().shape().size()];
      device.read(written.get(round), read);
      assertThat(read).containsOnly(round);
    }
  }

  private static Plan plan(Device device) {
    Params params = Ops.on(device, () -> Params.create(1));
    Spec x = Spec.f32(1, SIDE, SIDE, 3);
    Ops.on(device, () -> network(params, Tensor.full(x, 0)));
    return Plan.prepare(
        Tracer.trace(List.of(x), in -> List.of(network(params, in.getFirst()))), device);
  }

  private static Tensor network(Params p, Tensor x) {
    Tensor y = Layers.convBn(p.at("a"), x, 16, 3, 1, Unary.Kind.MISH);
    return Layers.convBn(p.at("b"), y, 8, 3, 2, Unary.Kind.LEAKY_RELU);
  }

  private static float[] run(Plan plan, float[] picture) {
    plan.write(0, picture);
    plan.run();
    float[] numbers = new float[plan.output(0).spec().shape().size()];
    plan.read(0, numbers);
    return numbers;
  }

  /** The second picture crosses while the plan computes the first, whose numbers it still reads. */
  @Test
  void aPlanRunsAndTakesItsNextInputWithoutTheHostWaiting() {
    FailingDevice watched = FailingDevice.open();
    Plan plan = plan(watched.device());
    float[] first = numbers(SIDE * SIDE * 3, 1);
    float[] second = numbers(SIDE * SIDE * 3, 5);
    float[] expectedFirst = run(plan, first);
    float[] expectedSecond = run(plan, second);
    float[] outputs = new float[expectedFirst.length];
    Buffer kept = watched.device().allocate(plan.output(0).spec());

    int waits = watched.calls().waits();
    int uploads = watched.calls().uploads();
    plan.write(0, first);
    plan.run();
    copy(watched.device(), plan.output(0), kept);
    plan.write(0, second);
    plan.run();
    assertThat(watched.calls().waits()).as("waits of the host").isEqualTo(waits);
    assertThat(watched.calls().uploads()).as("pieces on the second queue").isEqualTo(uploads + 2);

    plan.read(0, outputs);
    assertThat(outputs).containsExactly(expectedSecond);
    watched.device().read(kept, outputs);
    assertThat(outputs).containsExactly(expectedFirst);
  }

  private static void copy(Device device, Buffer from, Buffer to) {
    Reshape reshape = new Reshape(from.spec().shape());
    device
        .kernel(reshape, new Signature(List.of(from.spec()), List.of(to.spec())))
        .run(new Buffer[] {from}, new Buffer[] {to}, null);
  }

  @Test
  void threadsWithPlansOfTheirOwnShareTheQueues() throws InterruptedException, ExecutionException {
    Device device = TestDevices.openCl();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<float[]>> results = new ArrayList<>();
      Plan alone = plan(device);
      for (int i = 0; i < 3; i++) {
        Plan plan = plan(device);
        float[] picture = numbers(SIDE * SIDE * 3, i);
        results.add(
            threads.submit(() -> {
              float[] last = run(plan, picture);
              for (int round = 0; round < 2; round++) {
                assertThat(run(plan, picture)).containsExactly(last);
              }
              return last;
            }));
      }
      for (int i = 0; i < 3; i++) {
        assertThat(results.get(i).get()).containsExactly(run(alone, numbers(SIDE * SIDE * 3, i)));
      }
    }
  }
}
