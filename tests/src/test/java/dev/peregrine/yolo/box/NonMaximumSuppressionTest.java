package dev.peregrine.yolo.box;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NonMaximumSuppressionTest {
  /** Darknet's own candidates give darknet's own result, in all its recorded runs. */
  @Test
  void keepsWhatDarknetKeeps() throws IOException {
    List<Path> inputs;
    try (Stream<Path> files = Files.walk(Reference.require("oracles/detections"))) {
      inputs = files.filter(f -> f.toString().endsWith(".dets_prenms.tsv")).sorted().toList();
    }
    int suppressed = 0;
    for (Path input : inputs) {
      Path output = Path.of(input.toString().replace("_prenms", ""));
      List<String> before = Files.readAllLines(input);
      List<String> after = Files.readAllLines(output);
      Kind kind = after.get(0).contains("nms_kind=1") ? Kind.GREEDY : Kind.PLAIN;
      assertThat(after.get(0)).contains("nms=0.45").containsAnyOf("nms_kind=1", "nms_kind=0");
      List<String[]> rows = before.stream().skip(2).map(l -> l.split("\t")).toList();
      Candidates all = new Candidates(rows.size());
      for (int i = 0; i < rows.size(); i++) {
        String[] row = rows.get(i);
        all.classes[i] = Integer.parseInt(row[0]);
        all.scores[i] = Float.parseFloat(row[1]);
        for (int k = 0; k < 4; k++) {
          all.boxes[4 * i + k] = Float.parseFloat(row[3 + k]);
        }
      }
      int[] kept = NonMaximumSuppression.of(kind, 0.45).keep(all.boxes, all.scores, all.classes);
      List<String> actual =
          Arrays.stream(kept).mapToObj(i -> String.join("\t", rows.get(i))).toList();
      // The output has a column more, the class name.
      List<String> expected =
          after.stream().skip(2).map(l -> l.replaceFirst("\t[^\t]*\t", "\t")).toList();
      assertThat(actual).as(input.toString()).containsExactlyInAnyOrderElementsOf(expected);
      suppressed += rows.size() - kept.length;
    }
    assertThat(inputs).hasSizeGreaterThan(40);
    assertThat(suppressed).isGreaterThan(300);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "GREEDY", "DIOU"})
  void agreesWithTheDefinition(Kind kind) {
    for (int seed = 0; seed < 40; seed++) {
      Candidates c = Candidates.random(200, 1 + seed % 5, seed);
      boolean across = seed % 2 == 1;
      NonMaximumSuppression nms =
          new NonMaximumSuppression(kind, 0.3, 0.8, 0.5, across, Integer.MAX_VALUE);
      int[] kept = nms.keep(c.boxes, c.scores, c.classes);
      assertThat(kept).containsExactly(naive(nms, c));
      NonMaximumSuppression few = new NonMaximumSuppression(kind, 0.3, 0.8, 0.5, across, 7);
      assertThat(few.keep(c.boxes, c.scores, c.classes)).containsExactly(Arrays.copyOf(kept, 7));
    }
  }

  @Test
  void greedyKeepsNeighboursThatPlainDrops() {
    float[] boxes = {.5f, .5f, .2f, .2f, .56f, .5f, .2f, .2f};
    float[] scores = {.9f, .8f};
    int[] classes = {0, 0};
    // IoU 0.54, d^2/c^2 = 0.034, its power 0.6 = 0.13: 0.54 > 0.45 > 0.41
    assertThat(NonMaximumSuppression.of(Kind.PLAIN, .45).keep(boxes, scores, classes))
        .containsExactly(0);
    assertThat(NonMaximumSuppression.of(Kind.GREEDY, .45).keep(boxes, scores, classes))
        .containsExactly(0, 1);
  }

  @Test
  void equalScoresKeepTheirOrder() {
    float[] boxes = new float[16];
    for (int i = 0; i < 4; i++) {
      boxes[4 * i] = i;
      boxes[4 * i + 2] = .5f;
      boxes[4 * i + 3] = .5f;
    }
    float[] scores = {.5f, .7f, .5f, .7f};
    assertThat(NonMaximumSuppression.of(Kind.PLAIN, .5).keep(boxes, scores, new int[4]))
        .containsExactly(1, 3, 0, 2);
    assertThat(
            NonMaximumSuppression.of(Kind.PLAIN, .5).keep(new float[0], new float[0], new int[0]))
        .isEmpty();
  }

  @Test
  void tensOfThousandsOfCandidates() {
    Candidates c = Candidates.random(30_000, 80, 5);
    NonMaximumSuppression nms = NonMaximumSuppression.of(Kind.GREEDY, .45);
    int[] kept = nms.keep(c.boxes, c.scores, c.classes);
    // What is kept does not suppress itself.
    float[] boxes = new float[4 * kept.length];
    float[] scores = new float[kept.length];
    int[] classes = new int[kept.length];
    for (int i = 0; i < kept.length; i++) {
      System.arraycopy(c.boxes, 4 * kept[i], boxes, 4 * i, 4);
      scores[i] = c.scores[kept[i]];
      classes[i] = c.classes[kept[i]];
    }
    assertThat(nms.keep(boxes, scores, classes)).hasSize(kept.length);
    assertThat(kept.length).isBetween(1000, 29_999);
  }

  @Test
  void wrongCallsAreRefused() {
    NonMaximumSuppression nms = NonMaximumSuppression.of(Kind.PLAIN, .45);
    assertThatThrownBy(() -> nms.keep(new float[7], new float[2], new int[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8 box values");
    assertThatThrownBy(() -> nms.keep(new float[4], new float[1], new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 0");
    assertThatThrownBy(() -> NonMaximumSuppression.of(Kind.PLAIN, 1.5))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static int[] naive(NonMaximumSuppression nms, Candidates c) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, c.scores.length).boxed().toList());
    order.sort(Comparator.comparing((Integer i) -> -c.scores[i]));
    List<Integer> kept = new ArrayList<>();
    for (int i : order) {
      boolean free = true;
      for (int k : kept) {
        boolean rivals = nms.acrossClasses() || c.classes[i] == c.classes[k];
        free &= !(rivals && agreement(nms, c.boxes, i, k) > nms.threshold());
      }
      if (free) {
        kept.add(i);
      }
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  private static double agreement(NonMaximumSuppression nms, float[] b, int i, int k) {
    double iou =
        Overlap.iou(
            b[4 * i],
            b[4 * i + 1],
            b[4 * i + 2],
            b[4 * i + 3],
            b[4 * k],
            b[4 * k + 1],
            b[4 * k + 2],
            b[4 * k + 3]);
    double diou =
        Overlap.diou(
            b[4 * i],
            b[4 * i + 1],
            b[4 * i + 2],
            b[4 * i + 3],
            b[4 * k],
            b[4 * k + 1],
            b[4 * k + 2],
            b[4 * k + 3]);
    return switch (nms.kind()) {
      case PLAIN -> iou;
      case GREEDY -> iou - Math.pow(iou - diou, .6);
      case DIOU -> iou - Math.pow(iou - diou, nms.beta());
      case SOFT_LINEAR, SOFT_GAUSSIAN, MERGE, CLUSTER ->
          throw new IllegalArgumentException("no yes or no");
    };
  }

  private static final class Candidates {
    final float[] boxes;
    final float[] scores;
    final int[] classes;

    Candidates(int count) {
      boxes = new float[4 * count];
      scores = new float[count];
      classes = new int[count];
    }

    static Candidates random(int count, int classes, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      Candidates c = new Candidates(count);
      for (int i = 0; i < count; i++) {
        c.boxes[4 * i] = random.nextFloat();
        c.boxes[4 * i + 1] = random.nextFloat();
        c.boxes[4 * i + 2] = .05f + .3f * random.nextFloat();
        c.boxes[4 * i + 3] = .05f + .3f * random.nextFloat();
        c.scores[i] = random.nextInt(100) / 100f;
        c.classes[i] = random.nextInt(classes);
      }
      return c;
    }
  }
}
