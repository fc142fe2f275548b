package dev.peregrine.yolo.loss;

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
import java.util.function.IntToDoubleFunction;

/**
 * The loss of one head over the pictures of a batch.
 *
 * <p>Boxes are relative to the network's input: centre, width and height of 0 to 1. Deltas hold
 * darknet's sign, the direction of descent.
 *
 * <p>Every anchor of every cell learns its objectness, few learn a box and classes; of the others
 * the numbers of the classes are looked at once and no more.
 */
final class HeadLoss {
  /** A box overlapping a truth counts only if some class is at least this likely. */
  private static final double CLASS_THRESHOLD = 0.25;

  private static final double FOCAL_ALPHA = 0.5;

  private final HeadSpec spec;
  private final HeadTraining training;
  private final DarknetLoss.Form form;
  private final BoxGradient boxGradient;
  private final int height;
  private final int width;
  private final double netHeight;
  private final double netWidth;
  private final int entries;
  private final int object;
  private final int channels;
  private final IntToDoubleFunction raw;

  private final HeadLessons lessons;
  private double box;
  private int assigned;
  private double overlap;

  HeadLoss(
      HeadSpec spec,
      DarknetLoss.Form form,
      Shape shape,
      IntToDoubleFunction raw,
      int netHeight,
      int netWidth) {
    this.spec = spec;
    this.training = spec.training();
    this.form = form;
    this.boxGradient =
        form == DarknetLoss.Form.DARKNET ? new DarknetBoxGradient() : new ExactBoxGradient();
    this.height = shape.dim(1);
    this.width = shape.dim(2);
    this.channels = shape.channels();
    this.entries = spec.entries();
    this.object = spec.objectness();
    this.netHeight = netHeight;
    this.netWidth = netWidth;
    this.raw = raw;
    this.lessons = new HeadLessons(spec, raw, shape.size() / entries);
  }

  /**
   * Returns a number as darknet sees it: x and y scaled, objectness and classes logistic, w and h
   * as they are.
   */
  private double output(int index) {
    int entry = index % entries;
    double value = raw.applyAsDouble(index);
    if (!spec.newCoordinates() && entry != spec.place(2) && entry != spec.place(3)) {
      value = 1 / (1 + Math.exp(-value));
    }
    return entry == 0 || entry == spec.place(1)
        ? value * spec.scaleXy() - (spec.scaleXy() - 1) / 2
        : value;
  }

  void add(int image, List<Label> labels) {
    CentredBox[] truths = new CentredBox[labels.size()];
    for (int t = 0; t < truths.length; t++) {
      Label label = labels.get(t);
      truths[t] = new CentredBox(label.centerX(), label.centerY(), label.width(), label.height());
    }
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        for (int n = 0; n < spec.mask().size(); n++) {
          background(image, row, column, n, truths, labels);
        }
      }
    }
    for (int t = 0; t < truths.length; t++) {
      truth(image, truths[t], labels.get(t).classIndex());
    }
    if ((training.iouThreshold() < 1 || spec.gaussian()) && form == DarknetLoss.Form.DARKNET) {
      shareBoxDeltas(image);
    }
  }

  private int index(int image, int row, int column, int n) {
    return ((image * height + row) * width + column) * channels + n * entries;
  }

  private CentredBox decode(int at, int row, int column, int n) {
    Anchor anchor = spec.anchor(n);
    double w = output(at + spec.place(2));
    double h = output(at + spec.place(3));
    return new CentredBox(
        (column + output(at)) / width,
        (row + output(at + spec.place(1))) / height,
        (spec.newCoordinates() ? 4 * w * w : Math.exp(w)) * anchor.width() / netWidth,
        (spec.newCoordinates() ? 4 * h * h : Math.exp(h)) * anchor.height() / netHeight);
  }

  private static double iou(CentredBox a, CentredBox b) {
    return Overlap.iou(a.x(), a.y(), a.w(), a.h(), b.x(), b.y(), b.w(), b.h());
  }

  /** Tells in a few comparisons, for the many pairs that do not, whether boxes overlap. */
  private static boolean touch(CentredBox a, CentredBox b) {
    return 2 * Math.abs(a.x() - b.x()) < a.w() + b.w()
        && 2 * Math.abs(a.y() - b.y()) < a.h() + b.h();
  }

  private void background(
      int image, int row, int column, int n, CentredBox[] truths, List<Label> labels) {
    int at = index(image, row, column, n);
    CentredBox prediction = decode(at, row, column, n);
    boolean likely = isSomeClassLikely(at);
    double best = 0;
    int bestTruth = -1;
    for (int t = 0; t < truths.length; t++) {
      double iou = touch(prediction, truths[t]) ? iou(prediction, truths[t]) : 0;
      if (iou > best) {
        best = iou;
        bestTruth = t;
      }
    }
    double likeliness = output(at + object);
    teachObjectness(at, 0);
    if (likely && best > training.ignoreThreshold()) {
      if (!training.objectnessSmooth()) {
        lessons.leaveObjectness(at);
      } else if (best - likeliness > -likeliness) {
        teachObjectness(at, best);
      }
    }
    if (best > training.truthThreshold()) {
      teachObjectness(at, training.objectnessSmooth() ? best * best : 1);
      teachClasses(at, labels.get(bestTruth).classIndex());
      teachBox(at, row, column, n, truths[bestTruth]);
    }
  }

  private boolean isSomeClassLikely(int at) {
    double threshold = spec.newCoordinates() ? CLASS_THRESHOLD : HeadLessons.logit(CLASS_THRESHOLD);
    for (int c = 0; c < spec.classes(); c++) {
      if (raw.applyAsDouble(at + object + 1 + c) > threshold) {
        return true;
      }
    }
    return false;
  }

  private void truth(int image, CentredBox truth, int classIndex) {
    // The cell is found in single precision, as darknet finds it: a truth may lie on a cell's
    // border.
    int column = Math.min(width - 1, (int) ((float) truth.x() * width));
    int row = Math.min(height - 1, (int) ((float) truth.y() * height));
    CentredBox shape = new CentredBox(0, 0, truth.w(), truth.h());
    double best = 0;
    int bestAnchor = 0;
    double[] similarity = new double[spec.anchors().size()];
    for (int a = 0; a < similarity.length; a++) {
      Anchor anchor = spec.anchors().get(a);
      CentredBox prior =
          new CentredBox(0, 0, anchor.width() / netWidth, anchor.height() / netHeight);
      similarity[a] = overlap(training.similarity(), prior, shape);
      double iou = iou(prior, shape);
      if (iou > best) {
        best = iou;
        bestAnchor = a;
      }
    }
    for (int n = 0; n < spec.mask().size(); n++) {
      if (spec.mask().get(n) == bestAnchor) {
        teach(image, row, column, n, truth, classIndex);
      }
    }
    for (int n = 0; n < spec.mask().size() && training.iouThreshold() < 1; n++) {
      int a = spec.mask().get(n);
      if (a != bestAnchor && similarity[a] > training.iouThreshold()) {
        teach(image, row, column, n, truth, classIndex);
      }
    }
  }

  private void teach(int image, int row, int column, int n, CentredBox truth, int classIndex) {
    int at = index(image, row, column, n);
    teachBox(at, row, column, n, truth);
    // With smooth objectness an anchor keeps the overlap it was given unless it was given nothing.
    if (!training.objectnessSmooth() || lessons.objectnessDelta(at) == 0) {
      teachObjectness(at, 1);
    }
    teachClasses(at, classIndex);
  }

  private void teachObjectness(int at, double value) {
    lessons.teachObjectness(
        at, value, training.objectnessNormalizer() * (value - output(at + object)));
  }

  private void teachClasses(int at, int classIndex) {
    int own = object + 1 + classIndex;
    double[] delta = lessons.of(at).delta();
    double[] target = lessons.of(at).target();
    double eps = training.labelSmoothing();
    double positive = 1 - eps + eps / 2;
    if (delta[own] != 0) {
      // A second truth on the same anchor adds its class and leaves the others as they are.
      target[own] = positive;
      delta[own] = positive - output(at + own);
      return;
    }
    double focus = training.focal() ? focus(output(at + own)) : 1;
    for (int i = object + 1; i < entries; i++) {
      target[i] = i == own ? positive : eps / 2;
      delta[i] = focus * (target[i] - output(at + i));
    }
  }

  /**
   * Darknet's factor of a focal class error, by the probability of the right class, in either form:
   * it belongs to no loss.
   */
  private static double focus(double probability) {
    double p = probability + 1e-15;
    return -FOCAL_ALPHA * (1 - p) * (2 * p * Math.log(p) + p - 1);
  }

  private void teachBox(int at, int row, int column, int n, CentredBox truth) {
    CentredBox prediction = decode(at, row, column, n);
    double iou = iou(prediction, truth);
    assigned++;
    overlap += iou;
    if (spec.gaussian()) {
      teachSpreads(at, row, column, n, truth);
    }
    if (training.iouLoss() == IouLoss.MSE) {
      if (spec.gaussian()) {
        return;
      }
      teachNumbers(at, row, column, n, truth);
      return;
    }
    box += training.iouNormalizer() * (1 - overlap(training.iouLoss(), prediction, truth));
    CentredBox safe =
        new CentredBox(
            prediction.x(),
            prediction.y(),
            prediction.w() == 0 ? 1 : prediction.w(),
            prediction.h() == 0 ? 1 : prediction.h());
    Direction d = boxGradient.of(safe, truth, training.iouLoss());
    double[] delta = lessons.of(at).delta();
    double[] steps = {d.dx(), d.dy(), d.dw(), d.dh()};
    for (int i = 0; i < 4; i++) {
      steps[i] *= training.iouNormalizer() * chain(at, i, n);
      delta[spec.place(i)] += limited(steps[i]);
    }
  }

  private double limited(double step) {
    return Double.isFinite(step) ? Math.clamp(step, -training.maxDelta(), training.maxDelta()) : 0;
  }

  /** The factor from a number of the box to the number of the head that it was decoded from. */
  private double chain(int at, int side, int n) {
    boolean size = side >= 2;
    int entry = spec.place(side);
    if (form == DarknetLoss.Form.DARKNET) {
      return size && !spec.newCoordinates() ? Math.exp(output(at + entry)) : 1;
    }
    if (size) {
      Anchor anchor = spec.anchor(n);
      double unit = side == 2 ? anchor.width() / netWidth : anchor.height() / netHeight;
      double v = output(at + entry);
      return unit * (spec.newCoordinates() ? 8 * v : Math.exp(v));
    }
    double cell = 1.0 / (side == 0 ? width : height);
    if (spec.newCoordinates()) {
      return cell * spec.scaleXy();
    }
    double s = 1 / (1 + Math.exp(-raw.applyAsDouble(at + entry)));
    return cell * spec.scaleXy() * s * (1 - s);
  }

  private static double overlap(IouLoss kind, CentredBox p, CentredBox t) {
    return switch (kind) {
      case MSE, IOU -> iou(p, t);
      case GIOU -> Overlap.giou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case DIOU -> Overlap.diou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case CIOU -> Overlap.ciou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
    };
  }

  /** What the numbers of a box would be that hits a truth. */
  private double[] wanted(int row, int column, int n, CentredBox truth) {
    Anchor anchor = spec.anchor(n);
    double relativeWidth = truth.w() * netWidth / anchor.width();
    double relativeHeight = truth.h() * netHeight / anchor.height();
    return new double[] {
      truth.x() * width - column,
      truth.y() * height - row,
      spec.newCoordinates() ? Math.sqrt(relativeWidth / 4) : Math.log(relativeWidth),
      spec.newCoordinates() ? Math.sqrt(relativeHeight / 4) : Math.log(relativeHeight)
    };
  }

  /** Squared differences of the numbers themselves, small boxes weighing more. */
  private void teachNumbers(int at, int row, int column, int n, CentredBox truth) {
    double weight = training.iouNormalizer() * (2 - truth.w() * truth.h());
    double[] wanted = wanted(row, column, n, truth);
    double[] delta = lessons.of(at).delta();
    for (int i = 0; i < 4; i++) {
      double difference = wanted[i] - output(at + i);
      box += weight * difference * difference / 2;
      delta[i] += weight * difference * numberChain(at, i, n);
    }
  }

  /** The factor from a number of the box, in cells and logarithms, to the number of the head. */
  private double numberChain(int at, int side, int n) {
    return form == DarknetLoss.Form.EXACT && side < 2
        ? chain(at, side, n) * (side == 0 ? width : height)
        : 1;
  }

  /**
   * The spreads of a Gaussian head learn how far its numbers are off; without a kind of overlap the
   * numbers learn by the same density.
   */
  private void teachSpreads(int at, int row, int column, int n, CentredBox truth) {
    double[] wanted = wanted(row, column, n, truth);
    double[] delta = lessons.of(at).delta();
    for (int i = 0; i < 4; i++) {
      int place = spec.place(i);
      double spread = output(at + spec.spread(i));
      GaussianNumber number =
          new GaussianNumber(wanted[i] - output(at + place), spread, 2 - truth.w() * truth.h());
      double chain = form == DarknetLoss.Form.EXACT ? spread * (1 - spread) : 1;
      double weight = training.uncertaintyNormalizer();
      box += weight * number.error();
      delta[spec.spread(i)] -= limited(weight * number.slopeOfSpread() * chain);
      if (training.iouLoss() == IouLoss.MSE) {
        box += training.iouNormalizer() * number.error();
        delta[place] -=
            limited(training.iouNormalizer() * number.slopeOfPlace() * numberChain(at, i, n));
      }
    }
  }

  /** Boxes that several classes taught would otherwise be moved several times as far. */
  private void shareBoxDeltas(int image) {
    lessons.shareBoxDeltas(index(image, 0, 0, 0), index(image + 1, 0, 0, 0));
  }

  double box() {
    return box;
  }

  double objectness() {
    return training.objectnessNormalizer() * lessons.objectness();
  }

  double classes() {
    return lessons.classes();
  }

  int assigned() {
    return assigned;
  }

  double overlap() {
    return overlap;
  }

  /** Gives the gradient of the loss, which points uphill, where it is not 0. */
  void gradient(HeadLessons.Sink sink) {
    lessons.gradient(form == DarknetLoss.Form.EXACT, sink);
  }
}
