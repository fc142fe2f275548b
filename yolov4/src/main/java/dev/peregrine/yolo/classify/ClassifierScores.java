package dev.peregrine.yolo.classify;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.image.Axis;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Resampler;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How often a classifier is right.
 *
 * @param top1 part of the pictures whose class has the highest score
 * @param top5 part of the pictures whose class is among the five highest
 * @param loss mean cross entropy
 * @param pictures how many were looked at
 */
public record ClassifierScores(double top1, double top5, double loss, int pictures) {
  private static final int FIVE = 5;

  /**
   * Measures a classifier by the middle of each picture.
   *
   * @param classifier the network
   * @param params its numbers, in running mode
   * @param data the pictures
   * @param batch how many are looked at together
   * @return the scores
   */
  public static ClassifierScores of(
      Classifier classifier, Params params, ImageFolder data, int batch) {
    int first = 0;
    int five = 0;
    double loss = 0;
    List<ImageFolder.Item> items = data.items();
    for (int from = 0; from < items.size(); from += batch) {
      List<ImageFolder.Item> part = items.subList(from, Math.min(items.size(), from + batch));
      List<Image> images = new ArrayList<>();
      part.forEach(
          item -> images.add(middle(Images.readBytes(item.file()), classifier.inputSize())));
      float[] scores = classifier.scores(params, batch(images)).floats();
      int classes = data.names().size();
      for (int i = 0; i < part.size(); i++) {
        int label = part.get(i).label();
        int rank = rank(scores, i * classes, classes, label);
        first += rank == 0 ? 1 : 0;
        five += rank < FIVE ? 1 : 0;
        loss += crossEntropy(scores, i * classes, classes, label);
      }
    }
    double count = items.size();
    return new ClassifierScores(first / count, five / count, loss / count, items.size());
  }

  /** How many classes have a higher score; of equal ones the earlier class counts as higher. */
  private static int rank(float[] scores, int at, int classes, int label) {
    int higher = 0;
    for (int i = 0; i < classes; i++) {
      float other = scores[at + i];
      float own = scores[at + label];
      higher += other > own || other == own && i < label ? 1 : 0;
    }
    return higher;
  }

  private static double crossEntropy(float[] scores, int at, int classes, int label) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < classes; i++) {
      largest = Math.max(largest, scores[at + i]);
    }
    double sum = 0;
    for (int i = 0; i < classes; i++) {
      sum += Math.exp(scores[at + i] - largest);
    }
    return Math.log(sum) + largest - scores[at + label];
  }

  /** The largest middle piece of the input's shape. */
  private static Image middle(ByteImage whole, InputSize size) {
    double scale =
        Math.min((double) whole.width() / size.width(), (double) whole.height() / size.height());
    int width = Math.clamp(Math.round(size.width() * scale), 1, whole.width());
    int height = Math.clamp(Math.round(size.height() * scale), 1, whole.height());
    Axis columns = Axis.crop(whole.width(), (whole.width() - width) / 2, width, size.width());
    Axis rows = Axis.crop(whole.height(), (whole.height() - height) / 2, height, size.height());
    return Resampler.resample(whole, columns, rows, 0, 0, 0);
  }

  /** Puts pictures of one size after one another. */
  static Tensor batch(List<Image> images) {
    int height = images.getFirst().height();
    int width = images.getFirst().width();
    float[] pixels = new float[images.size() * height * width * 3];
    for (int i = 0; i < images.size(); i++) {
      float[] rgb = images.get(i).rgb();
      System.arraycopy(rgb, 0, pixels, i * rgb.length, rgb.length);
    }
    return Tensor.of(Shape.of(images.size(), height, width, 3), pixels);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "top-1 %.4f  top-5 %.4f  loss %.4f  (%d pictures)",
        top1,
        top5,
        loss,
        pictures);
  }
}
