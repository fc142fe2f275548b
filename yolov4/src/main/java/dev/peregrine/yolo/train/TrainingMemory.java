package dev.peregrine.yolo.train;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DryDevice;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;
import java.util.Locale;

/**
 * What training takes of memory, found before the first step by a step that computes nothing.
 *
 * @param step bytes of one step: results, gradients and scratch memory
 * @param weights bytes of the weights, and of what the optimiser and the average keep beside them
 */
public record TrainingMemory(long step, long weights) {
  /** Weights, momentum, waiting gradients and average. */
  private static final int BLOCKS = 4;

  /**
   * Finds the need of a network.
   *
   * <p><b>Cost</b> as tracing: a second for the largest networks.
   *
   * @param model the network
   * @param style how its layers normalise, and whether they are computed again
   * @param batch pictures of a mini-batch
   * @param size rows and columns of the input
   * @param device where it would be trained
   * @return the need, without decoded pictures
   */
  public static TrainingMemory of(
      DetectionModel model, LayerStyle style, int batch, InputSize size, Device device) {
    DryDevice dry = new DryDevice(device);
    return Ops.on(
        dry,
        () -> {
          Params params = Models.initialize(model, 0, style).training(true);
          Tensor images = Tensor.full(Spec.f32(batch, size.height(), size.width(), 3), 0);
          try (Tape tape = Tape.watching(params)) {
            List<Tensor> heads = tape.record(() -> model.forward(params, images));
            tape.backward(heads, heads.stream().map(head -> Tensor.full(head.spec(), 0)).toList());
          }
          long numbers =
              params.entries().stream().mapToLong(entry -> entry.value().spec().bytes()).sum();
          return new TrainingMemory(
              dry.pool().pooledBytes() + images.spec().bytes(), BLOCKS * numbers);
        });
  }

  /**
   * Returns all of it.
   *
   * @return bytes
   */
  public long total() {
    return step + weights;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.2f GiB (a step %.2f, weights with optimiser and average %.2f)",
        total() / 0x1p30,
        step / 0x1p30,
        weights / 0x1p30);
  }
}
