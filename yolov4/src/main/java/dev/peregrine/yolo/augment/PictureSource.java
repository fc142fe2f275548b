package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import java.util.List;

/** Numbered pictures with labels, as augmentations draw on them. Must allow many threads. */
public interface PictureSource {
  /**
   * Number of pictures.
   *
   * @return at least 1
   */
  int size();

  /**
   * The pixels of a picture. Callers do not change them.
   *
   * @param index 0 to {@code size() - 1}
   * @return the decoded picture
   */
  ByteImage picture(int index);

  /**
   * What is marked in a picture.
   *
   * @param index 0 to {@code size() - 1}
   * @return labels in fractions of the picture
   */
  List<Label> labels(int index);

  /**
   * What errors call a picture.
   *
   * @param index 0 to {@code size() - 1}
   * @return its file, or its number where it has none
   */
  default String name(int index) {
    return "picture " + index;
  }
}
