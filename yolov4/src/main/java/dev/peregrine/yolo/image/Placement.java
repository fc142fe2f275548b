package dev.peregrine.yolo.image;

import dev.peregrine.yolo.box.Box;

/**
 * How a picture lies in the input of a network, and the way back for boxes.
 *
 * <p><b>Formula</b> {@code x = (u * networkWidth - padX) / scaleX}, the same for y.
 *
 * <p><b>Units</b> network coordinates are fractions of the network's input (0..1), picture
 * coordinates are pixels of the original.
 *
 * @param imageWidth pixels of the original
 * @param imageHeight pixels of the original
 * @param networkWidth pixels of the network's input
 * @param networkHeight pixels of the network's input
 * @param left first column of the network's input that the picture covers
 * @param top first row of the network's input that the picture covers
 * @param contentWidth columns of the network's input that the picture covers
 * @param contentHeight rows of the network's input that the picture covers
 * @param padX what the way back takes as the left border, in network pixels; not always {@code
 *     left}, because the programs imitated here halve an odd border once with and once without
 *     rounding
 * @param padY the same for the upper border
 * @param scaleX network pixels per pixel of the original
 * @param scaleY network pixels per pixel of the original
 */
public record Placement(
    int imageWidth,
    int imageHeight,
    int networkWidth,
    int networkHeight,
    int left,
    int top,
    int contentWidth,
    int contentHeight,
    double padX,
    double padY,
    double scaleX,
    double scaleY) {

  /**
   * The picture is pulled to the network's extents; proportions change.
   *
   * @param imageWidth pixels of the original
   * @param imageHeight pixels of the original
   * @param networkWidth pixels of the network's input
   * @param networkHeight pixels of the network's input
   * @return the placement
   */
  public static Placement stretch(
      int imageWidth, int imageHeight, int networkWidth, int networkHeight) {
    check(imageWidth, imageHeight, networkWidth, networkHeight);
    return new Placement(
        imageWidth,
        imageHeight,
        networkWidth,
        networkHeight,
        0,
        0,
        networkWidth,
        networkHeight,
        0,
        0,
        networkWidth / (double) imageWidth,
        networkHeight / (double) imageHeight);
  }

  /**
   * Darknet's letterbox: proportions kept (in whole pixels, rounded down), centred.
   *
   * <p><b>Source</b> darknet {@code letterbox_image}, {@code correct_yolo_boxes}.
   *
   * @param imageWidth pixels of the original
   * @param imageHeight pixels of the original
   * @param networkWidth pixels of the network's input
   * @param networkHeight pixels of the network's input
   * @return the placement
   */
  public static Placement letterbox(
      int imageWidth, int imageHeight, int networkWidth, int networkHeight) {
    check(imageWidth, imageHeight, networkWidth, networkHeight);
    int width = networkWidth;
    int height = networkHeight;
    if ((float) networkWidth / imageWidth < (float) networkHeight / imageHeight) {
      height = (int) Math.max(1, (long) imageHeight * networkWidth / imageWidth);
    } else {
      width = (int) Math.max(1, (long) imageWidth * networkHeight / imageHeight);
    }
    return new Placement(
        imageWidth,
        imageHeight,
        networkWidth,
        networkHeight,
        (networkWidth - width) / 2,
        (networkHeight - height) / 2,
        width,
        height,
        (networkWidth - width) / 2.0,
        (networkHeight - height) / 2.0,
        width / (double) imageWidth,
        height / (double) imageHeight);
  }

  /**
   * The PyTorch programs' letterbox: proportions kept, rounded to the nearest (even) pixel,
   * centred.
   *
   * <p><b>Source</b> ScaledYOLOv4 {@code letterbox}, {@code scale_coords}.
   *
   * @param imageWidth pixels of the original
   * @param imageHeight pixels of the original
   * @param networkWidth pixels of the network's input
   * @param networkHeight pixels of the network's input
   * @return the placement
   */
  public static Placement torchLetterbox(
      int imageWidth, int imageHeight, int networkWidth, int networkHeight) {
    check(imageWidth, imageHeight, networkWidth, networkHeight);
    double gain =
        Math.min(networkHeight / (double) imageHeight, networkWidth / (double) imageWidth);
    return torch(imageWidth, imageHeight, networkWidth, networkHeight, gain);
  }

  /**
   * The same letterbox in the smallest input whose extents differ from {@code size} by multiples of
   * {@code multiple}: less border to compute.
   *
   * @param imageWidth pixels of the original
   * @param imageHeight pixels of the original
   * @param size network pixels of the picture's longer side
   * @param multiple the network's largest stride, or what it was called with
   * @return the placement, with the extents that the network must take
   */
  public static Placement torchRectangle(int imageWidth, int imageHeight, int size, int multiple) {
    check(imageWidth, imageHeight, size, multiple);
    double gain = Math.min(size / (double) imageHeight, size / (double) imageWidth);
    int width = (int) Math.rint(imageWidth * gain);
    int height = (int) Math.rint(imageHeight * gain);
    return torch(
        imageWidth,
        imageHeight,
        width + (size - width) % multiple,
        height + (size - height) % multiple,
        gain);
  }

  /**
   * The same placement in a larger input, whose right and lower parts are border.
   *
   * @param width pixels of the larger input, no fewer than now
   * @param height pixels of the larger input, no fewer than now
   * @return the placement
   */
  public Placement extended(int width, int height) {
    if (width < networkWidth || height < networkHeight) {
      throw new IllegalArgumentException(
          "a placement in %d x %d pixels cannot be extended to %d x %d"
              .formatted(networkWidth, networkHeight, width, height));
    }
    return new Placement(
        imageWidth,
        imageHeight,
        width,
        height,
        left,
        top,
        contentWidth,
        contentHeight,
        padX,
        padY,
        scaleX,
        scaleY);
  }

  private static Placement torch(
      int imageWidth, int imageHeight, int networkWidth, int networkHeight, double gain) {
    int width = (int) Math.max(1, Math.rint(imageWidth * gain));
    int height = (int) Math.max(1, Math.rint(imageHeight * gain));
    // The picture's border of an odd rest is the smaller half on the left and above.
    return new Placement(
        imageWidth,
        imageHeight,
        networkWidth,
        networkHeight,
        (int) Math.rint((networkWidth - width) / 2.0 - 0.1),
        (int) Math.rint((networkHeight - height) / 2.0 - 0.1),
        width,
        height,
        (networkWidth - imageWidth * gain) / 2,
        (networkHeight - imageHeight * gain) / 2,
        gain,
        gain);
  }

  private static void check(int imageWidth, int imageHeight, int networkWidth, int networkHeight) {
    if (imageWidth <= 0 || imageHeight <= 0 || networkWidth <= 0 || networkHeight <= 0) {
      throw new IllegalArgumentException(
          "a placement needs positive extents but got an image of %d x %d in a network of %d x %d"
              .formatted(imageWidth, imageHeight, networkWidth, networkHeight));
    }
  }

  /**
   * A box of the network in pixels of the original, not clipped.
   *
   * @param centerX horizontal centre, fraction of the network's input
   * @param centerY vertical centre, fraction of the network's input
   * @param width fraction of the network's input
   * @param height fraction of the network's input
   * @return the box in pixels of the original
   */
  public Box toImage(double centerX, double centerY, double width, double height) {
    return Box.ofCenter(
        (centerX * networkWidth - padX) / scaleX,
        (centerY * networkHeight - padY) / scaleY,
        width * networkWidth / scaleX,
        height * networkHeight / scaleY);
  }

  /**
   * A horizontal position as a fraction of the original, which is what darknet compares boxes in.
   *
   * @param u fraction of the network's input
   * @return fraction of the original
   */
  public double relativeX(double u) {
    return (u * networkWidth - padX) / scaleX / imageWidth;
  }

  /**
   * A vertical position as a fraction of the original.
   *
   * @param v fraction of the network's input
   * @return fraction of the original
   */
  public double relativeY(double v) {
    return (v * networkHeight - padY) / scaleY / imageHeight;
  }

  /**
   * A horizontal extent as a fraction of the original.
   *
   * @param width fraction of the network's input
   * @return fraction of the original
   */
  public double relativeWidth(double width) {
    return width * networkWidth / scaleX / imageWidth;
  }

  /**
   * A vertical extent as a fraction of the original.
   *
   * @param height fraction of the network's input
   * @return fraction of the original
   */
  public double relativeHeight(double height) {
    return height * networkHeight / scaleY / imageHeight;
  }

  /**
   * The inverse of {@link #relativeX}.
   *
   * @param x fraction of the original
   * @return fraction of the network's input
   */
  public double networkX(double x) {
    return (x * imageWidth * scaleX + padX) / networkWidth;
  }

  /**
   * The inverse of {@link #relativeY}.
   *
   * @param y fraction of the original
   * @return fraction of the network's input
   */
  public double networkY(double y) {
    return (y * imageHeight * scaleY + padY) / networkHeight;
  }
}
