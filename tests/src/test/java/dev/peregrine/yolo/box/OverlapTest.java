package dev.peregrine.yolo.box;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverlapTest {
  /** Golden values: the published formulas, evaluated in float64 with PyTorch. */
  @ParameterizedTest
  @CsvSource({
    "0.2, 0.2, 0.1, 0.1, 0.7, 0.8, 0.2, 0.1, 0, -0.934065934, -0.668493151, -0.670182612",
    "5, 5, 4, 2, 5, 5, 4, 2, 1, 1, 1, 1",
    "3, 4, 2, 6, 4, 4, 3, 2, 0.2, -0.085714286, 0.179274611, 0.147174945"
  })
  void goldens(
      double x1,
      double y1,
      double w1,
      double h1,
      double x2,
      double y2,
      double w2,
      double h2,
      double iou,
      double giou,
      double diou,
      double ciou) {
    assertThat(Overlap.iou(x1, y1, w1, h1, x2, y2, w2, h2)).isCloseTo(iou, within(1e-9));
    assertThat(Overlap.giou(x1, y1, w1, h1, x2, y2, w2, h2)).isCloseTo(giou, within(1e-9));
    assertThat(Overlap.diou(x1, y1, w1, h1, x2, y2, w2, h2)).isCloseTo(diou, within(1e-9));
    assertThat(Overlap.ciou(x1, y1, w1, h1, x2, y2, w2, h2)).isCloseTo(ciou, within(1e-9));
    assertThat(Overlap.darknetDiou(x1, y1, w1, h1, x2, y2, w2, h2))
        .isCloseTo(iou - Math.pow(iou - diou, 0.6), within(1e-8));
  }

  @Test
  void laws() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 5000; i++) {
      double[] b = random.doubles(8, 0.01, 1).toArray();
      double iou = Overlap.iou(b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
      double giou = Overlap.giou(b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
      double diou = Overlap.diou(b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
      double ciou = Overlap.ciou(b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
      assertThat(iou).isBetween(0.0, 1.0);
      assertThat(giou).isBetween(-1.0, iou + 1e-12);
      assertThat(diou).isBetween(-1.0, iou);
      assertThat(ciou).isLessThanOrEqualTo(diou);
      // the order of the boxes does not matter
      assertThat(Overlap.ciou(b[4], b[5], b[6], b[7], b[0], b[1], b[2], b[3]))
          .isCloseTo(ciou, within(1e-12));
      assertThat(
              Overlap.iou(
                  Box.ofCenter(b[0], b[1], b[2], b[3]), Box.ofCenter(b[4], b[5], b[6], b[7])))
          .isCloseTo(iou, within(2e-5));
    }
  }

  @Test
  void emptyBoxesAreDefined() {
    assertThat(Overlap.iou(1, 1, 0, 0, 1, 1, 0, 0)).isZero();
    assertThat(Overlap.diou(1, 1, 0, 0, 1, 1, 0, 0)).isZero();
    assertThat(Overlap.iou(new Box(0, 0, 0, 0), new Box(0, 0, 0, 0))).isZero();
  }
}
