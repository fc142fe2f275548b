package dev.peregrine.bench.gpu;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.opencl.OpenClDevice;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.plan.Profile;
import dev.peregrine.tensor.shape.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Our own engine on one device. */
final class OwnSide implements Side {
  private static final double RATE = 1e-4;
  private static final double MOMENTUM = 0.9;
  private static final double DECAY = 5e-4;
  private static final int WARM_UP = 3;

  private final Device device;
  private Runnable run = () -> {};

  OwnSide(Device device) {
    this.device = device;
  }

  @Override
  public String name() {
    return "peregrine " + device.name();
  }

  @Override
  public void load(Contest contest) {
    close();
  }

  private Plan plan(Contest contest, int batch) {
    Params params = contest.params().training(false);
    Plan plan =
        Plan.prepare(
            () ->
                Tracer.trace(
                    List.of(contest.pictures(batch)),
                    inputs -> contest.model().forward(params, inputs.getFirst())),
            device);
    float[] one = contest.picture();
    float[] all = new float[batch * one.length];
    for (int i = 0; i < batch; i++) {
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    plan.write(0, all);
    return plan;
  }

  @Override
  public float[] heads(Contest contest, Path folder) {
    Plan plan = plan(contest, 1);
    plan.run();
    List<Value> outputs = plan.graph().outputs();
    float[] all = new float[outputs.stream().mapToInt(o -> o.spec().shape().size()).sum()];
    int start = 0;
    for (int i = 0; i < outputs.size(); i++) {
      float[] head = new float[outputs.get(i).spec().shape().size()];
      plan.read(i, head);
      System.arraycopy(head, 0, all, start, head.length);
      start += head.length;
    }
    return all;
  }

  /** The most that tensor cores compute; not a number where the side uses none. */
  double tensorCoreGigaflops() {
    return device instanceof OpenClDevice card ? card.tensorCoreGigaflops() : Double.NaN;
  }

  /** Times each step of inference. */
  Profile profile(Contest contest, int batch, int runs) {
    return plan(contest, batch).profile(runs);
  }

  @Override
  public void prepare(Contest contest, Kind kind, int batch) {
    close();
    run =
        switch (kind) {
          case INFERENCE -> plan(contest, batch)::run;
          case TRAINING -> step(contest, batch);
        };
    for (int i = 0; i < WARM_UP; i++) {
      run.run();
    }
    device.finish();
  }

  private Runnable step(Contest contest, int batch) {
    Params params = contest.params().to(DType.F32, device).training(true);
    float[] one = contest.picture();
    float[] all = new float[batch * one.length];
    for (int i = 0; i < all.length; i++) {
      // Each picture of a batch is a little darker than the one before.
      int picture = i / one.length;
      all[i] = one[i % one.length] * (1 - 0.5f * picture / batch);
    }
    Tensor pictures = Ops.on(device, () -> Tensor.of(contest.pictures(batch).shape(), all));
    Sgd optimizer = Sgd.plain(DECAY);
    return () -> {
      try (Tape tape = Tape.watching(params)) {
        Tensor loss =
            tape.record(() ->
                contest.model().forward(params, pictures).stream()
                    .map(head -> Reductions.sum(head.times(head)).times(1e-3 / batch))
                    .reduce(Tensor::plus)
                    .orElseThrow());
        Adjoints gradients = tape.backward(loss);
        optimizer.step(params, gradients, StepSize.of(RATE, MOMENTUM));
      }
    };
  }

  @Override
  public double turn(double seconds) {
    List<Double> times = new ArrayList<>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    do {
      long start = System.nanoTime();
      run.run();
      device.finish();
      times.add((System.nanoTime() - start) / 1e6);
    } while (System.nanoTime() < end);
    times.sort(null);
    return times.get(times.size() / 2);
  }

  @Override
  public void close() {
    run = () -> {};
    device.pool().clear();
  }
}
