package dev.peregrine.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the steps of a training run keep and give back. */
class StepMemoryTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Device device = Devices.open("cpu:1");

  /** All that a partial block is made of: convolutions, a split, two joins, pooling. */
  private static Tensor net(Params p, Tensor x) {
    Tensor whole = Layers.convBn(p.at("in"), x, 32, 3, 2, Unary.Kind.LEAKY_RELU);
    Tensor half = Arrays.slice(whole, -1, 16, 16);
    Tensor first = Layers.convBn(p.at("part", 0), half, 16, 3, 1, Unary.Kind.MISH);
    Tensor second = Layers.convBn(p.at("part", 1), first, 16, 3, 1, Unary.Kind.SWISH);
    Tensor sum = second.plus(first);
    Tensor joined = Arrays.concat(-1, whole, sum, first);
    Tensor pooled = Pooling.maxPool(joined, Window.of(2).stride(2));
    Tensor wide = Pooling.maxPool(pooled, Window.same(5, 1));
    return Layers.bias(p.at("out"), Layers.conv2d(p.at("out"), wide, 8, Window.of(1), 1));
  }

  @Test
  void aThousandStepsDoNotGrow() {
    Params params = Params.create(1).training(true);
    Ops.on(
        device,
        () -> {
          Tensor image = Arrays.normal(Spec.f32(2, 8, 8, 3), 2);
          net(params, image);
          params.discard();
          Sgd sgd = Sgd.nesterov(1e-4);
          Ema ema = new Ema();
          long pooled = 0;
          List<Long> allocated = new ArrayList<>();
          for (int step = 0; step < 1000; step++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try (Tape tape = Tape.watching(params)) {
              Tensor loss =
                  tape.record(() -> {
                    Tensor y = net(params, image);
                    return Reductions.sum(y.times(y));
                  });
              sgd.step(params, tape.backward(loss), StepSize.of(1e-4, 0.9));
            }
            ema.update(params);
            allocated.add(THREADS.getCurrentThreadAllocatedBytes() - before);
            if (step == 2) {
              pooled = device.pool().pooledBytes();
            }
            if (step >= 2) {
              assertThat(device.pool().pooledBytes()).as("after step %d", step).isEqualTo(pooled);
            }
          }
          // Compilation makes steps allocate less in time, never more.
          long early = allocated.subList(100, 200).stream().mapToLong(a -> a).max().orElseThrow();
          long late = allocated.subList(900, 1000).stream().mapToLong(a -> a).max().orElseThrow();
          assertThat(late).isLessThanOrEqualTo(early);
          return image;
        });
  }

  @Test
  void backwardGivesBackWhatItUsed() {
    Params params = Params.create(1).training(true);
    Ops.on(
        device,
        () -> {
          Tensor image = Arrays.normal(Spec.f32(2, 8, 8, 3), 2);
          net(params, image);
          params.discard();
          AtomicReference<Tensor> inner = new AtomicReference<>();
          try (Tape tape = Tape.watching(params)) {
            List<Tensor> heads =
                tape.record(() -> {
                  Tensor y = net(params, image);
                  inner.set(y);
                  return List.of(y.times(y));
                });
            assertThat(inner.get().floats()).hasSize(2 * 2 * 2 * 8);
            long before = device.pool().pooledBytes();
            Tensor seed = Tensor.full(heads.get(0).spec(), 1);
            Adjoints gradients = tape.backward(heads, List.of(seed));
            assertThat(device.pool().pooledBytes()).as("before the end").isGreaterThan(before);
            assertThat(heads.get(0).floats()).as("returned by record").hasSize(2 * 2 * 2 * 8);
            assertThat(gradients.of(params.entry("in.weight").value()).floats()).isNotEmpty();
            assertThatThrownBy(() -> inner.get().floats())
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("had no more use for it");
            assertThatThrownBy(() -> tape.backward(heads, List.of(seed)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("backward already");
          }
          return image;
        });
  }

  /** An adjoint that several tensors share must not change with one of them. */
  @Test
  void sharedAdjointsStayApart() {
    Tensor a = Tensor.of(Shape.of(2, 4), 1, 2, 3, 4, 5, 6, 7, 8);
    Tensor b = Tensor.of(Shape.of(2, 4), 1, 1, 2, 2, 1, 1, 2, 2);
    try (Tape tape = Tape.watching(List.of(a, b))) {
      Tensor loss =
          tape.record(() -> {
            Tensor sum = a.plus(b);
            Tensor left = Arrays.slice(a, -1, 0, 2);
            Tensor right = Arrays.slice(a, -1, 2, 2);
            Tensor joined = Arrays.concat(-1, right, left, right);
            return Reductions.sum(sum.times(3))
                .plus(Reductions.sum(joined.times(joined)))
                .plus(Reductions.sum(b.times(a)));
          });
      Adjoints gradients = tape.backward(loss);
      // 3 + 2 a + b on the left, 3 + 4 a + b on the right
      assertThat(gradients.of(a).floats()).containsExactly(6, 8, 17, 21, 14, 16, 33, 37);
      assertThat(gradients.of(b).floats()).containsExactly(4, 5, 6, 7, 8, 9, 10, 11);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LEAKY_RELU", "MISH", "SWISH", "LOGISTIC", "RELU"})
  void normalisationWritesItsGradientOverTheAdjoint(Unary.Kind kind) {
    for (int channels : new int[] {3, 16, 32, 50, 64, 100}) {
      Spec x = Spec.f32(3, 7, 5, channels);
      Spec row = new Spec(DType.F32, Shape.of(channels));
      Ops.on(
          device,
          () -> {
            List<Tensor> inputs =
                List.of(
                    Arrays.normal(x, 1),
                    Arrays.uniform(row, 2),
                    Arrays.normal(row, 3),
                    Arrays.normal(row, 4),
                    Arrays.uniform(row, 5),
                    Arrays.normal(x, 6));
            BatchNormGrad op = new BatchNormGrad(1e-5, kind);
            float[] apart = Ops.applyAll(op, inputs).get(0).floats();
            Tensor dy = inputs.get(5);
            Tensor over =
                Ops.with(
                        new Eager(spec -> spec.equals(x) ? dy.buffer() : device.allocate(spec)),
                        () -> Ops.applyAll(op, inputs))
                    .get(0);
            assertThat(over.buffer()).isSameAs(dy.buffer());
            assertThat(over.floats()).containsExactly(apart);
            return dy;
          });
    }
  }

  @Test
  void memoryOfSizesThatNoStepAsksForAnyMoreIsLetGo() {
    Params params = Params.create(1).training(true);
    Ops.on(
        device,
        () -> {
          device.pool().clear();
          long alone = 0;
          for (int size : new int[] {64, 8, 24, 40, 16, 48, 56, 32, 64}) {
            Tensor image = Arrays.normal(Spec.f32(2, size, size, 3), 2);
            net(params, image);
            params.discard();
            for (int step = 0; step < 10; step++) {
              try (Tape tape = Tape.watching(params)) {
                tape.backward(
                    tape.record(() -> {
                      Tensor y = net(params, image);
                      return Reductions.sum(y.times(y));
                    }));
              }
              params.discard();
            }
            alone = alone == 0 ? device.pool().pooledBytes() : alone;
          }
          assertThat(device.pool().pooledBytes()).isLessThan(alone + alone / 10);
          return alone;
        });
  }
}
