package dev.peregrine.yolo.demo;

import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.util.ArrayList;
import java.util.List;

/**
 * One painted picture and what is in it.
 *
 * @param image the picture
 * @param shapes the figures, from back to front
 */
public record Scene(Image image, List<Shape> shapes) {

  /** Copies the list. */
  public Scene {
    shapes = List.copyOf(shapes);
  }

  /**
   * The figures as labels: their whole extent, also where another figure covers a part.
   *
   * @return one label for each figure, class indices as in {@link Shape.Kind}
   */
  public List<Label> labels() {
    List<Label> labels = new ArrayList<>();
    for (Shape shape : shapes) {
      Box box = shape.bounds();
      labels.add(
          Label.ofEdges(
              shape.kind().ordinal(),
              (double) box.x1() / image.width(),
              (double) box.y1() / image.height(),
              (double) box.x2() / image.width(),
              (double) box.y2() / image.height()));
    }
    return labels;
  }
}
