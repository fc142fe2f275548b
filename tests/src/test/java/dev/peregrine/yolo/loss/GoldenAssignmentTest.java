package dev.peregrine.yolo.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.box.Overlap;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import dev.peregrine.yolo.loss.BoxGradient.Direction;
import dev.peregrine.yolo.model.DetectionModel;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which anchors of which cells learn three boxes, one after another, and the overlaps of a pair of
 * boxes with their gradients. The numbers were computed by a program outside this project, which
 * used PyTorch; the loss that follows from them is held by {@link
 * dev.peregrine.yolo.yaml.GoldenYamlTest}.
 */
class GoldenAssignmentTest {
  private static final List<Label> TRUTHS =
      List.of(
          new Label(3, 0.40, 0.55, 0.30, 0.20),
          new Label(17, 0.10, 0.92, 0.15, 0.12),
          new Label(56, 0.71, 0.33, 0.55, 0.60));

  /** For each level: anchor, row, column and class, in order. */
  private static final Map<String, List<String>> MATCHES =
      Map.of(
          "yolov4-csp-yaml",
          List.of(
              "0,4,3,3 0,7,0,17 0,2,5,56 1,4,3,3 1,2,5,56 2,4,3,3 2,2,5,56 0,4,2,3 1,4,2,3 "
                  + "2,4,2,3 0,3,3,3 0,6,0,17 1,3,3,3 2,3,3,3 0,7,1,17 0,2,6,56 1,2,6,56 2,2,6,56 "
                  + "0,3,5,56 1,3,5,56 2,3,5,56",
              "0,1,2,56 1,1,2,56 2,1,2,56 0,0,2,56 1,0,2,56 2,0,2,56 0,1,3,56 1,1,3,56 2,1,3,56",
              ""),
          "yolov4-p6-yaml",
          List.of(
              "0,8,6,3 0,14,1,17 1,8,6,3 1,14,1,17 1,5,11,56 2,8,6,3 2,14,1,17 2,5,11,56 3,8,6,3"
                  + " 3,14,1,17 3,5,11,56 0,8,5,3 1,8,5,3 1,5,10,56 2,8,5,3 2,5,10,56 3,8,5,3"
                  + " 3,5,10,56 1,4,11,56 2,4,11,56 3,4,11,56 0,14,2,17 1,14,2,17 2,14,2,17"
                  + " 3,14,2,17 0,9,6,3 0,15,1,17 1,9,6,3 1,15,1,17 2,9,6,3 2,15,1,17 3,9,6,3"
                  + " 3,15,1,17",
              "0,4,3,3 0,7,0,17 0,2,5,56 1,4,3,3 1,2,5,56 2,4,3,3 2,2,5,56 3,2,5,56 0,4,2,3 "
                  + "1,4,2,3 2,4,2,3 0,3,3,3 0,6,0,17 1,3,3,3 2,3,3,3 0,7,1,17 0,2,6,56 1,2,6,56 "
                  + "2,2,6,56 3,2,6,56 0,3,5,56 1,3,5,56 2,3,5,56 3,3,5,56",
              "0,1,2,56 1,1,2,56 0,0,2,56 1,0,2,56 0,1,3,56 1,1,3,56",
              ""));

  @ParameterizedTest
  @CsvSource({"yolov4-csp-yaml, 64", "yolov4-p6-yaml, 128"})
  void anchorsInTheCellAndBesideItLearnABox(String name, int side) {
    DetectionModel model = Models.named(name, 80);
    List<String> levels = MATCHES.get(name);
    assertThat(model.heads()).hasSize(levels.size());
    for (int i = 0; i < levels.size(); i++) {
      HeadSpec head = model.heads().get(i);
      int cells = side / (8 << i);
      List<CellMatch> found =
          CellMatch.find(head, cells, cells, List.of(TRUTHS), new int[] {side, side}, 4);
      assertThat(
              found.stream()
                  .map(m -> m.anchor() + "," + m.row() + "," + m.column() + "," + m.classIndex())
                  .collect(Collectors.joining(" ")))
          .as("level %d", i)
          .isEqualTo(levels.get(i));
      assertThat(found).allMatch(m -> m.image() == 0);
    }
  }

  /**
   * Two boxes whose lower edges coincide: there PyTorch takes the mean of the slopes on both sides,
   * so the gradients are compared with the mean of those a little above and a little below.
   */
  @ParameterizedTest
  @CsvSource({
    "IOU, 0.517857143, 2.710459184, -1.965082908, 0.430484694, 1.098134566",
    "GIOU, 0.428426249, 3.305343181, -2.303836296, 0.133042695, 1.823066816",
    "DIOU, 0.494222893, 3.100307749, -2.325058596, 0.468028447, 1.111870086",
    "CIOU, 0.490864093, 3.100307749, -2.325058596, 0.447150163, 1.153626654"
  })
  void overlapOfBoxesThatShareAnEdge(
      IouLoss kind, double overlap, double dx, double dy, double dw, double dh) {
    CentredBox p = new CentredBox(0.5, 0.5, 0.4, 0.2);
    CentredBox t = new CentredBox(0.56, 0.45, 0.3, 0.3);
    assertThat(overlap(kind, p, t)).isCloseTo(overlap, within(1e-9));
    double step = 1e-11;
    Direction above = exact(kind, new CentredBox(p.x(), p.y() - step, p.w(), p.h()), t);
    Direction below = exact(kind, new CentredBox(p.x(), p.y() + step, p.w(), p.h()), t);
    assertThat((above.dx() + below.dx()) / 2).isCloseTo(dx, within(2e-9));
    assertThat((above.dy() + below.dy()) / 2).isCloseTo(dy, within(2e-9));
    assertThat((above.dw() + below.dw()) / 2).isCloseTo(dw, within(2e-9));
    assertThat((above.dh() + below.dh()) / 2).isCloseTo(dh, within(2e-9));
    assertThat(above.dy()).as("the edge is a kink").isNotCloseTo(below.dy(), within(0.1));
  }

  /** Boxes apart, and one that crosses another. */
  @ParameterizedTest
  @CsvSource({
    "IOU, true, 0, 0, 0, 0, 0",
    "GIOU, true, -0.934065934, 0.101437025, 0.094191523, 0.169061708, 0.172684458",
    "DIOU, true, -0.668493151, 0.143516607, 0.289435166, 0.476186902, 0.512816664",
    "CIOU, true, -0.670182612, 0.143516607, 0.289435166, 0.528695307, 0.460308258",
    "IOU, false, 0.2, 0.16, 0, 0, -0.026666667",
    "GIOU, false, -0.085714286, 0.268843537, 0, 0.136054422, -0.05047619",
    "DIOU, false, 0.179274611, 0.198443985, 0, 0.001503396, -0.021512166",
    "CIOU, false, 0.147174945, 0.198443985, 0, 0.016071129, -0.026368077"
  })
  void overlapAndItsGradient(
      IouLoss kind, boolean apart, double overlap, double dx, double dy, double dw, double dh) {
    CentredBox p = apart ? new CentredBox(0.2, 0.2, 0.1, 0.1) : new CentredBox(3, 4, 2, 6);
    CentredBox t = apart ? new CentredBox(0.7, 0.8, 0.2, 0.1) : new CentredBox(4, 4, 3, 2);
    assertThat(overlap(kind, p, t)).isCloseTo(overlap, within(1e-9));
    Direction d = exact(kind, p, t);
    assertThat(d.dx()).isCloseTo(dx, within(1e-9));
    assertThat(d.dy()).isCloseTo(dy, within(1e-9));
    assertThat(d.dw()).isCloseTo(dw, within(1e-9));
    assertThat(d.dh()).isCloseTo(dh, within(1e-9));
  }

  /** Cross entropy of a logit and a target, plain and focal. */
  @ParameterizedTest
  @CsvSource({
    "0.3, 1, 0.554355244, 0.038473838",
    "-2, 0, 0.126928011, 0.003917862",
    "2.5, 0, 2.578889734, 1.718311799",
    "0, 0.4, 0.693147181, 0.134785495"
  })
  void crossEntropies(double z, double target, double plain, double focal) {
    assertThat(new CrossEntropy(1, 0).value(z, target)).isCloseTo(plain, within(1e-9));
    assertThat(new CrossEntropy(1, 1.5).value(z, target)).isCloseTo(focal, within(1e-9));
  }

  @Test
  void equalBoxesOverlapWholly() {
    CentredBox box = new CentredBox(5, 5, 4, 2);
    for (IouLoss kind : IouLoss.values()) {
      assertThat(overlap(kind, box, box)).isCloseTo(1, within(1e-9));
    }
  }

  private static Direction exact(IouLoss kind, CentredBox p, CentredBox t) {
    return new ExactBoxGradient().of(p, t, kind);
  }

  private static double overlap(IouLoss kind, CentredBox p, CentredBox t) {
    return switch (kind) {
      case MSE, IOU -> Overlap.iou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case GIOU -> Overlap.giou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case DIOU -> Overlap.diou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case CIOU -> Overlap.ciou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
    };
  }
}
