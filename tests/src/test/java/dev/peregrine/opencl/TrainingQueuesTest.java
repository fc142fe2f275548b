package dev.peregrine.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.data.Source;
import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Objective;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Staged;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.opencl.FailingCalls.Call;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a training step asks of the two queues, and in which order. */
class TrainingQueuesTest {
  /** Of pictures that are large enough for the second queue. */
  private static final int SIDE = 96;

  private static final int BATCHES = 4;
  private static final int BATCH = 2;

  @BeforeAll
  static void requireOpenCl() {
    assertThat(TestDevices.openCl()).isNotNull();
  }

  /** Pictures of a formula. */
  private record Pictures() implements Source<float[]> {
    @Override
    public int size() {
      return BATCHES * BATCH;
    }

    @Override
    public float[] get(int index, long epoch) {
      float[] pixels = new float[SIDE * SIDE * 3];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) Math.sin(0.37 * i + index);
      }
      return pixels;
    }
  }

  private static Tensor tensor(List<float[]> batch) {
    float[] all = new float[batch.size() * SIDE * SIDE * 3];
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(batch.get(i), 0, all, i * SIDE * SIDE * 3, SIDE * SIDE * 3);
    }
    return Tensor.of(Shape.of(batch.size(), SIDE, SIDE, 3), all);
  }

  private static Tensor network(Params p, Tensor x, int layers) {
    Tensor y = x;
    for (int i = 0; i < layers; i++) {
      y = Layers.convBn(p.at("layer", i), y, 8, 3, i == 0 ? 2 : 1, Unary.Kind.MISH);
    }
    return y;
  }

  /** The sum of squares of what a network finds; each step begins when the next batch is made. */
  private record Squares(
      int layers, boolean looksAhead, Staged<float[]> staged, DataLoader<float[]> loader)
      implements Objective<float[]> {
    @Override
    public Outcome compute(Params params, Tape tape, List<float[]> batch) {
      while (params.moment().step() + 1 < BATCHES && loader.coming().isEmpty()) {
        Thread.onSpinWait();
      }
      Tensor images = staged.take(batch, () -> tensor(batch));
      Tensor loss =
          tape.record(() -> {
            Tensor y = network(params, images, layers);
            return Reductions.sum(y.times(y));
          });
      Map<String, Double> parts = Map.of("loss", loss.item());
      Adjoints gradients = tape.backward(loss);
      return new Outcome(parts, gradients, batch.size());
    }

    @Override
    public void ahead(List<float[]> part) {
      if (looksAhead) {
        staged.bring(part, () -> tensor(part));
      }
    }
  }

  /** Keeps the loss of each mini-batch. */
  private record Losses(List<Double> all) implements Listener {
    @Override
    public void onBatch(Trainer<?> trainer, Progress progress) {
      all.add(progress.losses().get("loss"));
    }
  }

  /** Trains for an epoch. */
  private static List<Double> train(FailingDevice watched, int layers, boolean ahead, int parts) {
    return Ops.on(
        watched.device(),
        () -> {
          Params params = Params.create(3);
          network(params, Tensor.of(Shape.of(1, 8, 8, 3), new float[192]), layers);
          List<Double> losses = new ArrayList<>();
          try (DataLoader<float[]> loader = new DataLoader<>(new Pictures(), BATCH, false, 1, 1)) {
            new Trainer<>(
                    params,
                    loader,
                    new Squares(layers, ahead, new Staged<>(), loader),
                    Sgd.nesterov(0.0005),
                    _ -> StepSize.of(1e-4, 0.9),
                    null,
                    new Accumulation.Mean(BATCH),
                    List.of(new Losses(losses)))
                .subdivided(parts)
                .train(1);
          }
          return losses;
        });
  }

  /**
   * At each upload but the first, kernels were asked for since the host last waited: it crosses
   * while they run. (The log is of what is asked for; on a card both queues work at once.)
   */
  @Test
  void theNextPicturesCrossWhileAStepIsComputedAndChangeNoBit() {
    FailingDevice watched = FailingDevice.open();
    train(watched, 3, true, 1); // compiles
    for (int parts : new int[] {1, 2}) {
      watched.calls().log().clear();
      List<Double> ahead = train(watched, 3, true, parts);
      List<Integer> busy = launchesBeforeUploads(watched.calls().log());
      assertThat(busy).as("uploads of %d parts", parts).hasSize(BATCHES * parts);
      assertThat(busy.subList(1, busy.size())).allMatch(launches -> launches > 10);
      assertThat(train(watched, 3, false, parts)).hasSize(BATCHES).isEqualTo(ahead);
    }
  }

  /** For each upload how many kernels were asked for since the host last waited. */
  private static List<Integer> launchesBeforeUploads(List<Call> log) {
    List<Integer> found = new ArrayList<>();
    int launches = 0;
    for (Call call : List.copyOf(log)) {
      switch (call) {
        case LAUNCH -> launches++;
        case READ -> launches = 0;
        case UPLOAD -> found.add(launches);
      }
    }
    return found;
  }

  @Test
  void theHostWaitsAsOftenForADeepNetworkAsForAShallowOne() {
    assertThat(reads(6)).isEqualTo(reads(2));
  }

  private static long reads(int layers) {
    FailingDevice watched = FailingDevice.open();
    train(watched, layers, true, 1);
    watched.calls().log().clear();
    train(watched, layers, true, 1);
    return watched.calls().log().stream().filter(call -> call == Call.READ).count();
  }
}
