package dev.peregrine.yolo.run;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.optim.Optimizer;
import dev.peregrine.nn.train.StepFootprint;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.plan.MemoryPlan;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;
import java.util.Locale;

/**
 * What a run will take of memory, worked out before its first step at the largest input that it
 * will ever have, and in how many parts its batches must be computed to fit.
 *
 * <p><b>Units</b> bytes.
 *
 * @param size the largest input of the run
 * @param part pictures that are computed together
 * @param subdivisions parts of a batch
 * @param step weights with what is kept beside them, and a step of that many pictures
 * @param pictures decoded pictures, those of a batch and those made ahead
 * @param other what evaluations and checkpoints take, which do not come at one time
 * @param limit what there is, or {@link Long#MAX_VALUE} where that is not known
 */
public record MemoryBudget(
    InputSize size,
    int part,
    int subdivisions,
    StepFootprint step,
    long pictures,
    long other,
    long limit) {
  /** What is left to Java, its code and gaps in the heap. */
  private static final double USABLE = 0.9;

  private static final int MOST_MEASURED = 8;

  /** Transformed filters of 3x3 take four times what they are, others once. */
  private static final int PACKED = 4;

  private static final double GIBI = 1 << 30;

  /**
   * What a run asks for.
   *
   * @param model the network
   * @param style how its layers normalise, and whether they are computed again
   * @param optimizer that it learns by
   * @param size its usual input
   * @param largest the largest that the run will have
   * @param batch pictures of a mini-batch
   * @param subdivisions the fewest parts that it is computed in
   * @param replicas copies of the network that share it
   * @param cache bytes of decoded pictures that are kept
   */
  public record Demand(
      Model model,
      LayerStyle style,
      Optimizer optimizer,
      InputSize size,
      InputSize largest,
      int batch,
      int subdivisions,
      int replicas,
      long cache) {}

  /**
   * Makes the plan of a run on one device.
   *
   * @param demand what it asks for
   * @param device where it computes
   * @param limit bytes that it may take
   * @return the plan with the fewest parts that fit; if none fits, that of single pictures
   */
  public static MemoryBudget of(Demand demand, Device device, long limit) {
    return of(demand, List.of(device), limit);
  }

  /**
   * Makes the plan of a run that several devices share.
   *
   * @param demand what it asks for
   * @param devices where it computes; the first one holds the weights and is planned for, with what
   *     further ones take of the same memory, which is Java's heap
   * @param limit bytes that it may take
   * @return the plan with the fewest parts that fit; if none fits, that of single pictures
   */
  public static MemoryBudget of(Demand demand, List<Device> devices, long limit) {
    InputSize largest = demand.largest();
    long picture = Spec.f32(1, largest.height(), largest.width(), 3).bytes();
    int batch = demand.batch();
    int threads = Runtime.getRuntime().availableProcessors();
    // A batch is in use, others are being made, and two more are laid out for the network: what it
    // computes and what comes next.
    long pictures = demand.cache() + picture * (3L * batch + DataLoader.ahead(batch, threads));
    long measured = measured(demand);
    int parts = Math.min(batch, demand.subdivisions());
    while (true) {
      int part = Math.ceilDiv(batch, parts);
      StepFootprint step = step(demand, part, devices);
      // A checkpoint is written from copies in the order of files, made of copies of this moment.
      long saving = 2 * (step.state() + step.gradients());
      MemoryBudget plan =
          new MemoryBudget(largest, part, parts, step, pictures, Math.max(saving, measured), limit);
      if (part == 1 || plan.fits()) {
        return plan;
      }
      parts = Math.ceilDiv(batch, part / 2);
    }
  }

  private static StepFootprint step(Demand demand, int part, List<Device> devices) {
    int sharers = Math.max(demand.replicas(), devices.size());
    int each = Math.ceilDiv(part, sharers);
    InputSize size = demand.largest();
    StepFootprint one =
        StepFootprint.of(
            demand.model(),
            demand.style(),
            Spec.f32(each, size.height(), size.width(), 3),
            devices.getFirst(),
            demand.optimizer().memories());
    long here = Math.min(demand.replicas(), part);
    long gradients = one.gradients();
    if (devices.size() > 1) {
      // The first device sums up gradients that arrived; each other one holds weights and
      // gradients.
      long block = (one.state() - demand.optimizer().memories() * one.gradients()) / 2;
      long followers = devices.stream().skip(1).filter(MemoryBudget::isOnHeap).count();
      boolean heap = isOnHeap(devices.getFirst());
      here += heap ? Math.min(followers, part - 1) : 0;
      gradients += 2 * block + (heap ? block + 2 * followers * block : 0);
    }
    return new StepFootprint(one.state(), gradients, one.step() * here);
  }

  private static boolean isOnHeap(Device device) {
    return device.memoryLimit() < Long.MAX_VALUE;
  }

  /** An evaluation keeps weights, as kernels like them too, and the values of its plan. */
  private static long measured(Demand demand) {
    InputSize size = demand.size();
    Spec images = Spec.f32(Math.min(MOST_MEASURED, demand.batch()), size.height(), size.width(), 3);
    Params params = Params.symbolic();
    Graph graph =
        Tracer.trace(List.of(images), inputs -> demand.model().forward(params, inputs.getFirst()));
    long weights = params.entries().stream().mapToLong(e -> e.value().spec().bytes()).sum();
    return MemoryPlan.of(Passes.inference().apply(graph)).arenaBytes() + PACKED * weights;
  }

  /**
   * Returns all of it.
   *
   * @return bytes
   */
  public long total() {
    return step.total() + pictures + other;
  }

  /**
   * Tells whether there is so much.
   *
   * @return true if nine tenths of the limit are enough
   */
  public boolean fits() {
    return total() <= USABLE * limit;
  }

  /** Returns the plan in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.2f GiB%s: a step of %d %s of at most %s %.2f, weights with what the optimiser keeps,"
            + " average and gradients %.2f, decoded pictures up to %.2f, evaluating and saving"
            + " %.2f",
        total() / GIBI,
        limit == Long.MAX_VALUE ? "" : String.format(Locale.ROOT, " of %.2f", limit / GIBI),
        part,
        part == 1 ? "picture" : "pictures",
        size,
        step.step() / GIBI,
        (step.state() + step.gradients()) / GIBI,
        pictures / GIBI,
        other / GIBI);
  }
}
