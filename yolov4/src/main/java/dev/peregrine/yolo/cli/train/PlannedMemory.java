package dev.peregrine.yolo.cli.train;

import dev.peregrine.tensor.Ops;
import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.recipe.Recipe;
import dev.peregrine.yolo.run.MemoryBudget;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Makes a training fit into memory before it begins, or refuses it. */
final class PlannedMemory {
  private PlannedMemory() {}

  /**
   * Plans the memory of a training on the present device, and prints the plan.
   *
   * <p><b>Errors</b> {@link UsageException} with the figures if not even single pictures fit, or
   * not the parts that {@code subdivisions=} asks for.
   *
   * @param call its settings
   * @param demand what it asks for
   * @return the settings, with {@code subdivisions=} as planned
   */
  static Call of(Call call, MemoryBudget.Demand demand) {
    int asked = call.get(RunKeys.SUBDIVISIONS);
    MemoryBudget plan = MemoryBudget.of(demand, call.devices(), limit(call));
    call.print("memory: " + plan);
    if (!plan.fits()) {
      throw new UsageException(
          "this training takes "
              + plan
              + "; take a smaller imgsz=, recompute=true or a smaller network, or give Java more"
              + " with JDK_JAVA_OPTIONS=-Xmx...");
    }
    if (asked > 0 && plan.subdivisions() > asked) {
      throw new UsageException(
          String.format(
              Locale.ROOT,
              "subdivisions=%d takes too much memory: %d parts would fit, with %s; leave"
                  + " subdivisions= out, or give Java more with JDK_JAVA_OPTIONS=-Xmx...",
              asked,
              plan.subdivisions(),
              plan));
    }
    if (plan.subdivisions() > 1) {
      call.print(
          "each batch is computed in %d parts, whose gradients add up; batch normalisation sees one"
                  .formatted(plan.subdivisions())
              + " part at a time");
    }
    Map<String, String> texts = new HashMap<>(call.texts());
    texts.put(RunKeys.SUBDIVISIONS.name(), String.valueOf(plan.subdivisions()));
    return new Call(call.verb(), texts, call.console());
  }

  /** The same for the training of a detector. */
  static Call of(Call call, DetectionModel model, Recipe recipe, DataInput data) {
    return of(
        call,
        RunKeys.settings(call, recipe, model).demand(model, StyleKeys.of(call), data.train()));
  }

  /** Memory of a device of its own is not Java's to tell. */
  private static long limit(Call call) {
    double gibi = call.get(RunKeys.MEMORY);
    return gibi > 0 ? (long) (gibi * (1L << 30)) : Ops.device().memoryLimit();
  }
}
