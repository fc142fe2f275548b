package dev.peregrine.bench.peers;

import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.plan.Plan;
import java.util.ArrayList;
import java.util.List;

/** Our own plan. */
final class PeregrineSide implements Side {
  private final Plan plan;

  PeregrineSide(Subject subject, int threads) {
    plan = Plan.prepare(subject.trace(), Devices.open("cpu:" + threads));
    plan.write(0, subject.pictures());
  }

  /** Multiplications and additions of one run, as everybody counts them for all engines. */
  double flops() {
    return plan.graph().flops();
  }

  @Override
  public String name() {
    return "peregrine";
  }

  @Override
  public void run() {
    plan.run();
  }

  @Override
  public List<float[]> results() {
    List<float[]> heads = new ArrayList<>();
    for (int i = 0; i < plan.graph().outputs().size(); i++) {
      float[] head = new float[plan.graph().outputs().get(i).spec().shape().size()];
      plan.read(i, head);
      heads.add(head);
    }
    return heads;
  }

  @Override
  public void close() {}
}
