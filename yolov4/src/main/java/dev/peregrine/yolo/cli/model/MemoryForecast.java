package dev.peregrine.yolo.cli.model;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.StepFootprint;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a network will take of memory, told before any of it is taken: all of it is worked out on
 * shapes.
 *
 * @param inference a plan for one picture
 * @param training steps of a batch
 * @param batch pictures of a step
 */
record MemoryForecast(PlanFootprint inference, StepFootprint training, int batch) {
  /** The batch of {@code train} unless it is given one. */
  static final Key<Integer> BATCH =
      Key.whole("batch", "16", 1, 4096, "pictures of the training step whose memory is told");

  private static final double MEBI = 1 << 20;

  /** Traces a network on shapes, for one picture and for a step. */
  static MemoryForecast of(Model model, Spec picture, int batch, Device device) {
    Graph inference =
        Tracer.trace(
            List.of(picture), inputs -> model.forward(Params.symbolic(), inputs.getFirst()));
    Spec pictures = picture.withShape(picture.shape().with(0, batch));
    return new MemoryForecast(
        PlanFootprint.of(inference, device),
        StepFootprint.of(model, LayerStyle.PLAIN, pictures, device),
        batch);
  }

  void print(Call call) {
    call.print("memory of inference, 1 picture: " + inference);
    call.print(
        "memory of training, %d %s a step: %s"
            .formatted(batch, batch == 1 ? "picture" : "pictures", training));
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
    step.put("step", training.step() / MEBI);
    step.put("total", training.total() / MEBI);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("inference", run);
    all.put("training", step);
    return all;
  }
}
