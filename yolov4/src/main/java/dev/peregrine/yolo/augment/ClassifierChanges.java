package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.augment.effect.Setting;
import java.util.List;

/**
 * How much {@link ClassifierAugmentation} changes; named as the keys of a classifier's cfg.
 *
 * @param minCrop the least pixels that the shorter side is scaled to
 * @param maxCrop the most pixels that the shorter side is scaled to
 * @param angle turned by up to this many degrees either way
 * @param aspect proportions change by a factor up to this or its inverse
 * @param flip true: mirrored left to right in half of the cases
 * @param hue up to this fraction of the colour circle either way
 * @param saturation factor up to this or its inverse
 * @param exposure factor up to this or its inverse
 * @param blur a quarter of the pictures is blurred over this many pixels, 1 being 15; 0 for none
 * @param mosaic chance that the parts of four pictures are joined
 * @param cutmix chance that a rectangle of another picture is pasted
 * @param mixup chance that two pictures are laid over each other
 */
public record ClassifierChanges(
    int minCrop,
    int maxCrop,
    double angle,
    double aspect,
    boolean flip,
    double hue,
    double saturation,
    double exposure,
    int blur,
    double mosaic,
    double cutmix,
    double mixup) {
  private static final List<Setting> TABLE =
      List.of(
          new Setting("min_crop", 1, 1e5, "least pixels of the shorter side"),
          new Setting("max_crop", 1, 1e5, "most pixels of the shorter side"),
          new Setting("angle", 0, 180, "turned by up to this many degrees"),
          new Setting("aspect", 0.1, 10, "proportions change by up to this factor"),
          new Setting("hue", 0, 1, "hue moves by up to this part of the circle"),
          new Setting("saturation", 0.01, 100, "saturation factor up to this or its inverse"),
          new Setting("exposure", 0.01, 100, "brightness factor up to this or its inverse"),
          new Setting("blur", 0, 100, "extent of the blur"),
          Setting.share("mosaic", "chance that four pictures are joined"),
          Setting.share("cutmix", "chance that a rectangle of another is pasted"),
          Setting.share("mixup", "chance that two pictures are mixed"));

  /** Checks the ranges. */
  public ClassifierChanges {
    Setting.check(
        TABLE,
        minCrop,
        maxCrop,
        angle,
        aspect,
        hue,
        saturation,
        exposure,
        blur,
        mosaic,
        cutmix,
        mixup);
    if (maxCrop < minCrop || mosaic + cutmix + mixup > 1) {
      throw new IllegalArgumentException(
          "augmentation: max_crop must not be under min_crop, and the chances of mosaic, cutmix and mixup must sum to at most 1, but they are %d, %d, %s, %s and %s"
              .formatted(maxCrop, minCrop, mosaic, cutmix, mixup));
    }
  }

  /**
   * What {@code csdarknet53.cfg} says, for an input of some side.
   *
   * @param side of the network's input, 256 there
   * @return crops of half to seven quarters of it, turned by 7 degrees, without mixing
   */
  public static ClassifierChanges plain(int side) {
    return new ClassifierChanges(
        Math.max(1, side / 2), side * 7 / 4, 7, 0.75, true, 0.1, 0.75, 0.75, 0, 0, 0, 0);
  }

  /**
   * The same settings with other chances of mixing; {@code csdarknet53-omega.cfg} has a quarter
   * mosaics and a quarter cuts.
   *
   * @param withMosaic chance of mosaics
   * @param withCutmix chance of pasted rectangles
   * @param withMixup chance of mixtures
   * @return changed settings
   */
  public ClassifierChanges mixing(double withMosaic, double withCutmix, double withMixup) {
    return new ClassifierChanges(
        minCrop,
        maxCrop,
        angle,
        aspect,
        flip,
        hue,
        saturation,
        exposure,
        blur,
        withMosaic,
        withCutmix,
        withMixup);
  }
}
