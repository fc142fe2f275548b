package dev.peregrine.yolo.image;

import java.util.Arrays;

/**
 * The ways a picture is laid into the input of a network. A network must be used with the one it
 * was trained with.
 */
public enum Resize {
  /**
   * Darknet's default: pulled to the input's extents, corners on corners.
   *
   * <p><b>Source</b> darknet {@code resize_image}.
   */
  STRETCH,
  /**
   * Darknet's {@code letter_box=1}: proportions kept, corners on corners, border of medium grey
   * (0.5).
   *
   * <p><b>Source</b> darknet {@code letterbox_image}.
   */
  LETTERBOX,
  /**
   * The PyTorch programs' way: proportions kept, edges on edges, border of 114/255.
   *
   * <p><b>Source</b> ScaledYOLOv4 {@code letterbox}.
   */
  TORCH_LETTERBOX;

  /** The border's grey of the PyTorch programs. */
  public static final float TORCH_GREY = 114 / 255f;

  /** The border's grey of darknet. */
  public static final float DARKNET_GREY = 0.5f;

  /**
   * How a picture of some extents will lie.
   *
   * @param imageWidth pixels of the picture
   * @param imageHeight pixels of the picture
   * @param networkWidth pixels of the network's input
   * @param networkHeight pixels of the network's input
   * @return the placement, which also maps boxes back
   */
  public Placement placement(int imageWidth, int imageHeight, int networkWidth, int networkHeight) {
    return switch (this) {
      case STRETCH -> Placement.stretch(imageWidth, imageHeight, networkWidth, networkHeight);
      case LETTERBOX -> Placement.letterbox(imageWidth, imageHeight, networkWidth, networkHeight);
      case TORCH_LETTERBOX ->
          Placement.torchLetterbox(imageWidth, imageHeight, networkWidth, networkHeight);
    };
  }

  /**
   * Makes the network's input from a picture.
   *
   * @param picture any extents
   * @param networkWidth pixels of the network's input
   * @param networkHeight pixels of the network's input
   * @return a picture of the network's extents
   */
  public Image apply(Picture picture, int networkWidth, int networkHeight) {
    return apply(
        picture, placement(picture.width(), picture.height(), networkWidth, networkHeight));
  }

  /**
   * Makes the network's input from a picture as a placement says.
   *
   * @param picture of the extents the placement was made for
   * @param placement where the picture lies
   * @return a picture of the network's extents
   */
  public Image apply(Picture picture, Placement placement) {
    return apply(picture, placement, false);
  }

  /**
   * Makes the network's input from a picture or its mirror image as a placement says.
   *
   * @param picture of the extents the placement was made for
   * @param placement where the picture lies
   * @param mirrored whether left and right of the picture are exchanged
   * @return a picture of the network's extents
   */
  public Image apply(Picture picture, Placement placement, boolean mirrored) {
    if (picture.width() != placement.imageWidth() || picture.height() != placement.imageHeight()) {
      throw new IllegalArgumentException(
          "a placement for %d x %d pixels cannot be used for a picture of %d x %d"
              .formatted(
                  placement.imageWidth(),
                  placement.imageHeight(),
                  picture.width(),
                  picture.height()));
    }
    Image out = new Image(placement.networkWidth(), placement.networkHeight());
    boolean covered =
        placement.contentWidth() == out.width() && placement.contentHeight() == out.height();
    if (!covered) {
      Arrays.fill(out.rgb(), this == TORCH_LETTERBOX ? TORCH_GREY : DARKNET_GREY);
    }
    Axis columns = axis(picture.width(), placement.contentWidth());
    Resampler.into(
        out,
        placement.left(),
        placement.top(),
        picture,
        mirrored ? columns.reversed() : columns,
        axis(picture.height(), placement.contentHeight()),
        0,
        0,
        0);
    return out;
  }

  private Axis axis(int in, int out) {
    return this == TORCH_LETTERBOX ? Axis.halfPixel(in, out) : Axis.alignedCorners(in, out);
  }
}
