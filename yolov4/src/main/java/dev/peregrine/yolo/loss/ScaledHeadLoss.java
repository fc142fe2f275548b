package dev.peregrine.yolo.loss;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.box.Overlap;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import dev.peregrine.yolo.loss.BoxGradient.Direction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * The loss of one head over the pictures of a batch, in means and without gains.
 *
 * <p>Boxes are in cells, from the corner of the cell that they belong to. Slopes are by logits;
 * only anchors that learn a truth have others than that of their objectness.
 */
final class ScaledHeadLoss {
  /** Where an exponential size ends, as in the PyTorch programs. */
  private static final double LARGEST_FACTOR = 1000;

  private final HeadSpec spec;
  private final ScaledLoss.Settings settings;
  private final IntToDoubleFunction raw;
  private final int height;
  private final int width;
  private final int entries;
  private final int object;
  private final CrossEntropy objectEntropy;
  private final CrossEntropy classEntropy;
  private final BoxGradient boxGradient = new ExactBoxGradient();

  /** Slopes of boxes and classes, by the index of an anchor's first number. */
  private final Map<Integer, double[]> slopes = new HashMap<>();

  private final double[] objectTarget;
  private double box;
  private double objectness;
  private double classes;
  private double overlap;
  private int assigned;

  ScaledHeadLoss(
      HeadSpec spec, ScaledLoss.Settings settings, Shape shape, IntToDoubleFunction raw) {
    this.spec = spec;
    this.settings = settings;
    this.raw = raw;
    this.height = shape.dim(1);
    this.width = shape.dim(2);
    this.entries = spec.entries();
    this.object = spec.objectness();
    this.objectTarget = new double[shape.size() / entries];
    this.objectEntropy = new CrossEntropy(settings.objectPositive(), settings.focus());
    this.classEntropy = new CrossEntropy(settings.classPositive(), settings.focus());
  }

  void learn(List<CellMatch> matches) {
    assigned = matches.size();
    for (CellMatch match : matches) {
      int at =
          ((match.image() * height + match.row()) * width + match.column()) * spec.channels()
              + match.anchor() * entries;
      double[] slope = slopes.computeIfAbsent(at, _ -> new double[entries]);
      learnBox(match, at, slope);
      if (spec.classes() > 1) {
        learnClass(match, at, slope);
      }
    }
    box /= Math.max(1, assigned);
    classes /= Math.max(1, assigned * spec.classes());
    for (int i = 0; i < objectTarget.length; i++) {
      objectness += objectEntropy.value(logit(i * entries + object), objectTarget[i]);
    }
    objectness /= objectTarget.length;
  }

  private double logit(int index) {
    double number = raw.applyAsDouble(index);
    return spec.newCoordinates() ? HeadLessons.logit(number) : number;
  }

  private double probability(int index) {
    double number = raw.applyAsDouble(index);
    return spec.newCoordinates() ? number : CrossEntropy.probability(number);
  }

  private void learnBox(CellMatch match, int at, double[] slope) {
    double scale = spec.scaleXy();
    double sx = probability(at + spec.place(0));
    double sy = probability(at + spec.place(1));
    CentredBox p =
        new CentredBox(
            scale * sx - (scale - 1) / 2,
            scale * sy - (scale - 1) / 2,
            match.prior().w() * factor(at + spec.place(2)),
            match.prior().h() * factor(at + spec.place(3)));
    CentredBox t = match.truth();
    double iou = Overlap.iou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
    overlap += iou;
    double metric = iou;
    Direction d;
    if (settings.iouLoss() == IouLoss.MSE) {
      double[] off = {
        p.x() - t.x(), p.y() - t.y(), Math.log(p.w() / t.w()), Math.log(p.h() / t.h())
      };
      for (double o : off) {
        box += o * o;
      }
      d = new Direction(-2 * off[0], -2 * off[1], -2 * off[2] / p.w(), -2 * off[3] / p.h());
    } else {
      metric = metric(p, t);
      box += 1 - metric;
      d = boxGradient.of(p, t, settings.iouLoss());
    }
    slope[spec.place(0)] -= d.dx() * scale * sx * (1 - sx);
    slope[spec.place(1)] -= d.dy() * scale * sy * (1 - sy);
    slope[spec.place(2)] -= d.dw() * match.prior().w() * factorSlope(at + spec.place(2));
    slope[spec.place(3)] -= d.dh() * match.prior().h() * factorSlope(at + spec.place(3));
    if (spec.gaussian()) {
      learnSpreads(p, t, at, slope);
    }
    // Where matches share an anchor, the last one counts.
    objectTarget[at / entries] =
        1 - settings.overlapShare() + settings.overlapShare() * Math.max(0, metric);
  }

  /** The spreads learn how far the box is off, which is held constant. */
  private void learnSpreads(CentredBox p, CentredBox t, int at, double[] slope) {
    double[] off = {t.x() - p.x(), t.y() - p.y(), Math.log(t.w() / p.w()), Math.log(t.h() / p.h())};
    double weight = 2 - t.w() * t.h() / (width * height);
    for (int side = 0; side < off.length; side++) {
      double spread = probability(at + spec.spread(side));
      GaussianNumber number = new GaussianNumber(off[side], spread, weight);
      double gain = spec.training().uncertaintyNormalizer();
      box += gain * number.error();
      slope[spec.spread(side)] += gain * number.slopeOfSpread() * spread * (1 - spread);
    }
  }

  private double metric(CentredBox p, CentredBox t) {
    return switch (settings.iouLoss()) {
      case MSE, IOU -> Overlap.iou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case GIOU -> Overlap.giou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case DIOU -> Overlap.diou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case CIOU -> Overlap.ciou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
    };
  }

  /** A side of the box against the anchor's. */
  private double factor(int index) {
    if (spec.newCoordinates()) {
      double s = raw.applyAsDouble(index);
      return 4 * s * s;
    }
    return Math.min(LARGEST_FACTOR, Math.exp(raw.applyAsDouble(index)));
  }

  /** The derivative of that by the logit. */
  private double factorSlope(int index) {
    double number = raw.applyAsDouble(index);
    if (spec.newCoordinates()) {
      return 8 * number * number * (1 - number);
    }
    double factor = Math.exp(number);
    return factor < LARGEST_FACTOR ? factor : 0;
  }

  private void learnClass(CellMatch match, int at, double[] slope) {
    double off = settings.labelSmoothing() / 2;
    for (int c = 0; c < spec.classes(); c++) {
      int entry = object + 1 + c;
      double z = logit(at + entry);
      double target = c == match.classIndex() ? 1 - off : off;
      classes += classEntropy.value(z, target);
      slope[entry] += classEntropy.slope(z, target);
    }
  }

  double box() {
    return box;
  }

  double objectness() {
    return objectness;
  }

  double classes() {
    return classes;
  }

  int assigned() {
    return assigned;
  }

  double overlap() {
    return overlap;
  }

  /** Gives the gradient by the head's numbers, with the gains of the parts. */
  void gradient(double boxGain, double objectGain, double classGain, HeadLessons.Sink sink) {
    double objectShare = objectGain / objectTarget.length;
    for (int i = 0; i < objectTarget.length; i++) {
      int at = i * entries + object;
      put(sink, at, objectShare * objectEntropy.slope(logit(at), objectTarget[i]));
    }
    double boxShare = boxGain / Math.max(1, assigned);
    double classShare = classGain / Math.max(1, assigned * spec.classes());
    slopes.forEach((at, slope) -> {
      for (int i = 0; i < entries; i++) {
        if (i != object) {
          put(sink, at + i, (i < object ? boxShare : classShare) * slope[i]);
        }
      }
    });
  }

  private void put(HeadLessons.Sink sink, int index, double slope) {
    if (!spec.newCoordinates() || slope == 0) {
      sink.put(index, slope);
      return;
    }
    // The head's number is the probability; its logistic function multiplies by p (1 - p).
    double p = raw.applyAsDouble(index);
    sink.put(index, slope / Math.max(1e-12, p * (1 - p)));
  }
}
