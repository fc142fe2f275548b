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
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import dev.peregrine.yolo.loss.BoxGradient.Direction;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that say how sure they are of their boxes. */
class GaussianHeadTest {
  private static final int CELLS = 4;
  private static final int NET = 64;
  private static final int CLASSES = 2;
  private static final List<Anchor> ANCHORS = List.of(new Anchor(10, 14), new Anchor(23, 17));

  /** Each in a cell of its own, about as large as the anchor of the same number. */
  private static final List<Label> TRUTHS =
      List.of(
          new Label(0, 0.30, 0.15, 11.0 / NET, 13.0 / NET),
          new Label(1, 0.62, 0.55, 25.0 / NET, 15.0 / NET));

  private static HeadSpec head(IouLoss kind, double scale) {
    HeadTraining training =
        new HeadTraining(
            1, 1, 1, kind, 0.4, 1, 1, Double.POSITIVE_INFINITY, false, 0, false, IouLoss.IOU, 0.7);
    return new HeadSpec(CLASSES, ANCHORS, List.of(0, 1), scale, false, true, training);
  }

  private static double[] numbers(HeadSpec head) {
    return new SplittableRandom(4)
        .doubles((long) CELLS * CELLS * head.channels(), -1.5, 1.5)
        .toArray();
  }

  private static LossResult run(DetectionLoss loss, HeadSpec head, double[] z) {
    Tensor output =
        Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(1, CELLS, CELLS, head.channels()), z));
    return loss.compute(List.of(output), List.of(TRUTHS), NET, NET);
  }

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  @ParameterizedTest
  @CsvSource({"0.3, 0.2", "-1.7, 0.9", "0, 0.05", "0.02, 0.01"})
  void slopesAreThoseOfTheError(double difference, double spread) {
    GaussianNumber number = new GaussianNumber(difference, spread, 1.6);
    double step = 1e-6;
    double byDifference =
        (new GaussianNumber(difference + step, spread, 1.6).error()
                - new GaussianNumber(difference - step, spread, 1.6).error())
            / (2 * step);
    double bySpread =
        (new GaussianNumber(difference, spread + step, 1.6).error()
                - new GaussianNumber(difference, spread - step, 1.6).error())
            / (2 * step);
    assertThat(number.slopeOfPlace()).isCloseTo(-byDifference, within(1e-5));
    assertThat(number.slopeOfSpread()).isCloseTo(bySpread, within(1e-4));
  }

  /** Sides of a box far beyond their spread have no density and teach nothing. */
  @ParameterizedTest
  @ValueSource(doubles = {1e3, Double.MAX_VALUE})
  void whatIsOutOfReachTeachesNothing(double difference) {
    GaussianNumber number = new GaussianNumber(difference, 1e-3, 2);
    assertThat(number.error()).isFinite();
    assertThat(number.slopeOfPlace()).isZero();
  }

  /** The number of an anchor at which a truth is taught. */
  private static int at(HeadSpec head, int truth) {
    Label label = TRUTHS.get(truth);
    int row = (int) (label.centerY() * CELLS);
    int column = (int) (label.centerX() * CELLS);
    return (row * CELLS + column) * head.channels() + truth * head.entries();
  }

  /** What is missing of a side: in cells, or in logarithms. */
  private static double missing(HeadSpec head, double[] z, int truth, int side) {
    Label label = TRUTHS.get(truth);
    double number = z[at(head, truth) + 2 * side];
    double place = head.scaleXy() * sigmoid(number) - (head.scaleXy() - 1) / 2;
    return switch (side) {
      case 0 -> label.centerX() * CELLS - (int) (label.centerX() * CELLS) - place;
      case 1 -> label.centerY() * CELLS - (int) (label.centerY() * CELLS) - place;
      case 2 -> Math.log(label.width() * NET / ANCHORS.get(truth).width()) - number;
      default -> Math.log(label.height() * NET / ANCHORS.get(truth).height()) - number;
    };
  }

  private static double overlap(HeadSpec head, double[] z, int truth) {
    Label label = TRUTHS.get(truth);
    double x = label.centerX() - missing(head, z, truth, 0) / CELLS;
    double y = label.centerY() - missing(head, z, truth, 1) / CELLS;
    double w = label.width() * Math.exp(-missing(head, z, truth, 2));
    double h = label.height() * Math.exp(-missing(head, z, truth, 3));
    return Overlap.giou(
        x, y, w, h, label.centerX(), label.centerY(), label.width(), label.height());
  }

  private static double slope(HeadSpec head, double[] z, int truth, int side, IouLoss kind) {
    Label label = TRUTHS.get(truth);
    CentredBox box =
        new CentredBox(
            label.centerX() - missing(head, z, truth, 0) / CELLS,
            label.centerY() - missing(head, z, truth, 1) / CELLS,
            label.width() * Math.exp(-missing(head, z, truth, 2)),
            label.height() * Math.exp(-missing(head, z, truth, 3)));
    CentredBox wanted =
        new CentredBox(label.centerX(), label.centerY(), label.width(), label.height());
    Direction d = new DarknetBoxGradient().of(box, wanted, kind);
    return new double[] {d.dx(), d.dy(), d.dw(), d.dh()}[side];
  }

  private static double density(double missing, double spread) {
    double relative = missing / spread;
    return Math.exp(-relative * relative / 2) / (Math.sqrt(2 * Math.PI) * (spread + 0.3));
  }

  /** The loss, of which some numbers are taken from another point, where they are held constant. */
  private static double loss(HeadSpec head, double[] z, double[] held) {
    double loss = 0;
    for (int at = 0; at < z.length; at += head.entries()) {
      int own = -1;
      for (int t = 0; t < TRUTHS.size(); t++) {
        own = at(head, t) == at ? t : own;
      }
      double p = sigmoid(z[at + 8]);
      loss -= own >= 0 ? Math.log(p) : Math.log(1 - p);
      if (own < 0) {
        continue;
      }
      for (int c = 0; c < CLASSES; c++) {
        double q = sigmoid(z[at + 9 + c]);
        loss -= c == TRUTHS.get(own).classIndex() ? Math.log(q) : Math.log(1 - q);
      }
      boolean byDensity = head.training().iouLoss() == IouLoss.MSE;
      if (!byDensity) {
        loss += 0.4 * (1 - overlap(head, z, own));
      }
      double weight = 2 - TRUTHS.get(own).width() * TRUTHS.get(own).height();
      for (int side = 0; side < 4; side++) {
        int spread = at + 2 * side + 1;
        double sure = density(missing(head, held, own, side), sigmoid(z[spread]));
        loss -= 0.7 * weight / 2 * Math.log(sure + 1e-9);
        if (byDensity) {
          double hit = density(missing(head, z, own, side), sigmoid(held[spread]));
          loss -= 0.4 * weight / 2 * Math.log(hit + 1e-9);
        }
      }
    }
    return loss;
  }

  @ParameterizedTest
  @CsvSource({"MSE, 1", "MSE, 1.2", "GIOU, 1", "GIOU, 1.05"})
  void exactGradientIsTheSlopeOfTheLoss(IouLoss kind, double scale) {
    HeadSpec head = head(kind, scale);
    double[] z = numbers(head);
    double[] held = z.clone();
    LossResult result = run(new DarknetLoss(List.of(head), DarknetLoss.Form.EXACT), head, z);
    assertThat(result.assigned()).isEqualTo(2);
    assertThat(result.total()).isCloseTo(loss(head, z, held), within(1e-9));
    double[] gradient = result.gradients().getFirst().doubles();
    double step = 1e-5;
    int spreads = 0;
    for (int i = 0; i < z.length; i++) {
      z[i] = held[i] + step;
      double above = loss(head, z, held);
      z[i] = held[i] - step;
      double below = loss(head, z, held);
      z[i] = held[i];
      assertThat(gradient[i])
          .as("number %d", i)
          .isCloseTo((above - below) / (2 * step), within(1e-6));
      spreads += i % head.entries() % 2 == 1 && i % head.entries() < 8 && gradient[i] != 0 ? 1 : 0;
    }
    assertThat(spreads).isEqualTo(2 * 4);
  }

  /** Darknet adds to the numbers of the convolution what belongs to those after the function. */
  @ParameterizedTest
  @ValueSource(strings = {"MSE", "GIOU"})
  void darknetsDeltas(IouLoss kind) {
    HeadSpec head = head(kind, 1);
    double[] z = numbers(head);
    double[] gradient =
        run(new DarknetLoss(List.of(head), DarknetLoss.Form.DARKNET), head, z)
            .gradients()
            .getFirst()
            .doubles();
    for (int t = 0; t < TRUTHS.size(); t++) {
      double weight = 2 - TRUTHS.get(t).width() * TRUTHS.get(t).height();
      for (int side = 0; side < 4; side++) {
        int place = at(head, t) + 2 * side;
        double spread = sigmoid(z[place + 1]);
        double missing = missing(head, z, t, side);
        double relative = missing / spread;
        double density = density(missing, spread);
        double share = weight / 2 * density / (density + 1e-9);
        double ofSpread = share * (relative * relative / spread - 1 / (spread + 0.3));
        assertThat(-gradient[place + 1]).isCloseTo(0.7 * ofSpread, within(1e-9));
        if (kind == IouLoss.MSE) {
          assertThat(-gradient[place]).isCloseTo(0.4 * share * relative / spread, within(1e-9));
        } else {
          double unit = side < 2 ? 1 : Math.exp(z[place]);
          assertThat(-gradient[place])
              .isCloseTo(0.4 * unit * slope(head, z, t, side, kind), within(1e-9));
        }
      }
    }
  }

  /** The recipe of PyTorch's code teaches spreads besides; all else is as without them. */
  @ParameterizedTest
  @ValueSource(doubles = {1.05, 2})
  void theOtherRecipeTeachesSpreadsToo(double scale) {
    HeadSpec head = head(IouLoss.CIOU, scale);
    HeadSpec plain = new HeadSpec(CLASSES, ANCHORS, List.of(0, 1), scale, false, HeadTraining.TINY);
    double[] z = numbers(head);
    double[] less = new double[z.length / head.entries() * plain.entries()];
    for (int i = 0; i < z.length; i++) {
      int entry = i % head.entries();
      if (entry >= 8 || entry % 2 == 0) {
        less[i / head.entries() * plain.entries() + (entry < 8 ? entry / 2 : entry - 4)] = z[i];
      }
    }
    LossResult with = run(new ScaledLoss(List.of(head), ScaledLoss.Settings.PUBLISHED), head, z);
    LossResult without =
        run(new ScaledLoss(List.of(plain), ScaledLoss.Settings.PUBLISHED), plain, less);
    assertThat(with.objectness()).isEqualTo(without.objectness());
    assertThat(with.classes()).isEqualTo(without.classes());
    assertThat(with.overlap()).isEqualTo(without.overlap());
    double[] gradient = with.gradients().getFirst().doubles();
    double[] fewer = without.gradients().getFirst().doubles();
    double step = 1e-6;
    int spreads = 0;
    for (int i = 0; i < z.length; i++) {
      int entry = i % head.entries();
      if (entry < 8 && entry % 2 == 1) {
        double saved = z[i];
        ScaledLoss loss = new ScaledLoss(List.of(head), ScaledLoss.Settings.PUBLISHED);
        z[i] = saved + step;
        double above = run(loss, head, z).total();
        z[i] = saved - step;
        double below = run(loss, head, z).total();
        z[i] = saved;
        assertThat(gradient[i]).isCloseTo((above - below) / (2 * step), within(1e-7));
        spreads += gradient[i] != 0 ? 1 : 0;
      } else {
        int other = i / head.entries() * plain.entries() + (entry < 8 ? entry / 2 : entry - 4);
        assertThat(gradient[i]).isEqualTo(fewer[other]);
      }
    }
    assertThat(spreads).isEqualTo(4 * with.assigned()).isPositive();
  }
}
