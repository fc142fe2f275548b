package dev.peregrine.yolo.box;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.box.NonMaximumSuppression.Kept;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small cases by hand for each kind, and the laws that all kinds obey. */
class SuppressionKindsTest {
  /**
   * Three squares of side 4, each a step of 1 to the right of the one before.
   *
   * <p>IoU: neighbours 12 / 20 = 0.6, the outer two 8 / 24 = 1/3. Squared distance by squared
   * diagonal: neighbours 1 / (25 + 16) = 0.0244, the outer two 4 / (36 + 16) = 0.0769.
   */
  private static final float[] BOXES = {2, 2, 4, 4, 3, 2, 4, 4, 4, 2, 4, 4};

  private static final float[] SCORES = {.9f, .8f, .7f};

  private static List<Kept> apply(Kind kind, double threshold, double beta, int... classes) {
    return new NonMaximumSuppression(kind, threshold, beta, .5, false, 9)
        .apply(BOXES, SCORES, classes);
  }

  private static List<Integer> indices(Kind kind, double threshold, double beta) {
    return apply(kind, threshold, beta, 0, 0, 0).stream().map(Kept::index).toList();
  }

  @Test
  void plainByHand() {
    assertThat(indices(Kind.PLAIN, .3, 1)).containsExactly(0);
    assertThat(indices(Kind.PLAIN, .5, 1)).containsExactly(0, 2);
    assertThat(indices(Kind.PLAIN, .6, 1)).as("not above .6").containsExactly(0, 1, 2);
  }

  @Test
  void distanceByHand() {
    // 0.6 - 0.0244 = 0.5756
    assertThat(indices(Kind.DIOU, .57, 1)).containsExactly(0, 2);
    assertThat(indices(Kind.DIOU, .58, 1)).containsExactly(0, 1, 2);
    // 0.6 - 0.0244^0.6 = 0.6 - 0.1077 = 0.4923
    assertThat(indices(Kind.DIOU, .49, .6)).containsExactly(0, 2);
    assertThat(indices(Kind.DIOU, .50, .6)).containsExactly(0, 1, 2);
    assertThat(indices(Kind.GREEDY, .49, 1)).containsExactly(0, 2);
    assertThat(indices(Kind.GREEDY, .50, 1)).containsExactly(0, 1, 2);
  }

  @Test
  void softLinearByHand() {
    // 0.8 * 0.4 after the first, times 0.4 again after the third, which overtakes the second.
    List<Kept> kept = apply(Kind.SOFT_LINEAR, .5, 1, 0, 0, 0);
    assertThat(kept).extracting(Kept::index).containsExactly(0, 2, 1);
    assertScores(kept, .9, .7, .128);
    assertScores(apply(Kind.SOFT_LINEAR, .3, 1, 0, 0, 0), .9, .7 * 2 / 3, .128);
    assertScores(apply(Kind.SOFT_LINEAR, .3, 1, 0, 1, 0), .9, .8, .7 * 2 / 3);
  }

  @Test
  void softGaussianByHand() {
    // e^(-0.36 / 0.5) = 0.486752, e^(-1/9 / 0.5) = 0.800737
    List<Kept> kept = apply(Kind.SOFT_GAUSSIAN, .5, 1, 0, 0, 0);
    assertThat(kept).extracting(Kept::index).containsExactly(0, 2, 1);
    assertScores(kept, .9, .7 * .800737, .8 * .486752 * .486752);
    // The same box twice: a factor of e^-2 = 0.1353. 0.01 stays above 0.001, 0.005 does not.
    float[] twice = {2, 2, 4, 4, 2, 2, 4, 4};
    NonMaximumSuppression soft = NonMaximumSuppression.of(Kind.SOFT_GAUSSIAN, .5);
    assertScores(soft.apply(twice, new float[] {.9f, .01f}, new int[2]), .9, .001353);
    assertScores(soft.apply(twice, new float[] {.9f, .005f}, new int[2]), .9);
  }

  @Test
  void mergeByHand() {
    // The second belongs to both: (2 * 0.9 + 3 * 0.8) / 1.7 and (4 * 0.7 + 3 * 0.8) / 1.5
    List<Kept> kept = apply(Kind.MERGE, .5, 1, 0, 0, 0);
    assertThat(kept).extracting(Kept::index).containsExactly(0, 2);
    assertScores(kept, .9, .7);
    assertThat(kept.get(0).centerX()).isCloseTo(4.2f / 1.7f, within(1e-6f));
    assertThat(kept.get(1).centerX()).isCloseTo(5.2f / 1.5f, within(1e-6f));
    assertThat(kept).allMatch(k -> k.centerY() == 2 && k.width() == 4 && k.height() == 4);
    assertThat(apply(Kind.MERGE, .5, 1, 0, 1, 2).get(0)).isEqualTo(new Kept(0, .9f, 2, 2, 4, 4));
    // Boxes without area overlap nothing, not even themselves.
    assertThat(
            NonMaximumSuppression.of(Kind.MERGE, .5)
                .apply(new float[] {1, 1, 0, 0}, new float[] {.5f}, new int[1]))
        .containsExactly(new Kept(0, .5f, 1, 1, 0, 0));
  }

  @Test
  void clustersByHand() {
    // 0.6 - 0.0244^0.7 = 0.6 - 0.0743 = 0.5257, far from 0.8, so nothing is averaged
    assertThat(indices(Kind.CLUSTER, .52, 1)).containsExactly(0, 2);
    assertThat(indices(Kind.CLUSTER, .53, 1)).containsExactly(0, 1, 2);
    assertThat(apply(Kind.CLUSTER, .52, 1, 0, 0, 0).getFirst())
        .isEqualTo(new Kept(0, .9f, 2, 2, 4, 4));
    // The same box twice agrees by 1: (0.9 * 2 + 0.8 * 2) / 1.7; a step of 0.1 by 0.95 - 0.0087
    float[] near = {2, 2, 4, 4, 2.1f, 2, 4, 4};
    Kept mean =
        NonMaximumSuppression.of(Kind.CLUSTER, .5)
            .apply(near, new float[] {.9f, .8f}, new int[2])
            .getFirst();
    double agreement = 3.9 / 4.1 - Math.pow(.01 / (4.1 * 4.1 + 16), .7);
    assertThat((double) mean.centerX())
        .isCloseTo((.9 * 2 + .8 * agreement * 2.1) / (.9 + .8 * agreement), within(1e-5));
  }

  /** The rounds over the whole table, as the PyTorch program does them. */
  @Test
  void clustersAgreeWithTheDefinition() {
    for (int seed = 0; seed < 30; seed++) {
      Case c = Case.random(150, 1, seed);
      NonMaximumSuppression nms = NonMaximumSuppression.of(Kind.CLUSTER, .3);
      List<Kept> kept = nms.apply(c.boxes, c.scores, c.classes);
      List<Kept> naive = naiveClusters(c, .3);
      assertThat(kept).extracting(Kept::index).isEqualTo(naive.stream().map(Kept::index).toList());
      for (int i = 0; i < kept.size(); i++) {
        assertThat(kept.get(i).centerX()).isCloseTo(naive.get(i).centerX(), within(1e-5f));
        assertThat(kept.get(i).height()).isCloseTo(naive.get(i).height(), within(1e-5f));
      }
      // The distance term with another exponent is all that tells the boxes kept from DIoU's.
      NonMaximumSuppression greedy =
          new NonMaximumSuppression(Kind.DIOU, .3, .7, .5, false, Integer.MAX_VALUE);
      assertThat(nms.keep(c.boxes, c.scores, c.classes))
          .containsExactly(greedy.keep(c.boxes, c.scores, c.classes));
    }
  }

  private static List<Kept> naiveClusters(Case c, double threshold) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, c.scores.length).boxed().toList());
    order.sort(Comparator.comparing(i -> -c.scores[i]));
    int n = order.size();
    double[][] x = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        x[i][j] =
            c.iou(order.get(i), order.get(j)) - Math.pow(c.far(order.get(i), order.get(j)), .7);
      }
    }
    double[][] b = x;
    for (int round = 0; round < 200; round++) {
      double[][] next = new double[n][];
      for (int i = 0; i < n; i++) {
        next[i] = largest(b, i) < threshold ? x[i] : new double[n];
      }
      if (Arrays.deepEquals(next, b)) {
        break;
      }
      b = next;
    }
    List<Kept> kept = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      if (largest(b, i) <= threshold) {
        double[] sum = new double[5];
        for (int j = 0; j < n; j++) {
          double weight =
              ((b[i][j] > .8 ? b[i][j] : 0) + (i == j ? 1 : 0)) * c.scores[order.get(j)];
          sum[4] += weight;
          for (int k = 0; k < 4; k++) {
            sum[k] += weight * c.boxes[4 * order.get(j) + k];
          }
        }
        kept.add(
            new Kept(
                order.get(i),
                c.scores[order.get(i)],
                (float) (sum[0] / sum[4]),
                (float) (sum[1] / sum[4]),
                (float) (sum[2] / sum[4]),
                (float) (sum[3] / sum[4])));
      }
    }
    return kept;
  }

  private static double largest(double[][] table, int column) {
    return Arrays.stream(table).mapToDouble(row -> row[column]).max().orElse(0);
  }

  private static void assertScores(List<Kept> kept, double... scores) {
    assertThat(kept).hasSize(scores.length);
    for (int i = 0; i < scores.length; i++) {
      assertThat((double) kept.get(i).score()).isCloseTo(scores[i], within(1e-6));
    }
  }

  /** Rescoring only what comes to the front gives what rescoring everything gives. */
  @ParameterizedTest
  @EnumSource(names = {"SOFT_LINEAR", "SOFT_GAUSSIAN"})
  void softAgreesWithTheDefinition(Kind kind) {
    for (int seed = 0; seed < 30; seed++) {
      Case c = Case.random(150, 1, seed);
      NonMaximumSuppression nms = NonMaximumSuppression.of(kind, .3);
      List<Kept> kept = nms.apply(c.boxes, c.scores, c.classes);
      List<Kept> naive = naiveSoft(nms, c);
      assertThat(kept).extracting(Kept::index).isEqualTo(naive.stream().map(Kept::index).toList());
      for (int i = 0; i < kept.size(); i++) {
        assertThat(kept.get(i).score()).isCloseTo(naive.get(i).score(), within(1e-6f));
      }
    }
  }

  private static List<Kept> naiveSoft(NonMaximumSuppression nms, Case c) {
    double[] scores = IntStream.range(0, c.scores.length).mapToDouble(i -> c.scores[i]).toArray();
    List<Integer> left = new ArrayList<>(IntStream.range(0, scores.length).boxed().toList());
    List<Kept> kept = new ArrayList<>();
    while (true) {
      left.removeIf(i -> scores[i] < .001);
      if (left.isEmpty()) {
        return kept;
      }
      int best = left.stream().max(Comparator.comparing((Integer i) -> scores[i])).orElseThrow();
      left.remove(Integer.valueOf(best));
      kept.add(c.kept(best, (float) scores[best]));
      for (int i : left) {
        double iou = c.iou(best, i);
        scores[i] *=
            nms.kind() == Kind.SOFT_LINEAR
                ? iou > nms.threshold() ? 1 - iou : 1
                : Math.exp(-iou * iou / nms.sigma());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void lawsOfAllKinds(Kind kind) {
    boolean soft = Set.of(Kind.SOFT_LINEAR, Kind.SOFT_GAUSSIAN).contains(kind);
    boolean averages = Set.of(Kind.MERGE, Kind.CLUSTER).contains(kind);
    for (int seed = 0; seed < 20; seed++) {
      Case c = Case.random(300, 1 + seed % 4, seed);
      boolean across = seed % 3 == 0;
      NonMaximumSuppression nms =
          new NonMaximumSuppression(kind, .4, .8, .5, across, Integer.MAX_VALUE);
      List<Kept> kept = nms.apply(c.boxes, c.scores, c.classes);
      assertThat(kept).extracting(Kept::index).doesNotHaveDuplicates();
      assertThat(kept)
          .extracting(Kept::score)
          .isSortedAccordingTo(Comparator.<Float>reverseOrder());
      assertThat(kept)
          .allMatch(k -> soft ? k.score() <= c.scores[k.index()] : k.score() == c.scores[k.index()])
          .allMatch(k -> averages || k.equals(c.kept(k.index(), k.score())));
      float best = kept.getFirst().score();
      assertThat(IntStream.range(0, 300)).allMatch(i -> c.scores[i] <= best);
      assertThat(nms.keep(c.boxes, c.scores, c.classes))
          .containsExactly(kept.stream().mapToInt(Kept::index).toArray());

      NonMaximumSuppression few = new NonMaximumSuppression(kind, .4, .8, .5, across, 5);
      assertThat(few.apply(c.boxes, c.scores, c.classes)).isEqualTo(kept.subList(0, 5));

      int[] order = c.shuffled(seed);
      List<Kept> again = nms.apply(c.boxes(order), c.scores(order), c.classes(order));
      assertThat(again.stream().map(k -> renamed(k, order[k.index()]))).isEqualTo(kept);
    }
  }

  private static Kept renamed(Kept k, int index) {
    return new Kept(index, k.score(), k.centerX(), k.centerY(), k.width(), k.height());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void classesDoNotMindEachOtherUnlessAsked(Kind kind) {
    Case c = Case.random(200, 3, 1);
    NonMaximumSuppression nms = NonMaximumSuppression.of(kind, .4);
    List<Kept> apart = new ArrayList<>();
    for (int type = 0; type < 3; type++) {
      int wanted = type;
      int[] own = IntStream.range(0, 200).filter(i -> c.classes[i] == wanted).toArray();
      nms.apply(c.boxes(own), c.scores(own), c.classes(own)).stream()
          .map(k -> renamed(k, own[k.index()]))
          .forEach(apart::add);
    }
    assertThat(nms.apply(c.boxes, c.scores, c.classes)).containsExactlyInAnyOrderElementsOf(apart);
    NonMaximumSuppression across =
        new NonMaximumSuppression(kind, .4, .6, .5, true, Integer.MAX_VALUE);
    assertThat(across.apply(c.boxes, c.scores, c.classes))
        .isEqualTo(nms.apply(c.boxes, c.scores, new int[200]));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void nothingGivesNothingAndWhatIsNotFiniteIsRefused(Kind kind) {
    NonMaximumSuppression nms = NonMaximumSuppression.of(kind, .4);
    assertThat(nms.apply(new float[0], new float[0], new int[0])).isEmpty();
    assertThatThrownBy(() -> nms.apply(new float[8], new float[] {.5f, Float.NaN}, new int[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("candidate 1 has the score NaN");
    assertThatThrownBy(() ->
            nms.apply(new float[] {0, 0, Float.POSITIVE_INFINITY, 1}, new float[1], new int[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("candidate 0 has the box [0.0, 0.0, Infinity, 1.0]");
    assertThatThrownBy(() -> new NonMaximumSuppression(kind, .5, .6, 0, false, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sigma > 0");
  }

  /** Enough boxes that anything but the intended loops would be noticed. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void thousandsOfBoxes(Kind kind) {
    Case c = Case.random(20_000, 20, 3);
    List<Kept> kept = NonMaximumSuppression.of(kind, .45).apply(c.boxes, c.scores, c.classes);
    assertThat(kept.size()).isBetween(1000, 20_000);
  }

  private record Case(float[] boxes, float[] scores, int[] classes) {
    /** No two scores are equal. */
    static Case random(int count, int classes, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      Case c = new Case(new float[4 * count], new float[count], new int[count]);
      for (int i = 0; i < count; i++) {
        c.boxes[4 * i] = random.nextFloat();
        c.boxes[4 * i + 1] = random.nextFloat();
        c.boxes[4 * i + 2] = .05f + .2f * random.nextFloat();
        c.boxes[4 * i + 3] = .05f + .2f * random.nextFloat();
        c.scores[i] = .01f + .98f * (i + random.nextFloat() / 2) / count;
        c.classes[i] = random.nextInt(classes);
      }
      int[] order = c.shuffled(seed + 1);
      return new Case(c.boxes(order), c.scores(order), c.classes(order));
    }

    int[] shuffled(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      int[] order = IntStream.range(0, scores.length).toArray();
      for (int i = order.length - 1; i > 0; i--) {
        int k = random.nextInt(i + 1);
        int kept = order[i];
        order[i] = order[k];
        order[k] = kept;
      }
      return order;
    }

    float[] boxes(int[] order) {
      float[] all = new float[4 * order.length];
      for (int i = 0; i < order.length; i++) {
        System.arraycopy(boxes, 4 * order[i], all, 4 * i, 4);
      }
      return all;
    }

    float[] scores(int[] order) {
      float[] all = new float[order.length];
      for (int i = 0; i < order.length; i++) {
        all[i] = scores[order[i]];
      }
      return all;
    }

    int[] classes(int[] order) {
      return Arrays.stream(order).map(i -> classes[i]).toArray();
    }

    Kept kept(int i, float score) {
      return new Kept(i, score, boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]);
    }

    /** Squared distance of the centres by the squared diagonal around both. */
    double far(int i, int k) {
      double dx = boxes[4 * i] - boxes[4 * k];
      double dy = boxes[4 * i + 1] - boxes[4 * k + 1];
      double width = Math.abs(dx) + (boxes[4 * i + 2] + boxes[4 * k + 2]) / 2;
      double height = Math.abs(dy) + (boxes[4 * i + 3] + boxes[4 * k + 3]) / 2;
      width = Math.max(width, Math.max(boxes[4 * i + 2], boxes[4 * k + 2]));
      height = Math.max(height, Math.max(boxes[4 * i + 3], boxes[4 * k + 3]));
      return (dx * dx + dy * dy) / (width * width + height * height);
    }

    double iou(int i, int k) {
      return Overlap.iou(
          boxes[4 * i],
          boxes[4 * i + 1],
          boxes[4 * i + 2],
          boxes[4 * i + 3],
          boxes[4 * k],
          boxes[4 * k + 1],
          boxes[4 * k + 2],
          boxes[4 * k + 3]);
    }
  }
}
