package dev.peregrine.yolo;

import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.yolo.model.InputSize;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The prepared plans of a detector, by what they take. A run has a plan to itself: an idle one, or
 * a new one.
 */
final class PlanPool {
  private final ConcurrentHashMap<Input, ConcurrentLinkedQueue<Plan>> idle =
      new ConcurrentHashMap<>();
  private final Maker maker;

  /** Prepares a plan, and says when numbers that were folded into others are needed no more. */
  interface Maker {
    Plan prepare(Input input, Runnable rewritten);
  }

  /** Size and number of the pictures that a plan takes. */
  record Input(InputSize size, int batch) {}

  PlanPool(Maker maker) {
    this.maker = maker;
  }

  /** Makes a plan ready for an input, unless one is idle. */
  void preload(Input input, Runnable rewritten) {
    ConcurrentLinkedQueue<Plan> plans = of(input);
    if (plans.isEmpty()) {
      plans.add(maker.prepare(input, rewritten));
    }
  }

  private ConcurrentLinkedQueue<Plan> of(Input input) {
    return idle.computeIfAbsent(input, _ -> new ConcurrentLinkedQueue<>());
  }

  /** Runs the network on an input and gives all its outputs. */
  float[][] run(Input input, float[] numbers) {
    ConcurrentLinkedQueue<Plan> plans = of(input);
    Plan plan = plans.poll();
    if (plan == null) {
      plan = maker.prepare(input, () -> {});
    }
    plan.write(0, numbers);
    plan.run();
    float[][] outputs = new float[plan.graph().outputs().size()][];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = new float[plan.graph().outputs().get(i).spec().shape().size()];
      plan.read(i, outputs[i]);
    }
    plans.add(plan);
    return outputs;
  }
}
