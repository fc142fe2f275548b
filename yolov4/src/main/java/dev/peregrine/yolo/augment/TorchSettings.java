package dev.peregrine.yolo.augment;

/**
 * How much {@link TorchAugmentation} changes; named as the keys of a hyper-parameter file of the
 * PyTorch programs.
 *
 * @param hsvH hue factor 1 plus or minus this
 * @param hsvS saturation factor 1 plus or minus this
 * @param hsvV brightness factor 1 plus or minus this
 * @param degrees turned by up to this many degrees either way
 * @param translate moved by up to this fraction of the picture either way
 * @param scale zoomed by a factor 1 plus or minus this
 * @param shear sheared by up to this many degrees either way
 * @param flipUpDown chance to be mirrored top to bottom ({@code flipud})
 * @param flipLeftRight chance to be mirrored left to right ({@code fliplr})
 * @param mosaic chance that four pictures are put together
 * @param movingCentre true: a mosaic's four parts meet at a random point; false: in the middle
 * @param mixup chance that two results are laid over each other
 */
public record TorchSettings(
    double hsvH,
    double hsvS,
    double hsvV,
    double degrees,
    double translate,
    double scale,
    double shear,
    double flipUpDown,
    double flipLeftRight,
    double mosaic,
    boolean movingCentre,
    double mixup) {
  /** {@code hyp.scratch.yaml} of the branch yolov4-large: P5 to P7 from random weights. */
  public static final TorchSettings SCRATCH =
      new TorchSettings(0.015, 0.7, 0.4, 0, 0.5, 0.5, 0, 0, 0.5, 1, false, 0);

  /** Nothing changes but the extents. */
  public static final TorchSettings NONE =
      new TorchSettings(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, 0);

  /**
   * Checks the ranges.
   *
   * @param hsvH hue factor
   * @param hsvS saturation factor
   * @param hsvV brightness factor
   * @param degrees rotation
   * @param translate shift
   * @param scale zoom
   * @param shear shear
   * @param flipUpDown chance
   * @param flipLeftRight chance
   * @param mosaic chance
   * @param movingCentre random meeting point
   * @param mixup chance
   */
  public TorchSettings {
    within("hsv_h", hsvH, 0.5);
    within("hsv_s", hsvS, 1);
    within("hsv_v", hsvV, 1);
    within("degrees", degrees, 180);
    within("translate", translate, 1);
    within("scale", scale, 0.95);
    within("shear", shear, 80);
    within("flipud", flipUpDown, 1);
    within("fliplr", flipLeftRight, 1);
    within("mosaic", mosaic, 1);
    within("mixup", mixup, 1);
  }

  private static void within(String name, double value, double most) {
    if (!(value >= 0 && value <= most)) {
      throw new IllegalArgumentException(
          "augmentation: %s must be between 0 and %s but is %s".formatted(name, most, value));
    }
  }
}
