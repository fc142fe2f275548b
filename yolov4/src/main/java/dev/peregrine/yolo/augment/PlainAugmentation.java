package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Placement;
import dev.peregrine.yolo.image.Resize;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * No randomness: the picture laid into the network's input, as for validation.
 *
 * @param resize how it is laid
 */
public record PlainAugmentation(Resize resize) implements Augmentation {
  @Override
  public LabelledImage make(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    ByteImage picture = source.picture(index);
    Placement placement = resize.placement(picture.width(), picture.height(), width, height);
    // By the rows really covered, which the way back of Placement need not hit to the half pixel.
    double left = placement.left() / (double) width;
    double top = placement.top() / (double) height;
    double scaleX = placement.contentWidth() / (double) width;
    double scaleY = placement.contentHeight() / (double) height;
    List<Label> labels = new ArrayList<>();
    for (Label label : source.labels(index)) {
      labels.add(
          new Label(
              label.classIndex(),
              left + label.centerX() * scaleX,
              top + label.centerY() * scaleY,
              label.width() * scaleX,
              label.height() * scaleY));
    }
    return new LabelledImage(resize.apply(picture, placement), labels);
  }
}
