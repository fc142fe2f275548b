package dev.peregrine.yolo.classify;

import dev.peregrine.nn.Params;
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
    return ClassifierEvaluation.of(classifier, params, data, batch, _ -> {}).scores();
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
