package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import java.util.List;

/**
 * How much {@link DarknetAugmentation} changes; named as the keys of a cfg's {@code [net]} and last
 * {@code [yolo]} section where these have them.
 *
 * @param jitter each edge moves by up to this fraction of the picture
 * @param resize zoom out or in by up to this factor; 1 for none
 * @param flip true: mirrored left to right in half of the cases
 * @param hue up to this fraction of the colour circle either way
 * @param saturation factor up to this or its inverse; 1 for none
 * @param exposure factor up to this or its inverse; 1 for none
 * @param blur in a third of the cases all but the objects is blurred, and from 2 on in another
 *     third everything, over about this many pixels; 0 for none
 * @param gaussianNoise standard deviation of noise that half of the pictures get, white being 255
 * @param mosaic chance that four pictures are put together; darknet's {@code mosaic=1} is 0.5
 * @param mosaicBound true: boxes of a mosaic are cut at their own picture's part
 * @param mixup chance that two pictures are laid over each other; darknet's {@code mixup=1} is 0.5
 * @param cutmix chance that a rectangle of another picture is pasted, where nothing is mixed;
 *     darknet does so for classifiers only
 * @param letterBox true: proportions are kept before all else
 * @param maxBoxes labels kept per picture
 * @param closeMosaic epochs at the end of a run without mosaics, mixtures and cuts
 * @param effects what is done to the finished picture
 */
public record DarknetSettings(
    double jitter,
    double resize,
    boolean flip,
    double hue,
    double saturation,
    double exposure,
    int blur,
    double gaussianNoise,
    double mosaic,
    boolean mosaicBound,
    double mixup,
    double cutmix,
    boolean letterBox,
    int maxBoxes,
    int closeMosaic,
    Effects effects) {
  /** The settings but for the effects, in the order of the components; flags are 0 or 1. */
  public static final List<Setting> SETTINGS =
      List.of(
          new Setting("jitter", 0, 0.49, "each edge moves by up to this part of the picture"),
          new Setting("resize", 0.1, 10, "zoomed out or in by up to this factor"),
          Setting.share("flip", "1: mirrored left to right in half of the cases"),
          Setting.share("hue", "hue moves by up to this part of the circle"),
          new Setting("saturation", 0.01, 100, "saturation factor up to this or its inverse"),
          new Setting("exposure", 0.01, 100, "brightness factor up to this or its inverse"),
          new Setting("blur", 0, 100, "1: background blurred at times; from 2 all, over so much"),
          new Setting("gaussian_noise", 0, 127, "noise on half of the pictures, white being 255"),
          Setting.share("mosaic", "chance that pictures are put together"),
          Setting.share("mosaic_bound", "1: boxes of a mosaic end with their own part"),
          Setting.share("mixup", "chance that two pictures are laid over each other"),
          Setting.share("cutmix", "chance that a rectangle of another picture is pasted"),
          Setting.share("letter_box", "1: proportions are kept"),
          new Setting("max_boxes", 1, 1e6, "labels kept per picture"),
          new Setting("close_mosaic", 0, 1e6, "epochs at the end without mosaic, mixup, cutmix"));

  /** Nothing changes but the extents. */
  public static final DarknetSettings NONE =
      new DarknetSettings(0, 1, false, 0, 1, 1, 0, 0, 0, true, 0, 0, false, 200, 0, Effects.NONE);

  /** What the cfg of YOLOv4 says: mosaic, no zoom. */
  public static final DarknetSettings V4 =
      NONE.with("jitter", 0.3)
          .with("flip", 1)
          .with("hue", 0.1)
          .with("saturation", 1.5)
          .with("exposure", 1.5)
          .with("mosaic", 0.5);

  /** What the cfg of YOLOv4-tiny says, with its mosaic left off as there. */
  public static final DarknetSettings TINY = V4.with("resize", 1.5).with("mosaic", 0);

  /** Checks the ranges. */
  public DarknetSettings {
    Setting.check(
        SETTINGS,
        jitter,
        resize,
        flip ? 1 : 0,
        hue,
        saturation,
        exposure,
        blur,
        gaussianNoise,
        mosaic,
        mosaicBound ? 1 : 0,
        mixup,
        cutmix,
        letterBox ? 1 : 0,
        maxBoxes,
        closeMosaic);
  }

  private double[] values() {
    return new double[] {
      jitter,
      resize,
      flip ? 1 : 0,
      hue,
      saturation,
      exposure,
      blur,
      gaussianNoise,
      mosaic,
      mosaicBound ? 1 : 0,
      mixup,
      cutmix,
      letterBox ? 1 : 0,
      maxBoxes,
      closeMosaic
    };
  }

  private static DarknetSettings of(double[] v, Effects effects) {
    return new DarknetSettings(
        v[0],
        v[1],
        v[2] != 0,
        v[3],
        v[4],
        v[5],
        (int) v[6],
        v[7],
        v[8],
        v[9] != 0,
        v[10],
        v[11],
        v[12] != 0,
        (int) v[13],
        (int) v[14],
        effects);
  }

  /**
   * The value of a setting.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for an unknown name.
   *
   * @param key a name of {@link #SETTINGS} or {@link Effects#SETTINGS}
   * @return the value; 0 or 1 for a flag
   */
  public double get(String key) {
    int at = Setting.index(SETTINGS, key);
    return at < 0 ? effects.get(key) : values()[at];
  }

  /**
   * The same settings but for one.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for an unknown name or a value out of range.
   *
   * @param key a name of {@link #SETTINGS} or {@link Effects#SETTINGS}
   * @param value the new value
   * @return changed settings
   */
  public DarknetSettings with(String key, double value) {
    double[] values = values();
    if (Effects.has(key)) {
      return of(values, effects.with(key, value));
    }
    int at = Setting.index(SETTINGS, key);
    if (at < 0) {
      throw Setting.unknown(key, SETTINGS, Effects.SETTINGS);
    }
    values[at] = SETTINGS.get(at).require(value);
    return of(values, effects);
  }

  /**
   * The same settings with another chance of mosaics.
   *
   * @param chance 0 to 1
   * @return changed settings
   */
  public DarknetSettings withMosaic(double chance) {
    return with("mosaic", chance);
  }

  /**
   * The settings at some point of a run.
   *
   * @param epoch counted from 0
   * @param epochs of the whole run; 0 when that is not known
   * @return these settings, with what changes by then
   */
  public DarknetSettings during(long epoch, long epochs) {
    boolean closing = closeMosaic > 0 && epochs > 0 && epoch >= epochs - closeMosaic;
    DarknetSettings now = closing ? with("mosaic", 0).with("mixup", 0).with("cutmix", 0) : this;
    return of(now.values(), effects.during(epoch, epochs));
  }
}
