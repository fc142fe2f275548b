package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import dev.peregrine.yolo.augment.effect.SettingValues;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much {@link DarknetAugmentation} changes; named as the keys of a cfg's {@code [net]} and last
 * {@code [yolo]} section where these have them.
 *
 * @param values a value for each of {@link #SETTINGS} and {@link Effects#SETTINGS}
 */
public record DarknetSettings(SettingValues values) {
  /** The settings but for the effects; flags are 0 or 1. */
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
      new DarknetSettings(
          SettingValues.of(
              rows(),
              Map.of(
                  "resize",
                  1.0,
                  "saturation",
                  1.0,
                  "exposure",
                  1.0,
                  "mosaic_bound",
                  1.0,
                  "max_boxes",
                  200.0)));

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

  private static List<Setting> rows() {
    return Stream.concat(SETTINGS.stream(), Effects.SETTINGS.stream()).toList();
  }

  /**
   * Returns the setting {@code jitter}.
   *
   * @return each edge moves by up to this fraction of the picture
   */
  public double jitter() {
    return values.get("jitter");
  }

  /**
   * Returns the setting {@code resize}.
   *
   * @return zoom out or in by up to this factor; 1 for none
   */
  public double resize() {
    return values.get("resize");
  }

  /**
   * Returns the setting {@code flip}.
   *
   * @return true: mirrored left to right in half of the cases
   */
  public boolean flip() {
    return values.get("flip") != 0;
  }

  /**
   * Returns the setting {@code hue}.
   *
   * @return up to this fraction of the colour circle either way
   */
  public double hue() {
    return values.get("hue");
  }

  /**
   * Returns the setting {@code saturation}.
   *
   * @return factor up to this or its inverse; 1 for none
   */
  public double saturation() {
    return values.get("saturation");
  }

  /**
   * Returns the setting {@code exposure}.
   *
   * @return factor up to this or its inverse; 1 for none
   */
  public double exposure() {
    return values.get("exposure");
  }

  /**
   * Returns the setting {@code blur}.
   *
   * @return in a third of the cases all but the objects is blurred, and from 2 on in another third
   *     everything, over about this many pixels; 0 for none
   */
  public int blur() {
    return (int) values.get("blur");
  }

  /**
   * Returns the setting {@code gaussian_noise}.
   *
   * @return standard deviation of noise that half of the pictures get, white being 255
   */
  public double gaussianNoise() {
    return values.get("gaussian_noise");
  }

  /**
   * Returns the setting {@code mosaic}.
   *
   * @return chance that four pictures are put together; darknet's {@code mosaic=1} is 0.5
   */
  public double mosaic() {
    return values.get("mosaic");
  }

  /**
   * Returns the setting {@code mosaic_bound}.
   *
   * @return true: boxes of a mosaic are cut at their own picture's part
   */
  public boolean mosaicBound() {
    return values.get("mosaic_bound") != 0;
  }

  /**
   * Returns the setting {@code mixup}.
   *
   * @return chance that two pictures are laid over each other; darknet's {@code mixup=1} is 0.5
   */
  public double mixup() {
    return values.get("mixup");
  }

  /**
   * Returns the setting {@code cutmix}.
   *
   * @return chance that a rectangle of another picture is pasted, where nothing is mixed; darknet
   *     does so for classifiers only
   */
  public double cutmix() {
    return values.get("cutmix");
  }

  /**
   * Returns the setting {@code letter_box}.
   *
   * @return true: proportions are kept before all else
   */
  public boolean letterBox() {
    return values.get("letter_box") != 0;
  }

  /**
   * Returns the setting {@code max_boxes}.
   *
   * @return labels kept per picture
   */
  public int maxBoxes() {
    return (int) values.get("max_boxes");
  }

  /**
   * Returns the setting {@code close_mosaic}.
   *
   * @return epochs at the end of a run without mosaics, mixtures and cuts
   */
  public int closeMosaic() {
    return (int) values.get("close_mosaic");
  }

  /**
   * Returns what is done to the finished picture.
   *
   * @return the effects
   */
  public Effects effects() {
    return new Effects(values.part(Effects.SETTINGS));
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
    return values.get(key);
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
    return new DarknetSettings(values.with(key, value));
  }

  /**
   * The settings at some point of a run.
   *
   * @param epoch counted from 0
   * @param epochs of the whole run; 0 when that is not known
   * @return these settings, with what changes by then
   */
  public DarknetSettings during(long epoch, long epochs) {
    return new DarknetSettings(values.during(epoch, epochs));
  }
}
