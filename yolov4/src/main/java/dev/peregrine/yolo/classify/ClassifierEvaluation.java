package dev.peregrine.yolo.classify;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.eval.ConfusionMatrix;
import dev.peregrine.yolo.image.Axis;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Resampler;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What a classifier says of pictures whose classes are known.
 *
 * @param scores how often it is right
 * @param confusion which class is taken for which: the one with the highest score
 */
public record ClassifierEvaluation(ClassifierScores scores, ConfusionMatrix confusion) {
  private static final int FIVE = 5;

  /**
   * Looks at the middle of each picture.
   *
   * @param classifier the network
   * @param params its numbers, in running mode
   * @param data the pictures
   * @param batch how many are looked at together
   * @param progress is told after each batch how many pictures are done
   * @return what was found
   */
  public static ClassifierEvaluation of(
      Classifier classifier, Params params, ImageFolder data, int batch, IntConsumer progress) {
    int classes = data.names().size();
    int[][] counts = new int[classes][classes];
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
      for (int i = 0; i < part.size(); i++) {
        int label = part.get(i).label();
        int rank = rank(scores, i * classes, classes, label);
        first += rank == 0 ? 1 : 0;
        five += rank < FIVE ? 1 : 0;
        loss += crossEntropy(scores, i * classes, classes, label);
        counts[highest(scores, i * classes, classes)][label]++;
      }
      progress.accept(from + part.size());
    }
    double count = items.size();
    return new ClassifierEvaluation(
        new ClassifierScores(first / count, five / count, loss / count, items.size()),
        new ConfusionMatrix(data.names(), counts));
  }

  private static int highest(float[] scores, int at, int classes) {
    int best = 0;
    for (int i = 1; i < classes; i++) {
      best = scores[at + i] > scores[at + best] ? i : best;
    }
    return best;
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

  /** How many pictures of a class there are. */
  private int pictures(int label) {
    int all = 0;
    for (int[] row : confusion.counts()) {
      all += row[label];
    }
    return all;
  }

  /** The part of a class's pictures that are taken for it; NaN where there are none. */
  private double recall(int label) {
    return (double) confusion.counts()[label][label] / pictures(label);
  }

  /**
   * Says how often each class is right, and how often all are.
   *
   * @return a line a class, then one for all
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, "%-24s %10s %10s", "class", "pictures", "top-1"));
    for (int i = 0; i < confusion.names().size(); i++) {
      lines.add(
          pictures(i) == 0
              ? String.format(Locale.ROOT, "%-24s %10d %10s", confusion.names().get(i), 0, "-")
              : String.format(
                  Locale.ROOT,
                  "%-24s %10d %10.4f",
                  confusion.names().get(i),
                  pictures(i),
                  recall(i)));
    }
    lines.add(scores.toString());
    return lines;
  }

  /**
   * Says the same for programs.
   *
   * @return maps of numbers, of classes under {@code classes}
   */
  public Map<String, Object> json() {
    Map<String, Object> classes = new LinkedHashMap<>();
    for (int i = 0; i < confusion.names().size(); i++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("pictures", pictures(i));
      if (pictures(i) > 0) {
        one.put("top1", recall(i));
      }
      classes.put(confusion.names().get(i), one);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("top1", scores.top1());
    all.put("top5", scores.top5());
    all.put("loss", scores.loss());
    all.put("pictures", scores.pictures());
    all.put("classes", classes);
    return all;
  }
}
