package dev.peregrine.yolo.loss;

import static java.lang.Math.atan;
import static java.lang.Math.max;
import static java.lang.Math.min;

import dev.peregrine.yolo.head.HeadTraining.IouLoss;

/**
 * The derivative of the overlap, the weight alpha of the aspect ratio held constant as its paper
 * says.
 *
 * <p><b>Formula</b> {@code IoU = I / U}; GIoU adds {@code U / C - 1} with C the enclosing area;
 * DIoU subtracts {@code d^2 / c^2}; CIoU subtracts {@code alpha v} as well, {@code v = 4 / pi^2
 * (atan(wt / ht) - atan(w / h))^2}.
 *
 * <p><b>Source</b> Rezatofighi et al. 2019; Zheng et al. 2020.
 */
final class ExactBoxGradient implements BoxGradient {
  private static final double GUARD = 1e-16;

  @Override
  public Direction of(CentredBox p, CentredBox t, IouLoss kind) {
    double overlapWidth = max(0, min(p.right(), t.right()) - max(p.left(), t.left()));
    double overlapHeight = max(0, min(p.bottom(), t.bottom()) - max(p.top(), t.top()));
    double intersection = overlapWidth * overlapHeight;
    double union = p.w() * p.h() + t.w() * t.h() - intersection + GUARD;
    boolean meet = overlapWidth > 0 && overlapHeight > 0;

    // Derivatives by left, right, top and bottom of the prediction.
    double[] dI = {
      meet && p.left() > t.left() ? -overlapHeight : 0,
      meet && p.right() < t.right() ? overlapHeight : 0,
      meet && p.top() > t.top() ? -overlapWidth : 0,
      meet && p.bottom() < t.bottom() ? overlapWidth : 0
    };
    double[] dArea = {-p.h(), p.h(), -p.w(), p.w()};
    double[] edge = new double[4];
    double width = max(p.right(), t.right()) - min(p.left(), t.left());
    double height = max(p.bottom(), t.bottom()) - min(p.top(), t.top());
    double[] outer = {
      p.left() < t.left() ? -1 : 0,
      p.right() > t.right() ? 1 : 0,
      p.top() < t.top() ? -1 : 0,
      p.bottom() > t.bottom() ? 1 : 0
    };
    for (int i = 0; i < 4; i++) {
      double dU = dArea[i] - dI[i];
      edge[i] = (dI[i] * union - intersection * dU) / (union * union);
      if (kind == IouLoss.GIOU) {
        double area = width * height + GUARD;
        double dC = outer[i] * (i < 2 ? height : width);
        edge[i] += (dU * area - union * dC) / (area * area);
      }
    }
    double dx = edge[0] + edge[1];
    double dy = edge[2] + edge[3];
    double dw = (edge[1] - edge[0]) / 2;
    double dh = (edge[3] - edge[2]) / 2;
    if (kind == IouLoss.DIOU || kind == IouLoss.CIOU) {
      double diagonal = width * width + height * height + GUARD;
      double square = (p.x() - t.x()) * (p.x() - t.x()) + (p.y() - t.y()) * (p.y() - t.y());
      double scale = square / (diagonal * diagonal);
      dx += -2 * (p.x() - t.x()) / diagonal + scale * 2 * width * (outer[0] + outer[1]);
      dy += -2 * (p.y() - t.y()) / diagonal + scale * 2 * height * (outer[2] + outer[3]);
      dw += scale * width * (outer[1] - outer[0]);
      dh += scale * height * (outer[3] - outer[2]);
    }
    if (kind == IouLoss.CIOU) {
      double angle = atan(t.w() / t.h()) - atan(p.w() / p.h());
      double v = 4 / (Math.PI * Math.PI) * angle * angle;
      double alpha = v / (1 - intersection / union + v + GUARD);
      double turn = alpha * 8 / (Math.PI * Math.PI) * angle / (p.w() * p.w() + p.h() * p.h());
      dw += turn * p.h();
      dh -= turn * p.w();
    }
    return new Direction(dx, dy, dw, dh);
  }
}
