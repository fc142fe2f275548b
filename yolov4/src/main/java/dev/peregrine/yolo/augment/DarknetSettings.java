package dev.peregrine.yolo.augment;

/**
 * How much {@link DarknetAugmentation} changes; named as the keys of a cfg's {@code [net]} and last
 * {@code [yolo]} section.
 *
 * @param jitter each edge moves by up to this fraction of the picture
 * @param resize zoom out or in by up to this factor; 1 for none
 * @param flip true: mirrored left to right in half of the cases
 * @param hue up to this fraction of the colour circle either way
 * @param saturation factor up to this or its inverse; 1 for none
 * @param exposure factor up to this or its inverse; 1 for none
 * @param mosaic chance that four pictures are put together; darknet's {@code mosaic=1} is 0.5
 * @param mosaicBound true: boxes of a mosaic are cut at their own picture's part
 * @param mixup chance that two pictures are laid over each other; darknet's {@code mixup=1} is 0.5
 * @param letterBox true: proportions are kept before all else
 * @param maxBoxes labels kept per picture
 */
public record DarknetSettings(
    double jitter,
    double resize,
    boolean flip,
    double hue,
    double saturation,
    double exposure,
    double mosaic,
    boolean mosaicBound,
    double mixup,
    boolean letterBox,
    int maxBoxes) {
  /** What the cfg of YOLOv4-tiny says, with its mosaic left off as there. */
  public static final DarknetSettings TINY =
      new DarknetSettings(0.3, 1.5, true, 0.1, 1.5, 1.5, 0, true, 0, false, 200);

  /** What the cfg of YOLOv4 says: mosaic, no zoom. */
  public static final DarknetSettings V4 =
      new DarknetSettings(0.3, 1, true, 0.1, 1.5, 1.5, 0.5, true, 0, false, 200);

  /** Nothing changes but the extents. */
  public static final DarknetSettings NONE =
      new DarknetSettings(0, 1, false, 0, 1, 1, 0, true, 0, false, 200);

  /**
   * Checks the ranges.
   *
   * @param jitter each edge moves by up to this fraction of the picture
   * @param resize zoom factor
   * @param flip mirrored in half of the cases
   * @param hue fraction of the colour circle
   * @param saturation largest factor
   * @param exposure largest factor
   * @param mosaic chance of a mosaic
   * @param mosaicBound cut at the own part
   * @param mixup chance of a mixture
   * @param letterBox proportions are kept
   * @param maxBoxes labels kept per picture
   */
  public DarknetSettings {
    require(jitter >= 0 && jitter < 0.5, "jitter", jitter, "0 or more and below 0.5");
    require(resize > 0, "resize", resize, "positive");
    require(hue >= 0 && hue <= 1, "hue", hue, "between 0 and 1");
    require(saturation > 0, "saturation", saturation, "positive");
    require(exposure > 0, "exposure", exposure, "positive");
    require(mosaic >= 0 && mosaic <= 1, "mosaic", mosaic, "between 0 and 1");
    require(mixup >= 0 && mixup <= 1, "mixup", mixup, "between 0 and 1");
    require(maxBoxes > 0, "maxBoxes", maxBoxes, "positive");
  }

  private static void require(boolean good, String name, double value, String law) {
    if (!good) {
      throw new IllegalArgumentException(
          "augmentation: %s must be %s but is %s".formatted(name, law, value));
    }
  }

  /**
   * The same settings with another chance of mosaics.
   *
   * @param chance 0 to 1
   * @return changed settings
   */
  public DarknetSettings withMosaic(double chance) {
    return new DarknetSettings(
        jitter,
        resize,
        flip,
        hue,
        saturation,
        exposure,
        chance,
        mosaicBound,
        mixup,
        letterBox,
        maxBoxes);
  }
}
