package dev.peregrine.yolo.loss;

import static java.lang.Math.atan;
import static java.lang.Math.max;
import static java.lang.Math.min;

import dev.peregrine.yolo.head.HeadTraining.IouLoss;

/**
 * The direction that darknet's code follows, its deviations from the derivative included, so that
 * its published recipes repeat.
 *
 * <p>Against the derivative ({@link ExactBoxGradient}): width and height are not halved, the
 * enclosing box's part of x and y has the opposite sign, the aspect ratio's part is not divided by
 * {@code w^2 + h^2}, and boxes that do not overlap keep the distance part alone.
 *
 * <p><b>Source</b> AlexeyAB/darknet, {@code dx_box_iou}; Zheng et al. 2020, "Distance-IoU loss".
 */
final class DarknetBoxGradient implements BoxGradient {
  private static final double ALPHA_GUARD = 1e-6;

  @Override
  public Direction of(CentredBox p, CentredBox t, IouLoss kind) {
    double width = p.right() - p.left();
    double height = p.bottom() - p.top();
    double overlapHeight = min(p.bottom(), t.bottom()) - max(p.top(), t.top());
    double overlapWidth = min(p.right(), t.right()) - max(p.left(), t.left());
    double intersection = overlapWidth * overlapHeight;
    double union = width * height + t.w() * t.h() - intersection;
    boolean apart = overlapWidth <= 0 || overlapHeight <= 0;

    // Each edge of the prediction moves the intersection only where it is the inner one.
    double[] dI = {
      p.top() > t.top() ? -overlapWidth : 0,
      p.bottom() < t.bottom() ? overlapWidth : 0,
      p.left() > t.left() ? -overlapHeight : 0,
      p.right() < t.right() ? overlapHeight : 0
    };
    double[] dArea = {-width, width, -height, height};
    double[] edge = new double[4];
    double[] dU = new double[4];
    for (int i = 0; i < 4; i++) {
      dU[i] = dArea[i] - dI[i];
      edge[i] = union > 0 ? (union * dI[i] - intersection * dU[i]) / (union * union) : 0;
    }
    if (kind == IouLoss.GIOU) {
      addEnclosingArea(edge, dU, union, p, t, apart);
    }
    double dx = edge[2] + edge[3];
    double dy = edge[0] + edge[1];
    double dw = edge[3] - edge[2];
    double dh = edge[1] - edge[0];
    if (kind == IouLoss.DIOU || kind == IouLoss.CIOU) {
      Direction far = distance(p, t);
      double aspect = 0;
      if (kind == IouLoss.CIOU) {
        double angle = atan(t.w() / t.h()) - atan(p.w() / p.h());
        double v = 4 / (Math.PI * Math.PI) * angle * angle;
        double alpha = v / (1 - intersection / union + v + ALPHA_GUARD);
        aspect = alpha * 8 / (Math.PI * Math.PI) * angle;
      }
      dx = far.dx() + (apart ? 0 : dx);
      dy = far.dy() + (apart ? 0 : dy);
      dw = far.dw() + aspect * p.h() + (apart ? 0 : dw);
      dh = far.dh() - aspect * p.w() + (apart ? 0 : dh);
    }
    return new Direction(dx, dy, dw, dh);
  }

  private static void addEnclosingArea(
      double[] edge, double[] dU, double union, CentredBox p, CentredBox t, boolean apart) {
    double width = max(p.right(), t.right()) - min(p.left(), t.left());
    double height = max(p.bottom(), t.bottom()) - min(p.top(), t.top());
    double area = width * height;
    double[] dC = {
      p.top() < t.top() ? -width : 0,
      p.bottom() > t.bottom() ? width : 0,
      p.left() < t.left() ? -height : 0,
      p.right() > t.right() ? height : 0
    };
    for (int i = 0; i < 4; i++) {
      double part = (area * dU[i] - union * dC[i]) / (area * area);
      edge[i] = apart ? part : edge[i] + (area > 0 ? part : 0);
    }
  }

  private static Direction distance(CentredBox p, CentredBox t) {
    double width = max(p.right(), t.right()) - min(p.left(), t.left());
    double height = max(p.bottom(), t.bottom()) - min(p.top(), t.top());
    double diagonal = width * width + height * height;
    if (!(diagonal > 0)) {
      return new Direction(0, 0, 0, 0);
    }
    double square = (p.x() - t.x()) * (p.x() - t.x()) + (p.y() - t.y()) * (p.y() - t.y());
    double left = p.left() < t.left() ? 1 : 0;
    double right = p.right() > t.right() ? 1 : 0;
    double top = p.top() < t.top() ? 1 : 0;
    double bottom = p.bottom() > t.bottom() ? 1 : 0;
    double scale = 1 / (diagonal * diagonal);
    return new Direction(
        (2 * (t.x() - p.x()) * diagonal - 2 * width * (right - left) * square) * scale,
        (2 * (t.y() - p.y()) * diagonal - 2 * height * (bottom - top) * square) * scale,
        width * (right + left) * square * scale,
        height * (bottom + top) * square * scale);
  }
}
