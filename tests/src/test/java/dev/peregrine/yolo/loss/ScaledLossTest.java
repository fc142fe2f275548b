package dev.peregrine.yolo.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.box.Overlap;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import dev.peregrine.yolo.loss.ScaledLoss.Settings;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaledLossTest {
  private static final int CELLS = 4;
  private static final int NET = 64;

  private static HeadSpec head(int classes, double scale, boolean newCoordinates) {
    return new HeadSpec(
        classes,
        YoloV4Tiny.anchors(NET * 4),
        List.of(1, 2, 3),
        scale,
        newCoordinates,
        HeadTraining.TINY);
  }

  private static Settings settings(IouLoss kind, double focus, double smoothing, double share) {
    return new Settings(kind, 0.5, 0.7, 0.3, 1.5, 2, 4, focus, smoothing, share);
  }

  /**
   * The loss is written a second time, as a function of logits, with what is held constant taken
   * from another point; its differences of fourth order are the gradient.
   */
  @ParameterizedTest
  @CsvSource({
    "CIOU, 0, 0, 1, 2, true",
    "CIOU, 1.5, 0.1, 0.5, 2, true",
    "CIOU, 0, 0, 1, 1.05, false",
    "DIOU, 0, 0.1, 0, 2, true",
    "GIOU, 1.5, 0, 1, 1.2, false",
    "IOU, 0, 0, 1, 2, true",
    "MSE, 0, 0, 1, 2, true",
    "MSE, 2, 0.05, 0.3, 1.1, false"
  })
  void gradientIsTheSlopeOfTheLoss(
      IouLoss kind,
      double focus,
      double smoothing,
      double share,
      double scale,
      boolean newCoordinates) {
    HeadSpec head = head(3, scale, newCoordinates);
    Settings settings = settings(kind, focus, smoothing, share);
    SplittableRandom random = new SplittableRandom(11);
    List<List<Label>> truths = labels(random);
    double[] z = new double[truths.size() * CELLS * CELLS * head.channels()];
    for (int i = 0; i < z.length; i++) {
      z[i] = 2 * random.nextDouble() - 1;
    }
    LossResult result = run(head, settings, z, truths);
    assertThat(result.assigned()).isGreaterThan(10);
    Composed composed = new Composed(head, settings, truths, z);
    assertThat(result.total()).isCloseTo(composed.loss(z), within(1e-12));
    double[] gradient = result.gradients().getFirst().doubles();
    double step = 1e-3;
    for (int i = 0; i < z.length; i++) {
      double saved = z[i];
      double[] f = new double[5];
      for (int k = -2; k <= 2; k++) {
        z[i] = saved + k * step;
        f[k + 2] = composed.loss(z);
      }
      z[i] = saved;
      double slope = (f[0] - 8 * f[1] + 8 * f[3] - f[4]) / (12 * step);
      double p = 1 / (1 + Math.exp(-z[i]));
      double actual = newCoordinates ? gradient[i] * p * (1 - p) : gradient[i];
      assertThat(actual).as("number %d", i).isCloseTo(slope, within(1e-8));
    }
  }

  private static LossResult run(
      HeadSpec head, Settings settings, double[] z, List<List<Label>> truths) {
    double[] numbers = z.clone();
    if (head.newCoordinates()) {
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = 1 / (1 + Math.exp(-numbers[i]));
      }
    }
    Tensor output =
        Ops.on(
            Devices.reference(),
            () -> Tensor.of(Shape.of(truths.size(), CELLS, CELLS, head.channels()), numbers));
    return new ScaledLoss(List.of(head), settings).compute(List.of(output), truths, NET, NET);
  }

  private static List<List<Label>> labels(SplittableRandom random) {
    List<List<Label>> truths = new ArrayList<>();
    for (int b = 0; b < 2; b++) {
      List<Label> labels = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        double w = 0.1 + 0.5 * random.nextDouble();
        double h = 0.1 + 0.5 * random.nextDouble();
        labels.add(
            new Label(
                random.nextInt(3),
                w / 2 + (1 - w) * random.nextDouble(),
                h / 2 + (1 - h) * random.nextDouble(),
                w,
                h));
      }
      truths.add(labels);
    }
    return truths;
  }

  /** The loss of one head as its formula reads, in a loop over matches. */
  private static final class Composed {
    private final HeadSpec head;
    private final Settings settings;
    private final List<CellMatch> matches;
    private final int pictures;
    private final double[] alpha;
    private final double[] targets;

    Composed(HeadSpec head, Settings settings, List<List<Label>> truths, double[] at) {
      this.head = head;
      this.settings = settings;
      this.pictures = truths.size();
      this.matches =
          CellMatch.find(head, CELLS, CELLS, truths, new int[] {NET, NET}, settings.anchorRatio());
      this.alpha = new double[matches.size()];
      this.targets = new double[at.length / head.entries()];
      for (int m = 0; m < alpha.length; m++) {
        CellMatch match = matches.get(m);
        CentredBox p = box(at, match);
        CentredBox t = match.truth();
        double v = aspect(p, t);
        alpha[m] =
            v / (1 - Overlap.iou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h()) + v);
        double known =
            settings.iouLoss() == IouLoss.MSE
                ? Overlap.iou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h())
                : metric(p, t, alpha[m]);
        targets[index(match) / head.entries()] =
            1 - settings.overlapShare() + settings.overlapShare() * Math.max(0, known);
      }
    }

    private int index(CellMatch m) {
      return ((m.image() * CELLS + m.row()) * CELLS + m.column()) * head.channels()
          + m.anchor() * head.entries();
    }

    private CentredBox box(double[] z, CellMatch m) {
      int at = index(m);
      double k = head.scaleXy();
      return new CentredBox(
          k * sigmoid(z[at]) - (k - 1) / 2,
          k * sigmoid(z[at + 1]) - (k - 1) / 2,
          m.prior().w() * size(z[at + 2]),
          m.prior().h() * size(z[at + 3]));
    }

    private double size(double z) {
      return head.newCoordinates() ? Math.pow(2 * sigmoid(z), 2) : Math.exp(z);
    }

    private double metric(CentredBox p, CentredBox t, double fixed) {
      double iou = Overlap.iou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      return switch (settings.iouLoss()) {
        case IOU, MSE -> iou;
        case GIOU -> Overlap.giou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
        case DIOU -> Overlap.diou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
        case CIOU ->
            Overlap.diou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h())
                - fixed * aspect(p, t);
      };
    }

    double loss(double[] z) {
      double box = 0;
      double classes = 0;
      for (int m = 0; m < alpha.length; m++) {
        CellMatch match = matches.get(m);
        CentredBox p = box(z, match);
        CentredBox t = match.truth();
        box +=
            settings.iouLoss() == IouLoss.MSE
                ? Math.pow(p.x() - t.x(), 2)
                    + Math.pow(p.y() - t.y(), 2)
                    + Math.pow(Math.log(p.w() / t.w()), 2)
                    + Math.pow(Math.log(p.h() / t.h()), 2)
                : 1 - metric(p, t, alpha[m]);
        for (int c = 0; c < head.classes(); c++) {
          double off = settings.labelSmoothing() / 2;
          double target = c == match.classIndex() ? 1 - off : off;
          classes += entropy(z[index(match) + 5 + c], target, settings.classPositive());
        }
      }
      double objectness = 0;
      for (int i = 0; i < targets.length; i++) {
        objectness += entropy(z[i * head.entries() + 4], targets[i], settings.objectPositive());
      }
      return 3.0
          * pictures
          * (settings.box() * box / alpha.length
              + settings.classes() * classes / (alpha.length * head.classes())
              + 4 * settings.objectness() * objectness / targets.length);
    }

    private double entropy(double z, double target, double weight) {
      double p = sigmoid(z);
      double plain = -weight * target * Math.log(p) - (1 - target) * Math.log(1 - p);
      if (settings.focus() == 0) {
        return plain;
      }
      double sure = target * p + (1 - target) * (1 - p);
      return plain * (0.25 * target + 0.75 * (1 - target)) * Math.pow(1 - sure, settings.focus());
    }

    private static double aspect(CentredBox p, CentredBox t) {
      double angle = Math.atan(t.w() / t.h()) - Math.atan(p.w() / p.h());
      return 4 / (Math.PI * Math.PI) * angle * angle;
    }

    private static double sigmoid(double x) {
      return 1 / (1 + Math.exp(-x));
    }
  }

  /** An anchor of 10 x 10 cells' worth of pixels; the truth as large as it, at a given centre. */
  private static List<String> cells(double x, double y, double scale) {
    HeadSpec head =
        new HeadSpec(
            1,
            List.of(new HeadSpec.Anchor(16, 16)),
            List.of(0),
            scale,
            scale == 2,
            HeadTraining.TINY);
    return CellMatch.find(
            head,
            4,
            4,
            List.of(List.of(new Label(0, x / 4, y / 4, 0.25, 0.25))),
            new int[] {64, 64},
            4)
        .stream()
        .map(m -> m.row() + "," + m.column())
        .toList();
  }

  @Test
  void neighboursThatCanReachTheCentreLearnItToo() {
    assertThat(cells(1.3, 2.2, 2)).containsExactly("2,1", "2,0", "1,1");
    assertThat(cells(1.7, 2.8, 2)).containsExactly("2,1", "2,2", "3,1");
    assertThat(cells(0.3, 3.7, 2)).as("no neighbour beyond the border").containsExactly("3,0");
    assertThat(cells(2, 2, 2))
        .as("on a corner, the right and lower sides fall into the own cell")
        .containsExactly("2,2", "2,1", "1,2", "2,2", "2,2");
    assertThat(cells(4, 4, 2)).as("on the border").containsExactly("3,3", "3,3", "3,3");
    assertThat(cells(1.3, 2.2, 1)).as("boxes stay in their cell").containsExactly("2,1");
    assertThat(cells(1.02, 2.3, 1.05)).containsExactly("2,1", "2,0");
  }

  @Test
  void anchorsOfOtherProportionsDoNotLearn() {
    HeadSpec head = head(1, 2, true);
    for (double factor : new double[] {3.99, 4.01}) {
      HeadSpec.Anchor anchor = head.anchor(0);
      Label label = new Label(0, 0.45, 0.45, anchor.width() * factor / NET, anchor.height() / NET);
      boolean learns =
          CellMatch.find(head, CELLS, CELLS, List.of(List.of(label)), new int[] {NET, NET}, 4)
              .stream()
              .anyMatch(m -> m.anchor() == 0);
      assertThat(learns).isEqualTo(factor < 4);
    }
  }

  @Test
  void aPictureWithoutTruthsTeachesOnlyThatThereIsNothing() {
    HeadSpec head = head(3, 2, true);
    double[] z = new double[CELLS * CELLS * head.channels()];
    LossResult result = run(head, Settings.PUBLISHED, z, List.of(List.of()));
    assertThat(result.box()).isZero();
    assertThat(result.classes()).isZero();
    assertThat(result.objectness()).isCloseTo(3 * 4 * Math.log(2), within(1e-12));
    double[] gradient = result.gradients().getFirst().doubles();
    for (int i = 0; i < gradient.length; i++) {
      assertThat(gradient[i] != 0).isEqualTo(i % head.entries() == 4);
    }
  }
}
