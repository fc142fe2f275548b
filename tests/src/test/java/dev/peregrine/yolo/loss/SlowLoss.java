package dev.peregrine.yolo.loss;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import java.util.List;

/**
 * The loss of one head over one picture written a second time, number by number from its
 * definition: for every number it asks what it is taught, instead of going from truth to number.
 * CIoU, exponential sizes, one anchor a truth, no smoothing.
 */
final class SlowLoss {
  final double[] gradient;
  double total;

  private final HeadSpec head;
  private final double[] z;
  private final int height;
  private final int width;
  private final double net;

  SlowLoss(
      HeadSpec head,
      DarknetLoss.Form form,
      double[] z,
      int height,
      int width,
      double net,
      List<Label> labels) {
    this.head = head;
    this.z = z;
    this.height = height;
    this.width = width;
    this.net = net;
    gradient = new double[z.length];
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        for (int n = 0; n < head.mask().size(); n++) {
          anchor(form, row, column, n, labels);
        }
      }
    }
  }

  private void anchor(DarknetLoss.Form form, int row, int column, int n, List<Label> labels) {
    int at = (row * width + column) * head.channels() + n * head.entries();
    List<Label> mine =
        labels.stream().filter(label -> isResponsible(row, column, n, label)).toList();
    double[] b = box(at, row, column, n);
    double best = labels.stream().mapToDouble(label -> iou(b, box(label))).max().orElse(0);
    boolean likely = false;
    for (int c = 0; c < head.classes(); c++) {
      likely |= sigmoid(z[at + 5 + c]) > 0.25;
    }
    boolean left = mine.isEmpty() && likely && best > head.training().ignoreThreshold();
    if (!left) {
      entropy(at + 4, mine.isEmpty() ? 0 : 1);
    }
    if (mine.isEmpty()) {
      return;
    }
    for (int c = 0; c < head.classes(); c++) {
      int wanted = c;
      entropy(at + 5 + c, mine.stream().anyMatch(label -> label.classIndex() == wanted) ? 1 : 0);
    }
    double weight = head.training().iouNormalizer();
    for (Label label : mine) {
      total += weight * (1 - ciou(b, box(label), Double.NaN));
      for (int i = 0; i < 4; i++) {
        gradient[at + i] -=
            weight
                * (form == DarknetLoss.Form.EXACT
                    ? exact(at, row, column, n, i, label)
                    : coded(at, b, i, label));
      }
    }
  }

  private boolean isResponsible(int row, int column, int n, Label label) {
    if ((int) ((float) label.centerX() * width) != column
        || (int) ((float) label.centerY() * height) != row) {
      return false;
    }
    int best = -1;
    double most = 0;
    for (int a = 0; a < head.anchors().size(); a++) {
      double aw = head.anchors().get(a).width() / net;
      double ah = head.anchors().get(a).height() / net;
      double inter = Math.min(aw, label.width()) * Math.min(ah, label.height());
      double similarity = inter / (aw * ah + label.width() * label.height() - inter);
      if (similarity > most) {
        most = similarity;
        best = a;
      }
    }
    return head.mask().get(n) == best;
  }

  private void entropy(int i, double target) {
    double p = sigmoid(z[i]);
    total -= target * Math.log(p) + (1 - target) * Math.log(1 - p);
    gradient[i] = p - target;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private double[] box(int at, int row, int column, int n) {
    double s = head.scaleXy();
    return new double[] {
      (column + s * sigmoid(z[at]) - (s - 1) / 2) / width,
      (row + s * sigmoid(z[at + 1]) - (s - 1) / 2) / height,
      Math.exp(z[at + 2]) * head.anchor(n).width() / net,
      Math.exp(z[at + 3]) * head.anchor(n).height() / net
    };
  }

  private static double[] box(Label label) {
    return new double[] {label.centerX(), label.centerY(), label.width(), label.height()};
  }

  private static double overlap(double[] a, double[] b, int axis) {
    return Math.max(
        0,
        Math.min(a[axis] + a[axis + 2] / 2, b[axis] + b[axis + 2] / 2)
            - Math.max(a[axis] - a[axis + 2] / 2, b[axis] - b[axis + 2] / 2));
  }

  private static double span(double[] a, double[] b, int axis) {
    return Math.max(a[axis] + a[axis + 2] / 2, b[axis] + b[axis + 2] / 2)
        - Math.min(a[axis] - a[axis + 2] / 2, b[axis] - b[axis + 2] / 2);
  }

  private static double iou(double[] a, double[] b) {
    double inter = overlap(a, b, 0) * overlap(a, b, 1);
    return inter / (a[2] * a[3] + b[2] * b[3] - inter);
  }

  private static double aspect(double[] a, double[] b) {
    double angle = Math.atan(b[2] / b[3]) - Math.atan(a[2] / a[3]);
    return 4 / (Math.PI * Math.PI) * angle * angle;
  }

  /** CIoU with a given weight alpha, or with its own where alpha is NaN. */
  private static double ciou(double[] a, double[] b, double alpha) {
    double distance = Math.pow(a[0] - b[0], 2) + Math.pow(a[1] - b[1], 2);
    double diagonal = Math.pow(span(a, b, 0), 2) + Math.pow(span(a, b, 1), 2);
    double v = aspect(a, b);
    double weight = Double.isNaN(alpha) ? v / (1 - iou(a, b) + v + 1e-16) : alpha;
    return iou(a, b) - distance / diagonal - weight * v;
  }

  /** The derivative of CIoU by one number of the head: differences of fourth order, alpha held. */
  private double exact(int at, int row, int column, int n, int i, Label label) {
    double[] truth = box(label);
    double[] here = box(at, row, column, n);
    double v = aspect(here, truth);
    double alpha = v / (1 - iou(here, truth) + v + 1e-16);
    double step = 1e-4;
    double saved = z[at + i];
    double[] f = new double[5];
    for (int k = -2; k <= 2; k++) {
      z[at + i] = saved + k * step;
      f[k + 2] = ciou(box(at, row, column, n), truth, alpha);
    }
    z[at + i] = saved;
    return (f[0] - 8 * f[1] + 8 * f[3] - f[4]) / (12 * step);
  }

  /** Darknet's direction, from its description: see {@link DarknetBoxGradient}. */
  private double coded(int at, double[] b, int i, Label label) {
    double[] t = box(label);
    int axis = i % 2;
    double low = b[axis] - b[axis + 2] / 2;
    double high = b[axis] + b[axis + 2] / 2;
    double lowTruth = t[axis] - t[axis + 2] / 2;
    double highTruth = t[axis] + t[axis + 2] / 2;
    double other = 1 - axis;
    double across = overlap(b, t, (int) other);
    double inter = overlap(b, t, 0) * overlap(b, t, 1);
    double union = b[2] * b[3] + t[2] * t[3] - inter;
    double lowSlope = slope(inter, union, low > lowTruth ? -across : 0, -b[(int) other + 2]);
    double highSlope = slope(inter, union, high < highTruth ? across : 0, b[(int) other + 2]);
    boolean apart = inter <= 0;
    double span = span(b, t, axis);
    double diagonal = Math.pow(span(b, t, 0), 2) + Math.pow(span(b, t, 1), 2);
    double distance = Math.pow(b[0] - t[0], 2) + Math.pow(b[1] - t[1], 2);
    double lowOuter = low < lowTruth ? 1 : 0;
    double highOuter = high > highTruth ? 1 : 0;
    if (i < 2) {
      double far =
          2 * (t[axis] - b[axis]) / diagonal
              - 2 * span * (highOuter - lowOuter) * distance / (diagonal * diagonal);
      return far + (apart ? 0 : lowSlope + highSlope);
    }
    double angle = Math.atan(t[2] / t[3]) - Math.atan(b[2] / b[3]);
    double v = 4 / (Math.PI * Math.PI) * angle * angle;
    // Apart, darknet's intersection is the product of two gaps of whatever sign.
    double gaps = gap(b, t, 0) * gap(b, t, 1);
    double signedUnion = b[2] * b[3] + t[2] * t[3] - gaps;
    double alpha = v / (1 - gaps / signedUnion + v + 1e-6);
    double turn = alpha * 8 / (Math.PI * Math.PI) * angle * (i == 2 ? b[3] : -b[2]);
    double far = span * (highOuter + lowOuter) * distance / (diagonal * diagonal);
    return Math.exp(z[at + i]) * (far + turn + (apart ? 0 : highSlope - lowSlope));
  }

  private static double gap(double[] a, double[] b, int axis) {
    return Math.min(a[axis] + a[axis + 2] / 2, b[axis] + b[axis + 2] / 2)
        - Math.max(a[axis] - a[axis + 2] / 2, b[axis] - b[axis + 2] / 2);
  }

  private static double slope(double inter, double union, double dInter, double dArea) {
    return (union * dInter - inter * (dArea - dInter)) / (union * union);
  }
}
