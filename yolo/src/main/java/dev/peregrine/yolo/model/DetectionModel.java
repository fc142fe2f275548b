package dev.peregrine.yolo.model;

import dev.peregrine.nn.Model;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.image.Resize;
import java.util.List;

/** A network whose outputs are detection heads. */
public interface DetectionModel extends Model {
  /**
   * Returns the name that users call it by.
   *
   * @return for instance {@code yolov4-tiny}
   */
  String name();

  /**
   * Describes its heads, in the order of its outputs.
   *
   * @return one description an output
   */
  List<HeadSpec> heads();

  /**
   * Returns rows and columns of the input it was designed for.
   *
   * @return pixels
   */
  InputSize inputSize();

  /**
   * Returns the number of classes.
   *
   * @return classes of each head
   */
  default int classes() {
    return heads().get(0).classes();
  }

  /**
   * Returns how pictures are fitted to its input.
   *
   * @return stretching unless the model says otherwise
   */
  default Resize resize() {
    return Resize.STRETCH;
  }

  /**
   * Returns how its duplicate boxes are removed.
   *
   * @return darknet's greedy suppression at 0.45 unless the model says otherwise
   */
  default NonMaximumSuppression suppression() {
    return NonMaximumSuppression.of(NonMaximumSuppression.Kind.GREEDY, 0.45);
  }

  /**
   * Returns the largest stride, which divides every input size.
   *
   * @return pixels of the input for one cell of the coarsest head
   */
  int maxStride();
}
