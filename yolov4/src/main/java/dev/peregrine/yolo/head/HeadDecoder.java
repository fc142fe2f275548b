package dev.peregrine.yolo.head;

import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Placement;

/**
 * Turns the numbers of a head into boxes.
 *
 * <p><b>Formula</b> with s the logistic function, cell (i, j) of a map of W columns and anchor a:
 * {@code x = (i + k s(z_x) - (k - 1) / 2) / W}, {@code w = e^z_w * a_w / netWidth}, score {@code
 * s(z_obj) * s(z_class)}; with new coordinates the head's convolution already applied s and {@code
 * w = (2 z_w)^2 * a_w / netWidth}. The score of a Gaussian head is multiplied by 1 - the mean of
 * {@code s(z)} of its four spreads.
 *
 * <p><b>Source</b> Bochkovskiy, Wang and Liao 2020; AlexeyAB/darknet, {@code get_yolo_box} and
 * {@code get_gaussian_yolo_detections}.
 *
 * @param spec what the numbers mean
 * @param height rows of the head's map
 * @param width columns of the head's map
 */
public record HeadDecoder(HeadSpec spec, int height, int width) {
  /**
   * Adds the boxes of one picture that are likely enough, but none whose place or score is not
   * finite.
   *
   * <p><b>Cost</b> one logistic function a cell and anchor, and one a class where the objectness
   * passes.
   *
   * @param head numbers of the head, {@code [N, H, W, anchors * entries]}
   * @param image which picture of the batch
   * @param threshold objectness and score must exceed it
   * @param placement how the picture lies in the network's input
   * @param into where the boxes go, relative to the picture
   */
  public void decode(
      float[] head, int image, float threshold, Placement placement, Candidates into) {
    int at = image * height * width * spec.channels();
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        for (int n = 0; n < spec.mask().size(); n++, at += spec.entries()) {
          float objectness = probability(head[at + spec.objectness()]);
          if (objectness > threshold) {
            float sure = spec.gaussian() ? objectness * (1 - spread(head, at)) : objectness;
            box(head, at, row, column, spec.anchor(n), sure, threshold, placement, into);
          }
        }
      }
    }
  }

  private void box(
      float[] head,
      int at,
      int row,
      int column,
      Anchor anchor,
      float objectness,
      float threshold,
      Placement placement,
      Candidates into) {
    double scale = spec.scaleXy();
    double x = (column + scale * probability(head[at + spec.place(0)]) - (scale - 1) / 2) / width;
    double y = (row + scale * probability(head[at + spec.place(1)]) - (scale - 1) / 2) / height;
    double w = size(head[at + spec.place(2)]) * anchor.width() / placement.networkWidth();
    double h = size(head[at + spec.place(3)]) * anchor.height() / placement.networkHeight();
    float centerX = (float) placement.relativeX(x);
    float centerY = (float) placement.relativeY(y);
    float boxWidth = (float) placement.relativeWidth(w);
    float boxHeight = (float) placement.relativeHeight(h);
    if (!Float.isFinite(centerX + centerY + boxWidth + boxHeight)) {
      return; // Numbers of a network that diverged.
    }
    int firstClass = at + spec.objectness() + 1;
    for (int c = 0; c < spec.classes(); c++) {
      float score = objectness * probability(head[firstClass + c]);
      if (score > threshold && Float.isFinite(score)) {
        into.add(centerX, centerY, boxWidth, boxHeight, score, c);
      }
    }
  }

  /** The mean of the four spreads: how unsure the box is, from 0 to 1. */
  private float spread(float[] head, int at) {
    float sum = 0;
    for (int side = 0; side < 4; side++) {
      sum += probability(head[at + spec.spread(side)]);
    }
    return sum / 4;
  }

  private float probability(float z) {
    return spec.newCoordinates() ? z : (float) (1 / (1 + Math.exp(-z)));
  }

  private double size(float z) {
    return spec.newCoordinates() ? 4.0 * z * z : Math.exp(z);
  }
}
