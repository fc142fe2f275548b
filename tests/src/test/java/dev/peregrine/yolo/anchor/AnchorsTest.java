package dev.peregrine.yolo.anchor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Placement;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

/** Anchors found again in clouds of boxes around them, and measures worked out by hand. */
class AnchorsTest {
  private static final List<Anchor> CENTRES =
      List.of(new Anchor(12, 20), new Anchor(60, 40), new Anchor(200, 230));

  /** Boxes around three shapes, each side changed by up to a tenth. */
  private static BoxSizes cloud(int perCentre) {
    SplittableRandom random = new SplittableRandom(5);
    List<Anchor> boxes = new ArrayList<>();
    for (int i = 0; i < perCentre; i++) {
      for (Anchor centre : CENTRES) {
        boxes.add(
            new Anchor(
                centre.width() * (0.9 + 0.2 * random.nextDouble()),
                centre.height() * (0.9 + 0.2 * random.nextDouble())));
      }
    }
    return BoxSizes.of(boxes);
  }

  /**
   * Anchor 10x10; boxes 10x20 (likeness 1/2, IoU 100/200), 39x10 (10/39; 100/390) and 41x10 (10/41,
   * below 1/4; 100/410).
   */
  @Test
  void warnsWhereTooFewBoxesAreReached() {
    assertThat(new AnchorScore(0.5, 1, 1, 1).warning(8))
        .startsWith("only 50.0% of 8 boxes are near enough to an anchor");
    assertThat(new AnchorScore(0.98, 1, 1, 1).warning(8)).isEmpty();
    assertThat(new AnchorScore(0, 0, 0, 0).warning(0)).isEmpty();
  }

  @Test
  void measuresByHand() {
    BoxSizes boxes =
        BoxSizes.of(List.of(new Anchor(10, 20), new Anchor(39, 10), new Anchor(41, 10)));
    AnchorScore one = AnchorScore.of(List.of(new Anchor(10, 10)), boxes, 4);
    assertThat(one.bestPossibleRecall()).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(one.anchorsPerBox()).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(one.fitness()).isCloseTo((1 / 2.0 + 10 / 39.0) / 3, within(1e-12));
    assertThat(one.meanIou()).isCloseTo((1 / 2.0 + 10 / 39.0 + 10 / 41.0) / 3, within(1e-12));

    AnchorScore two = AnchorScore.of(List.of(new Anchor(10, 10), new Anchor(40, 10)), boxes, 4);
    assertThat(two.bestPossibleRecall()).isEqualTo(1);
    // The second reaches 39x10 and 41x10; 10x20 differs from it by exactly 4, which is not within.
    assertThat(two.anchorsPerBox()).isCloseTo(4 / 3.0, within(1e-12));
    assertThat(AnchorScore.of(List.of(new Anchor(10, 10)), boxes.filter(b -> b.width() > 40), 4))
        .isEqualTo(new AnchorScore(0, 0, 0, 100 / 410.0));
    assertThatThrownBy(() -> AnchorScore.of(List.of(), boxes, 4))
        .hasMessageContaining("one at least");
  }

  @Test
  void clustersAreFoundAgain() {
    BoxSizes boxes = cloud(200);
    for (List<Anchor> found :
        List.of(
            AnchorClusters.byOverlap(boxes, 3, 1),
            AnchorClusters.bySides(boxes, 3, 1),
            new AnchorEvolution(200, 4, 1).search(boxes, 3))) {
      for (int i = 0; i < 3; i++) {
        assertThat(found.get(i).width())
            .isCloseTo(CENTRES.get(i).width(), within(0.05 * CENTRES.get(i).width()));
        assertThat(found.get(i).height())
            .isCloseTo(CENTRES.get(i).height(), within(0.05 * CENTRES.get(i).height()));
      }
      assertThat(AnchorScore.of(found, boxes, 4).bestPossibleRecall()).isEqualTo(1);
      assertThat(AnchorScore.of(found, boxes, 4).meanIou()).isGreaterThan(0.85);
    }
  }

  /** Every box a cluster of its own: nothing is left to be improved. */
  @Test
  void asManyAnchorsAsBoxesFitExactly() {
    BoxSizes boxes = BoxSizes.of(CENTRES);
    assertThat(AnchorClusters.byOverlap(boxes, 3, 0)).isEqualTo(CENTRES);
    assertThat(AnchorClusters.bySides(boxes, 3, 0)).isEqualTo(CENTRES);
    assertThat(new AnchorEvolution(100, 4, 0).search(boxes, 3)).isEqualTo(CENTRES);
    assertThatThrownBy(() -> AnchorClusters.byOverlap(boxes, 4, 0))
        .hasMessageContaining("there are 3 boxes");
  }

  @Test
  void evolutionNeverFallsBackAndRisesFromABadStart() {
    BoxSizes boxes = cloud(50);
    List<Anchor> start = List.of(new Anchor(10, 10), new Anchor(30, 30), new Anchor(90, 90));
    double before = AnchorScore.of(start, boxes, 4).fitness();
    double last = before;
    for (int generations : new int[] {0, 50, 400}) {
      double now =
          AnchorScore.of(new AnchorEvolution(generations, 4, 3).improve(start, boxes), boxes, 4)
              .fitness();
      assertThat(now).isGreaterThanOrEqualTo(last);
      last = now;
    }
    assertThat(last).isGreaterThan(before + 0.2);
  }

  @Test
  void anyNumberOfThreadsFindsTheSameAnchors() throws Exception {
    BoxSizes boxes = cloud(4000);
    AnchorEvolution search = new AnchorEvolution(20, 4, 7);
    List<List<Anchor>> found = new ArrayList<>();
    for (int threads : new int[] {1, 3}) {
      try (ForkJoinPool pool = new ForkJoinPool(threads)) {
        found.add(pool.submit(() -> search.search(boxes, 3)).get());
        found.add(pool.submit(() -> AnchorClusters.byOverlap(boxes, 3, 7)).get());
      }
    }
    assertThat(found.get(2)).isEqualTo(found.get(0));
    assertThat(found.get(3)).isEqualTo(found.get(1));
  }

  @Test
  void theCheckProposesOnlyWhatReachesMore() {
    BoxSizes boxes = cloud(100);
    AnchorEvolution search = new AnchorEvolution(100, 4, 0);
    AnchorCheck good = AnchorCheck.of(CENTRES, boxes, search);
    assertThat(good.proposal()).isEmpty();
    assertThat(good.score().bestPossibleRecall()).isEqualTo(1);
    assertThat(good.text()).isEqualTo("anchors reach 100.00% of the boxes, 1.00 anchors a box");

    List<Anchor> small = List.of(new Anchor(4, 4), new Anchor(8, 8), new Anchor(16, 16));
    AnchorCheck bad = AnchorCheck.of(small, boxes, search);
    assertThat(bad.score().bestPossibleRecall()).isBetween(0.5, 0.7);
    assertThat(bad.proposed().bestPossibleRecall()).isEqualTo(1);
    assertThat(bad.proposal().orElseThrow()).hasSize(3);
    assertThat(bad.text()).contains("these would reach 100.00%: 1");
  }

  @Test
  void largeAnchorsBelongToCoarseHeads() {
    assertThat(AnchorCheck.ascends(CENTRES, List.of(8, 16, 32))).isTrue();
    assertThat(AnchorCheck.ascends(CENTRES.reversed(), List.of(32, 16))).isTrue();
    assertThat(AnchorCheck.ascends(CENTRES, List.of(32, 16, 8))).isFalse();
  }

  /** A picture of 200 x 100 in an input of 64 x 64: stretched, or letterboxed to 64 x 32. */
  @Test
  void boxesAreMeasuredInTheInput() {
    Sample sample =
        new Sample(
            Path.of("a.png"),
            List.of(new Label(0, 0.5, 0.5, 0.25, 0.5), new Label(0, 0.5, 0.5, 0, 0.5)));
    DataSet data = new DataSet(List.of("a"), List.of(sample));
    BoxSizes stretched = BoxSizes.stretched(data, InputSize.square(64));
    assertThat(stretched.count()).as("a box without a width is none").isEqualTo(1);
    assertThat(stretched.size(0)).isEqualTo(new Anchor(16, 32));
    BoxSizes boxed = BoxSizes.of(data, _ -> Placement.letterbox(200, 100, 64, 64));
    assertThat(boxed.size(0)).isEqualTo(new Anchor(16, 16));
  }

  /**
   * Real boxes. The anchors that come with YOLOv4-tiny are made for another data set; clusters must
   * beat them in mean IoU, and evolved ones in fitness.
   */
  @Test
  void clustersSuitRealBoxesBetterThanBorrowedAnchors() {
    DataSet cells = DataSet.load(Reference.require("datasets/bccd/data.yaml"), Split.TRAIN);
    BoxSizes boxes = BoxSizes.stretched(cells, InputSize.square(416));
    List<Anchor> tiny =
        List.of(
            new Anchor(10, 14),
            new Anchor(23, 27),
            new Anchor(37, 58),
            new Anchor(81, 82),
            new Anchor(135, 169),
            new Anchor(344, 319));
    AnchorScore borrowed = AnchorScore.of(tiny, boxes, 4);
    AnchorScore clustered = AnchorScore.of(AnchorClusters.byOverlap(boxes, 6, 0), boxes, 4);
    AnchorScore evolved = AnchorScore.of(new AnchorEvolution(300, 4, 0).search(boxes, 6), boxes, 4);
    assertThat(clustered.meanIou()).isGreaterThan(borrowed.meanIou() + 0.05);
    assertThat(evolved.fitness()).isGreaterThan(borrowed.fitness() + 0.05);
    assertThat(evolved.bestPossibleRecall()).isGreaterThanOrEqualTo(0.99);
  }
}
