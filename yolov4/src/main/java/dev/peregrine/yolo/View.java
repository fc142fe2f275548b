package dev.peregrine.yolo;

import dev.peregrine.yolo.image.Picture;
import dev.peregrine.yolo.image.Placement;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;

/**
 * One of the looks that a detector takes at a picture; their boxes are suppressed together.
 *
 * <p>The picture is fitted to the detector's input size times the scale, rounded down, and that is
 * filled up on the right and below to what the network can take. A mirrored picture is fitted in
 * the same way. Boxes are mapped back by the placement that was used, so by the extents after
 * rounding.
 *
 * <p><b>Source</b> ScaledYOLOv4, {@code forward} with {@code augment}, which makes the smaller
 * views of the fitted picture rather than of the picture itself, and maps back by the unrounded
 * scale.
 *
 * @param scale of the detector's input size, above 0
 * @param mirrored whether left and right are exchanged
 */
public record View(double scale, boolean mirrored) {
  /** The picture as it is. */
  public static final List<View> PLAIN = List.of(new View(1, false));

  /** Test-time augmentation of the Scaled-YOLOv4 program: as it is, mirrored and smaller, small. */
  public static final List<View> AUGMENTED =
      List.of(new View(1, false), new View(0.83, true), new View(0.67, false));

  private static final int LARGEST = 16;

  /** Checks the scale. */
  public View {
    if (!(scale > 0 && scale <= LARGEST)) {
      throw new IllegalArgumentException(
          "a view has a scale above 0, at most " + LARGEST + ", but got " + scale);
    }
  }

  /**
   * Returns what the network is given.
   *
   * @param size the detector's input size
   * @param multiple what the extents must be multiples of
   * @return the size that holds the scaled one
   */
  public InputSize inputSize(InputSize size, int multiple) {
    InputSize inner = scaled(size);
    return new InputSize(
        Math.ceilDiv(inner.height(), multiple) * multiple,
        Math.ceilDiv(inner.width(), multiple) * multiple);
  }

  private InputSize scaled(InputSize size) {
    return new InputSize(
        Math.max(1, (int) (size.height() * scale)), Math.max(1, (int) (size.width() * scale)));
  }

  /** How a picture lies in the network's input, and the way back before mirroring. */
  Placement placement(Picture picture, Resize resize, InputSize size, int multiple) {
    InputSize inner = scaled(size);
    InputSize outer = inputSize(size, multiple);
    return resize
        .placement(picture.width(), picture.height(), inner.width(), inner.height())
        .extended(outer.width(), outer.height());
  }
}
