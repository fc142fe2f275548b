package dev.peregrine.yolo.eval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which categories are taken for which.
 *
 * <p>Unlike in the averages, boxes of different categories may pair: in every picture the pair with
 * the greatest overlap is joined first, then the next among what is still free, as long as the
 * overlap exceeds the threshold. The last row holds objects nobody saw, the last column predictions
 * of what is not there ("background").
 *
 * @param names category names by row; the last one is the background
 * @param counts {@code counts[predicted][actual]}
 */
public record ConfusionMatrix(List<String> names, int[][] counts) {

  /** Copies the list. */
  public ConfusionMatrix {
    names = List.copyOf(names);
  }

  /**
   * Counts pairs.
   *
   * <p>Crowds are left out, and so are predictions of categories that are not listed.
   *
   * @param annotations what is true
   * @param predictions what is claimed
   * @param confidence predictions must score more than this, usually 0.25
   * @param matchIou pairs must overlap more than this, usually 0.45
   * @return the matrix
   */
  public static ConfusionMatrix of(
      Annotations annotations, List<Prediction> predictions, double confidence, double matchIou) {
    List<Integer> ids = List.copyOf(annotations.categories().keySet());
    Map<Integer, Integer> row = new HashMap<>();
    for (int id : ids) {
      row.put(id, row.size());
    }
    int background = ids.size();
    int[][] counts = new int[background + 1][background + 1];
    Map<Long, List<Prediction>> claimed = new HashMap<>();
    for (Prediction p : predictions) {
      if (p.score() > confidence && row.containsKey(p.category())) {
        claimed.computeIfAbsent(p.imageId(), _ -> new ArrayList<>()).add(p);
      }
    }
    Map<Long, List<GroundTruth>> actual = new HashMap<>();
    for (GroundTruth g : annotations.truths()) {
      if (!g.crowd()) {
        actual.computeIfAbsent(g.imageId(), _ -> new ArrayList<>()).add(g);
      }
    }
    for (Annotations.Picture picture : annotations.pictures()) {
      List<Prediction> ps = claimed.getOrDefault(picture.id(), List.of());
      List<GroundTruth> gs = actual.getOrDefault(picture.id(), List.of());
      boolean[] seen = new boolean[gs.size()];
      boolean[] right = new boolean[ps.size()];
      for (Pair pair : pairs(ps, gs, matchIou)) {
        if (!seen[pair.truth] && !right[pair.prediction]) {
          seen[pair.truth] = true;
          right[pair.prediction] = true;
          int predicted = row.getOrDefault(ps.get(pair.prediction).category(), background);
          counts[predicted][row.getOrDefault(gs.get(pair.truth).category(), background)]++;
        }
      }
      for (int p = 0; p < right.length; p++) {
        if (!right[p]) {
          counts[row.getOrDefault(ps.get(p).category(), background)][background]++;
        }
      }
      for (int g = 0; g < seen.length; g++) {
        if (!seen[g]) {
          counts[background][row.getOrDefault(gs.get(g).category(), background)]++;
        }
      }
    }
    List<String> names = new ArrayList<>(annotations.categories().values());
    names.add("background");
    return new ConfusionMatrix(names, counts);
  }

  /**
   * The matrix with every column divided by its sum: of all objects of a category, which share was
   * taken for what.
   *
   * @return {@code [predicted][actual]} in [0, 1]; columns without entries stay zero
   */
  public double[][] perActual() {
    int size = counts.length;
    double[][] shares = new double[size][size];
    for (int actual = 0; actual < size; actual++) {
      long sum = 0;
      for (int[] line : counts) {
        sum += line[actual];
      }
      for (int predicted = 0; predicted < size && sum > 0; predicted++) {
        shares[predicted][actual] = (double) counts[predicted][actual] / sum;
      }
    }
    return shares;
  }

  private record Pair(int prediction, int truth, double overlap) {}

  private static List<Pair> pairs(
      List<Prediction> predictions, List<GroundTruth> truths, double matchIou) {
    List<Pair> pairs = new ArrayList<>();
    for (int p = 0; p < predictions.size(); p++) {
      for (int g = 0; g < truths.size(); g++) {
        double overlap = Overlap.of(predictions.get(p), truths.get(g));
        if (overlap > matchIou) {
          pairs.add(new Pair(p, g, overlap));
        }
      }
    }
    pairs.sort((a, b) -> Double.compare(b.overlap, a.overlap));
    return pairs;
  }
}
