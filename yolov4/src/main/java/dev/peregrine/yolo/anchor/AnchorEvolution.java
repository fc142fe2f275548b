package dev.peregrine.yolo.anchor;

import dev.peregrine.yolo.head.HeadSpec.Anchor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Family P's search for anchors: clusters first, then many small random changes, of which those are
 * kept that raise the fitness.
 *
 * <p><b>Formula</b> with chance 0.9 each side is multiplied by {@code 1 + 0.1 u n}, where u is one
 * number of the attempt, uniform in [0, 1), and n a normal number of the side; the factor stays
 * within [0.3, 3], a side at 2 pixels or above. Fitness: {@link AnchorScore#fitness()}.
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code kmean_anchors}.
 *
 * @param generations how many attempts
 * @param ratio how many times larger or smaller a side may be, family P's {@code anchor_t}
 * @param seed of everything random
 */
public record AnchorEvolution(int generations, double ratio, long seed) {
  private static final double CHANCE = 0.9;
  private static final double SPREAD = 0.1;
  private static final double SMALLEST_FACTOR = 0.3;
  private static final double LARGEST_FACTOR = 3;
  private static final double SMALLEST_SIDE = 2;

  /** Boxes of which no side reaches this are left out of the clusters: too small to learn. */
  private static final double SMALLEST_BOX = 2;

  /** Checks the settings. */
  public AnchorEvolution {
    if (generations < 0 || !(ratio > 1)) {
      throw new IllegalArgumentException(
          "anchors evolve over 0 or more generations at a ratio above 1, got "
              + generations
              + " and "
              + ratio);
    }
  }

  /**
   * Clusters boxes and improves the clusters.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} where there are fewer boxes than anchors.
   *
   * <p><b>Cost</b> generations times boxes times anchors, on all cores; the result does not depend
   * on their number.
   *
   * @param boxes what the anchors are to suit
   * @param count how many anchors
   * @return the anchors by rising area
   */
  public List<Anchor> search(BoxSizes boxes, int count) {
    BoxSizes seen =
        boxes.filter(box -> box.width() >= SMALLEST_BOX || box.height() >= SMALLEST_BOX);
    return improve(AnchorClusters.bySides(seen.count() < count ? boxes : seen, count, seed), boxes);
  }

  /**
   * Improves anchors.
   *
   * @param start where to begin
   * @param boxes what they are to suit
   * @return the anchors by rising area; never less fit than those of the start
   */
  public List<Anchor> improve(List<Anchor> start, BoxSizes boxes) {
    AnchorScore.require(start, ratio);
    SplittableRandom random = new SplittableRandom(seed ^ 0x5DEECE66DL);
    List<Anchor> best = start;
    double fitness = AnchorScore.fitness(best, boxes, 1 / ratio);
    for (int generation = 0; generation < generations; generation++) {
      List<Anchor> changed = changed(best, random);
      double now = AnchorScore.fitness(changed, boxes, 1 / ratio);
      if (now > fitness) {
        fitness = now;
        best = changed;
      }
    }
    return AnchorClusters.sorted(best);
  }

  private static List<Anchor> changed(List<Anchor> anchors, SplittableRandom random) {
    while (true) {
      double step = random.nextDouble() * SPREAD;
      boolean changed = false;
      List<Anchor> next = new ArrayList<>();
      for (Anchor anchor : anchors) {
        double across = factor(step, random);
        double down = factor(step, random);
        changed |= across != 1 || down != 1;
        next.add(
            new Anchor(
                Math.max(SMALLEST_SIDE, anchor.width() * across),
                Math.max(SMALLEST_SIDE, anchor.height() * down)));
      }
      if (changed) {
        return next;
      }
    }
  }

  private static double factor(double step, SplittableRandom random) {
    double normal = random.nextGaussian();
    return random.nextDouble() < CHANCE
        ? Math.clamp(1 + step * normal, SMALLEST_FACTOR, LARGEST_FACTOR)
        : 1;
  }
}
