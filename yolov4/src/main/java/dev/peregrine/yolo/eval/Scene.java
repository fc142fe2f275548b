package dev.peregrine.yolo.eval;

import dev.peregrine.tensor.FormatException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One picture with what is true of it and what is claimed.
 *
 * @param imageId the picture
 * @param predictions in the order in which they were handed over
 * @param truths in the order of the annotations
 */
record Scene(long imageId, List<Prediction> predictions, List<GroundTruth> truths) {

  /**
   * Sorts everything by picture.
   *
   * <p><b>Errors</b> {@link FormatException} for a prediction of a picture that is not listed.
   *
   * @return one scene a picture, by rising id
   */
  static List<Scene> of(Annotations annotations, List<Prediction> predictions) {
    Map<Long, Scene> scenes = new HashMap<>();
    for (Annotations.Picture picture : annotations.pictures()) {
      scenes.put(picture.id(), new Scene(picture.id(), new ArrayList<>(), new ArrayList<>()));
    }
    for (Prediction p : predictions) {
      Scene scene = scenes.get(p.imageId());
      if (scene == null) {
        throw new FormatException(
            "a prediction belongs to picture "
                + p.imageId()
                + ", which the annotations do not list; judge predictions against the annotations"
                + " of the same pictures");
      }
      scene.predictions.add(p);
    }
    for (GroundTruth g : annotations.truths()) {
      Scene scene = scenes.get(g.imageId());
      if (scene != null) { // Annotations have seen to it
        scene.truths.add(g);
      }
    }
    return scenes.values().stream().sorted(Comparator.comparingLong(Scene::imageId)).toList();
  }
}
