package dev.peregrine.yolo.eval;

import dev.peregrine.tensor.FormatException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is true of a set of pictures: which pictures there are, which categories, and every object.
 *
 * <p>Pictures without objects belong here as well; a detection in one of them is a false one.
 *
 * @param pictures the pictures that are judged, each id once
 * @param categories category names by id
 * @param truths every true object; its picture and category are among those listed
 */
public record Annotations(
    List<Picture> pictures, SortedMap<Integer, String> categories, List<GroundTruth> truths) {

  /**
   * One judged picture.
   *
   * @param id its number in annotation and result files
   * @param fileName its file's name, may be empty
   * @param width its width in pixels, 0 if unknown
   * @param height its height in pixels, 0 if unknown
   */
  public record Picture(long id, String fileName, int width, int height) {}

  /**
   * Copies the lists and checks that they belong together.
   *
   * <p><b>Errors</b> {@link FormatException} for a picture listed twice and for an object whose
   * picture or category is not listed.
   */
  public Annotations {
    pictures = List.copyOf(pictures);
    categories = Collections.unmodifiableSortedMap(new TreeMap<>(categories));
    truths = List.copyOf(truths);
    Set<Long> ids = new HashSet<>();
    for (Picture picture : pictures) {
      if (!ids.add(picture.id())) {
        throw new FormatException(
            "annotations list picture "
                + picture.id()
                + " twice; each picture must have an id of its own");
      }
    }
    for (GroundTruth truth : truths) {
      if (!ids.contains(truth.imageId())) {
        throw new FormatException(
            "an object belongs to picture " + truth.imageId() + ", which is not in the list");
      }
      if (!categories.containsKey(truth.category())) {
        throw new FormatException(
            "an object of picture "
                + truth.imageId()
                + " has category "
                + truth.category()
                + ", which is not in the list");
      }
    }
  }
}
