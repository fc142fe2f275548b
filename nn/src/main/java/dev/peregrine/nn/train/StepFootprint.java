package dev.peregrine.nn.train;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DryDevice;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import java.util.Locale;

/**
 * The memory that training takes, found before the first step by a step that computes nothing.
 *
 * <p>Pictures that wait in the loader and copies that are made while a run is saved come on top.
 *
 * <p><b>Units</b> bytes.
 *
 * @param state weights and statistics, what the optimiser keeps of them and their moving average
 * @param gradients derivatives of the weights that wait for the next step
 * @param step the most that a step takes at one time: input, results, derivatives, scratch memory
 */
public record StepFootprint(long state, long gradients, long step) {
  private static final double MEBI = 1 << 20;

  /**
   * Finds the need of a network that learns by momentum.
   *
   * @param model the network
   * @param style how its layers normalise, and whether they are computed again
   * @param images spec of a batch of pictures
   * @param device where it would be trained
   * @return the need
   */
  public static StepFootprint of(Model model, LayerStyle style, Spec images, Device device) {
    return of(model, style, images, device, 1);
  }

  /**
   * Finds the need of a network.
   *
   * <p><b>Cost</b> as tracing: a second for the largest networks, and none of their memory.
   *
   * @param model the network
   * @param style how its layers normalise, and whether they are computed again
   * @param images spec of a batch of pictures
   * @param device where it would be trained
   * @param memories what the optimiser keeps, {@link dev.peregrine.nn.optim.Optimizer#memories}
   * @return the need
   */
  public static StepFootprint of(
      Model model, LayerStyle style, Spec images, Device device, int memories) {
    DryDevice dry = new DryDevice(device);
    return Ops.on(
        dry,
        () -> {
          Params params = Params.create(0).with(style);
          Tracer.trace(List.of(images), inputs -> model.forward(params, inputs.getFirst()));
          params.training(true);
          Tensor input = Tensor.full(images, 0);
          try (Tape tape = Tape.watching(params)) {
            List<Tensor> outputs = tape.record(() -> model.forward(params, input));
            tape.backward(outputs, outputs.stream().map(y -> Tensor.full(y.spec(), 0)).toList());
          }
          long trained = 0;
          long all = 0;
          for (Params.Entry entry : params.entries()) {
            long bytes = entry.value().spec().bytes();
            all += bytes;
            trained += entry.isTrained() ? bytes : 0;
          }
          return new StepFootprint(
              2 * all + memories * trained, trained, dry.pool().pooledBytes() + images.bytes());
        });
  }

  /**
   * Returns what a run takes at its peak.
   *
   * @return the sum of all
   */
  public long total() {
    return state + gradients + step;
  }

  /** Returns the sizes in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "weights, optimiser and average %.1f MiB; waiting gradients %.1f MiB; input, activations,"
            + " derivatives and scratch memory at most %.1f MiB; together %.1f MiB",
        state / MEBI,
        gradients / MEBI,
        step / MEBI,
        total() / MEBI);
  }
}
