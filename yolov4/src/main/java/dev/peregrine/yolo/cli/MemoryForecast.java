package dev.peregrine.yolo.cli;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.StepFootprint;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a network will take of memory, told before any of it is taken: all of it is worked out on
 * shapes.
 *
 * @param inference a plan for one picture
 * @param training steps of a batch
 * @param scratch bytes that a kernel of a step needs besides
 * @param batch pictures of a step
 */
record MemoryForecast(PlanFootprint inference, StepFootprint training, long scratch, int batch) {
  /** The batch of {@code train} unless it is given one. */
  static final Key<Integer> BATCH =
      Key.whole("batch", "16", 1, 4096, "pictures of the training step whose memory is told");

  private static final double MEBI = 1 << 20;

  /** Traces a network on shapes, for one picture and for a step. */
  static MemoryForecast of(Model model, Spec picture, int batch, Device device) {
    Graph inference =
        Tracer.trace(
            List.of(picture), inputs -> model.forward(Params.symbolic(), inputs.getFirst()));
    Params params = Params.symbolic().training(true);
    Spec pictures =
        Spec.f32(batch, picture.shape().dim(1), picture.shape().dim(2), picture.shape().channels());
    Graph step =
        Tracer.trace(List.of(pictures), inputs -> model.forward(params, inputs.getFirst()));
    return new MemoryForecast(
        PlanFootprint.of(inference, device),
        StepFootprint.of(params, step),
        PlanFootprint.scratch(step, device),
        batch);
  }

  void print(Call call) {
    call.print("memory of inference, 1 picture: " + inference);
    call.print(
        String.format(
            Locale.ROOT,
            "memory of training, %d %s a step: %s, with scratch memory %.1f MiB",
            batch,
            batch == 1 ? "picture" : "pictures",
            training,
            (training.total() + scratch) / MEBI));
  }

  /** For programs, in MiB. */
  Map<String, Object> json() {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("weights", inference.constants() / MEBI);
    run.put("packed", inference.packed() / MEBI);
    run.put("activations", inference.arena() / MEBI);
    run.put("scratch", inference.workspace() / MEBI);
    run.put("total", inference.total() / MEBI);
    Map<String, Object> step = new LinkedHashMap<>();
    step.put("batch", batch);
    step.put("state", training.state() / MEBI);
    step.put("gradients", training.gradients() / MEBI);
    step.put("activations", training.forward() / MEBI);
    step.put("values", training.values() / MEBI);
    step.put("scratch", scratch / MEBI);
    step.put("total", (training.total() + scratch) / MEBI);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("inference", run);
    all.put("training", step);
    return all;
  }
}
