package dev.peregrine.yolo.loss;

import dev.peregrine.yolo.head.HeadTraining.IouLoss;

/**
 * How the overlap of two boxes changes with the predicted one.
 *
 * <p>Boxes are centre, width and height in any common unit. Gradients point where the overlap
 * grows.
 */
interface BoxGradient {
  /**
   * A box by its centre.
   *
   * @param x centre column
   * @param y centre row
   * @param w width
   * @param h height
   */
  record CentredBox(double x, double y, double w, double h) {
    double left() {
      return x - w / 2;
    }

    double right() {
      return x + w / 2;
    }

    double top() {
      return y - h / 2;
    }

    double bottom() {
      return y + h / 2;
    }
  }

  /**
   * A direction in the space of boxes.
   *
   * @param dx by the centre's column
   * @param dy by the centre's row
   * @param dw by the width
   * @param dh by the height
   */
  record Direction(double dx, double dy, double dw, double dh) {}

  /**
   * Differentiates an overlap by the predicted box.
   *
   * @param prediction the predicted box
   * @param truth the labelled box
   * @param kind which overlap; not {@link IouLoss#MSE}
   * @return the direction in which it grows
   */
  Direction of(CentredBox prediction, CentredBox truth, IouLoss kind);
}
