package dev.peregrine.yolo;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * The prepared plans of a detector, by what they take. A run has a plan to itself: an idle one, or
 * a new one.
 */
final class PlanPool {
  private final ConcurrentHashMap<Input, ConcurrentLinkedQueue<Plan>> idle =
      new ConcurrentHashMap<>();
  private final DetectionModel model;
  private final Supplier<Params> params;
  private final Device device;

  /** Size and number of the pictures that a plan takes. */
  record Input(InputSize size, int batch) {}

  PlanPool(DetectionModel model, Supplier<Params> params, Device device) {
    this.model = model;
    this.params = params;
    this.device = device;
  }

  /** Prepares a plan for its caller alone. */
  Plan prepare(Input input, Runnable freed) {
    InputSize size = input.size();
    Spec image = Spec.f32(input.batch(), size.height(), size.width(), 3);
    return Plan.prepare(
        () -> {
          Params numbers = params.get();
          return Tracer.trace(List.of(image), inputs -> model.forward(numbers, inputs.get(0)));
        },
        device,
        freed);
  }

  /** Makes a plan ready for an input, unless one is idle. */
  void preload(Input input, Runnable freed) {
    ConcurrentLinkedQueue<Plan> plans = of(input);
    if (plans.isEmpty()) {
      plans.add(prepare(input, freed));
    }
  }

  private ConcurrentLinkedQueue<Plan> of(Input input) {
    return idle.computeIfAbsent(input, _ -> new ConcurrentLinkedQueue<>());
  }

  /** Runs the network on an input and gives all its heads. */
  List<Findings.Head> run(Input input, float[] numbers) {
    ConcurrentLinkedQueue<Plan> plans = of(input);
    Plan plan = plans.poll();
    if (plan == null) {
      plan = prepare(input, () -> {});
    }
    plan.write(0, numbers);
    plan.run();
    List<Findings.Head> heads = new ArrayList<>();
    for (Value output : plan.graph().outputs()) {
      Shape shape = output.spec().shape();
      Findings.Head head = new Findings.Head(shape.dim(1), shape.dim(2), new float[shape.size()]);
      plan.read(heads.size(), head.numbers());
      heads.add(head);
    }
    plans.add(plan);
    return heads;
  }
}
