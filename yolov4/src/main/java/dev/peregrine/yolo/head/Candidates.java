package dev.peregrine.yolo.head;

import java.util.Arrays;

/**
 * A growing list of boxes before suppression, in plain arrays: a picture may have tens of
 * thousands.
 */
public final class Candidates {
  private float[] boxes = new float[256];
  private float[] scores = new float[64];
  private int[] classes = new int[64];
  private int size;

  /** Makes an empty list. */
  public Candidates() {}

  void add(float centerX, float centerY, float width, float height, float score, int classIndex) {
    if (size == scores.length) {
      boxes = Arrays.copyOf(boxes, boxes.length * 2);
      scores = Arrays.copyOf(scores, size * 2);
      classes = Arrays.copyOf(classes, size * 2);
    }
    boxes[4 * size] = centerX;
    boxes[4 * size + 1] = centerY;
    boxes[4 * size + 2] = width;
    boxes[4 * size + 3] = height;
    scores[size] = score;
    classes[size] = classIndex;
    size++;
  }

  /**
   * Exchanges left and right of the last boxes, which were found in a mirrored picture.
   *
   * @param first the first of them
   */
  public void mirror(int first) {
    for (int i = first; i < size; i++) {
      boxes[4 * i] = 1 - boxes[4 * i];
    }
  }

  /**
   * Returns the boxes.
   *
   * <p><b>Units</b> centre x, centre y, width and height as fractions of the original picture.
   *
   * @return four numbers a candidate
   */
  public float[] boxes() {
    return Arrays.copyOf(boxes, 4 * size);
  }

  /**
   * Returns the scores.
   *
   * @return objectness times class probability, one a candidate
   */
  public float[] scores() {
    return Arrays.copyOf(scores, size);
  }

  /**
   * Returns the classes.
   *
   * @return one a candidate; a box that may be several things is listed once for each
   */
  public int[] classes() {
    return Arrays.copyOf(classes, size);
  }

  /**
   * Returns how many there are.
   *
   * @return the count
   */
  public int size() {
    return size;
  }
}
