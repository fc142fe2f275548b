package dev.peregrine.yolo.eval;

import dev.peregrine.tensor.FormatException;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * COCO's evaluation picture by picture, while a detector is still at work: boxes may be forgotten
 * once they are handed over.
 *
 * <p>A picture is matched when it is added, by the thread that adds it; what stays are 24 bytes a
 * prediction. Pictures may come in any order and from any number of threads: the result is the same
 * to the last bit, and the same as {@link CocoEvaluator#evaluate} gives for all of them at once.
 */
public final class CocoAccumulator {
  private final SortedMap<Integer, String> categories;
  private final ConcurrentMap<Long, SortedMap<Integer, CocoCell>> pictures =
      new ConcurrentHashMap<>();

  /**
   * Starts an evaluation without pictures.
   *
   * @param categories category names by id
   */
  public CocoAccumulator(SortedMap<Integer, String> categories) {
    this.categories = Collections.unmodifiableSortedMap(new TreeMap<>(categories));
  }

  /**
   * Adds a picture; safe for many threads.
   *
   * <p><b>Errors</b> {@link FormatException} for a picture that was added before, a box of another
   * picture, an object of a category that is not listed, and a prediction that is not a number.
   *
   * @param imageId the picture
   * @param truths its objects
   * @param predictions what is claimed, in any order; those of unlisted categories are left out
   */
  public void add(long imageId, List<GroundTruth> truths, List<Prediction> predictions) {
    for (GroundTruth truth : truths) {
      if (truth.imageId() != imageId || !categories.containsKey(truth.category())) {
        throw new FormatException(
            "picture "
                + imageId
                + " cannot have the object "
                + truth
                + ": it must name this picture and a category of the list");
      }
    }
    for (Prediction prediction : predictions) {
      if (prediction.imageId() != imageId) {
        throw new FormatException(
            "picture " + imageId + " cannot have a prediction of another picture: " + prediction);
      }
    }
    add(new Scene(imageId, predictions, truths));
  }

  void add(Scene scene) {
    SortedMap<Integer, CocoCell> cells = new TreeMap<>();
    Cell.ofOnePicture(scene)
        .forEach((id, cell) -> {
          if (categories.containsKey(id)) {
            cells.put(id, CocoCell.of(cell));
          }
        });
    if (pictures.putIfAbsent(scene.imageId(), cells) != null) {
      throw new FormatException(
          "picture " + scene.imageId() + " was judged before; add each picture once");
    }
  }

  /**
   * Returns how many pictures there are so far.
   *
   * @return their number
   */
  public int size() {
    return pictures.size();
  }

  /**
   * Averages over all pictures added so far.
   *
   * @return the twelve numbers, and those of the categories
   */
  public CocoResult result() {
    SortedMap<Integer, List<CocoCell>> cells = new TreeMap<>();
    List<Long> ids = pictures.keySet().stream().sorted().toList();
    List<SortedMap<Integer, CocoCell>> inOrder =
        ids.stream().map(id -> pictures.getOrDefault(id, new TreeMap<>())).toList();
    for (int category : categories.keySet()) {
      cells.put(
          category,
          inOrder.stream().flatMap(picture -> Stream.ofNullable(picture.get(category))).toList());
    }
    return CocoEvaluator.average(categories, cells);
  }
}
