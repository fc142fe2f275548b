package dev.peregrine.bench.peers;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.yolo.darknet.CfgModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Our training step: forward with the statistics of the batch, the sum of squares of all heads,
 * backward, stochastic gradient descent with momentum and weight decay.
 */
final class PeregrineStep implements Side {
  static final double RATE = 1e-4;
  static final double MOMENTUM = 0.9;
  static final double DECAY = 5e-4;

  private final CfgModel model;
  private final Params params;
  private final Tensor pictures;
  private final double scale;
  private final Sgd optimizer = Sgd.plain(DECAY);

  PeregrineStep(Subject subject, int threads) {
    Device device = Devices.open("cpu:" + threads);
    model = subject.model();
    params = subject.params().to(DType.F32, device).training(true);
    pictures = Ops.on(device, () -> Tensor.of(subject.spec().shape(), subject.pictures().clone()));
    scale = scale(subject);
  }

  /** What each square counts, so that steps are small for any batch. */
  static double scale(Subject subject) {
    return 1e-3 / subject.batch();
  }

  @Override
  public String name() {
    return "peregrine";
  }

  @Override
  public void run() {
    try (Tape tape = Tape.watching(params)) {
      Tensor loss = tape.record(() -> loss(model.forward(params, pictures)));
      if (!Double.isFinite(loss.item())) {
        throw new ArithmeticException("peregrine: the loss became " + loss.item());
      }
      Adjoints gradients = tape.backward(loss);
      optimizer.step(params, gradients, StepSize.of(RATE, MOMENTUM));
    }
  }

  private Tensor loss(List<Tensor> heads) {
    return heads.stream()
        .map(head -> Reductions.sum(head.times(head)).times(scale))
        .reduce(Tensor::plus)
        .orElseThrow();
  }

  /** What the optimiser remembers of the gradients, times the rate: the change of each array. */
  @Override
  public List<float[]> results() {
    Map<String, Tensor> velocities = optimizer.state();
    List<float[]> changes = new ArrayList<>();
    for (Params.Entry entry : params.entries()) {
      Tensor velocity = velocities.get(entry.path());
      if (velocity != null) {
        float[] change = velocity.floats();
        for (int i = 0; i < change.length; i++) {
          change[i] *= (float) RATE;
        }
        changes.add(change);
      }
    }
    return changes;
  }

  @Override
  public void close() {}
}
