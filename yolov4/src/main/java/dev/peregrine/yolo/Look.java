package dev.peregrine.yolo;

import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kept;
import dev.peregrine.yolo.head.Candidates;
import dev.peregrine.yolo.head.HeadDecoder;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Picture;
import dev.peregrine.yolo.image.Placement;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures as a view gives them to the network, and the way back.
 *
 * @param view how the pictures are looked at
 * @param size of the network's input
 * @param placements how each picture lies in it
 * @param input {@code [pictures, height, width, 3]}
 */
record Look(View view, InputSize size, List<Placement> placements, float[] input) {
  /** Fits pictures to the input that a view asks for. */
  static Look at(
      List<? extends Picture> pictures, View view, Detector.Settings settings, int multiple) {
    InputSize size = view.inputSize(settings.size(), multiple);
    List<Placement> placements = new ArrayList<>();
    int values = size.height() * size.width() * 3;
    float[] input = new float[Math.multiplyExact(pictures.size(), values)];
    for (int i = 0; i < pictures.size(); i++) {
      Picture picture = pictures.get(i);
      Placement placement = view.placement(picture, settings.resize(), settings.size(), multiple);
      Image fitted = settings.resize().apply(picture, placement, view.mirrored());
      System.arraycopy(fitted.rgb(), 0, input, i * values, values);
      placements.add(placement);
    }
    return new Look(view, size, placements, input);
  }

  /** Adds what the network found, in terms of the pictures. */
  void decode(
      List<HeadSpec> specs,
      List<Findings.Head> heads,
      List<Detector.Choice> choices,
      List<Candidates> into) {
    for (int i = 0; i < placements.size(); i++) {
      int first = into.get(i).size();
      float least = choices.get(i).confidence();
      for (int h = 0; h < heads.size(); h++) {
        Findings.Head head = heads.get(h);
        new HeadDecoder(specs.get(h), head.height(), head.width())
            .decode(head.numbers(), i, least, placements.get(i), into.get(i));
      }
      if (view.mirrored()) {
        into.get(i).mirror(first);
      }
    }
  }

  /** Suppresses the duplicates of one picture; what stays is in its pixels, by falling score. */
  static List<Detection> suppress(
      Candidates candidates,
      Picture picture,
      Detector.Choice choice,
      boolean clip,
      List<String> names) {
    int[] classes = candidates.classes();
    int width = picture.width();
    int height = picture.height();
    List<Detection> detections = new ArrayList<>();
    for (Kept kept : choice.suppression().apply(candidates.boxes(), candidates.scores(), classes)) {
      // Suppression may lower scores.
      if (kept.score() > choice.confidence()) {
        float left = kept.centerX() - kept.width() / 2;
        float top = kept.centerY() - kept.height() / 2;
        Box whole =
            new Box(
                left * width,
                top * height,
                (left + kept.width()) * width,
                (top + kept.height()) * height);
        Box box = clip ? whole.clip(width, height) : whole;
        int type = classes[kept.index()];
        detections.add(new Detection(type, names.get(type), kept.score(), box));
      }
    }
    return detections;
  }
}
