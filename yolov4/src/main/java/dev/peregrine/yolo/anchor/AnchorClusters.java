package dev.peregrine.yolo.anchor;

import dev.peregrine.yolo.head.HeadSpec.Anchor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Anchors as the centres of clusters of boxes.
 *
 * <p>Boxes go to the nearest centre, centres to the mean of their boxes, until nothing moves. Where
 * that ends depends on where it starts, so it is done several times and the best end is kept.
 */
public final class AnchorClusters {
  private static final int ROUNDS = 300;

  /** More boxes would only move the centres by a fraction of a pixel. */
  private static final int MOST_BOXES = 100_000;

  private AnchorClusters() {}

  /** How far a box is from a centre. */
  private interface Distance {
    double of(Anchor centre, double width, double height);
  }

  /**
   * Clusters by shape, darknet's way: the distance is {@code 1 - IoU}, the first centres lie far
   * apart, and of ten attempts the one with the highest mean IoU is kept.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} where there are fewer boxes than centres.
   *
   * <p><b>Source</b> darknet {@code calc_anchors}; Arthur and Vassilvitskii 2007 for the start.
   *
   * @param boxes what to cluster
   * @param count how many anchors
   * @param seed of the starts
   * @return the anchors by rising area
   */
  public static List<Anchor> byOverlap(BoxSizes boxes, int count, long seed) {
    require(boxes, count);
    BoxSizes some = boxes.thinned(MOST_BOXES);
    return best(some, count, seed, 10, (c, w, h) -> 1 - AnchorScore.iou(c, w, h));
  }

  /**
   * Clusters by the sides, family P's way: the distance is Euclid's after each side is divided by
   * its standard deviation, and of thirty attempts the one with the least mean square is kept.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} where there are fewer boxes than centres.
   *
   * <p><b>Source</b> ScaledYOLOv4 {@code kmean_anchors}.
   *
   * @param boxes what to cluster
   * @param count how many anchors
   * @param seed of the starts
   * @return the anchors by rising area
   */
  public static List<Anchor> bySides(BoxSizes boxes, int count, long seed) {
    require(boxes, count);
    BoxSizes some = boxes.thinned(MOST_BOXES);
    double across = deviation(some.mean((w, _) -> w), some.mean((w, _) -> w * w));
    double down = deviation(some.mean((_, h) -> h), some.mean((_, h) -> h * h));
    return best(
        some,
        count,
        seed,
        30,
        (c, w, h) -> {
          double dx = (c.width() - w) / across;
          double dy = (c.height() - h) / down;
          return dx * dx + dy * dy;
        });
  }

  private static double deviation(double mean, double meanSquare) {
    double variance = meanSquare - mean * mean;
    return variance > 1e-12 * meanSquare ? Math.sqrt(variance) : Math.sqrt(meanSquare);
  }

  private static void require(BoxSizes boxes, int count) {
    if (count < 1 || boxes.count() < count) {
      throw new IllegalArgumentException(
          "%d anchors need as many boxes at least, and one anchor is the least; there are %d boxes"
              .formatted(count, boxes.count()));
    }
  }

  private static List<Anchor> best(
      BoxSizes boxes, int count, long seed, int attempts, Distance distance) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Anchor> best = List.of();
    double least = Double.POSITIVE_INFINITY;
    for (int attempt = 0; attempt < attempts; attempt++) {
      List<Anchor> centres = settle(boxes, start(boxes, count, random, distance), distance);
      double cost = boxes.mean((w, h) -> distance.of(nearest(centres, w, h, distance), w, h));
      if (cost < least) {
        least = cost;
        best = centres;
      }
    }
    return sorted(best);
  }

  /** Each next centre is a box drawn with a chance that grows with its distance to the others. */
  private static List<Anchor> start(
      BoxSizes boxes, int count, SplittableRandom random, Distance distance) {
    List<Anchor> centres = new ArrayList<>();
    centres.add(boxes.size(random.nextInt(boxes.count())));
    double[] away = new double[boxes.count()];
    Arrays.fill(away, Double.POSITIVE_INFINITY);
    while (centres.size() < count) {
      double sum = 0;
      for (int i = 0; i < away.length; i++) {
        double d = distance.of(centres.getLast(), boxes.width(i), boxes.height(i));
        away[i] = Math.min(away[i], Math.max(d, 0));
        sum += away[i];
      }
      int chosen = random.nextInt(away.length);
      double left = random.nextDouble() * sum;
      for (int i = 0; i < away.length && sum > 0; i++) {
        left -= away[i];
        if (left <= 0 && away[i] > 0) {
          chosen = i;
          break;
        }
      }
      centres.add(boxes.size(chosen));
    }
    return centres;
  }

  private static List<Anchor> settle(BoxSizes boxes, List<Anchor> start, Distance distance) {
    List<Anchor> centres = start;
    int[] owner = new int[boxes.count()];
    Arrays.fill(owner, -1);
    for (int round = 0; round < ROUNDS; round++) {
      double[] width = new double[centres.size()];
      double[] height = new double[centres.size()];
      int[] members = new int[centres.size()];
      boolean moved = false;
      for (int i = 0; i < owner.length; i++) {
        double w = boxes.width(i);
        double h = boxes.height(i);
        int nearest = nearestIndex(centres, w, h, distance);
        moved |= owner[i] != nearest;
        owner[i] = nearest;
        width[nearest] += w;
        height[nearest] += h;
        members[nearest]++;
      }
      if (!moved) {
        break;
      }
      List<Anchor> next = new ArrayList<>();
      for (int c = 0; c < members.length; c++) {
        next.add(
            members[c] == 0
                ? centres.get(c)
                : new Anchor(width[c] / members[c], height[c] / members[c]));
      }
      centres = next;
    }
    return centres;
  }

  private static Anchor nearest(List<Anchor> centres, double w, double h, Distance distance) {
    return centres.get(nearestIndex(centres, w, h, distance));
  }

  private static int nearestIndex(List<Anchor> centres, double w, double h, Distance distance) {
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < centres.size(); c++) {
      double d = distance.of(centres.get(c), w, h);
      if (d < least) {
        least = d;
        nearest = c;
      }
    }
    return nearest;
  }

  static List<Anchor> sorted(List<Anchor> anchors) {
    return anchors.stream()
        .sorted(Comparator.comparingDouble(a -> a.width() * a.height()))
        .toList();
  }
}
