package dev.peregrine.yolo.augment.effect;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What is done to a training picture after geometry, mixing and colour; all of it off at first.
 *
 * <p>The order is that of the settings. Boxes do not move; of {@link #cutout}, {@link #cutouts} and
 * {@link #randomErase}, a hole that covers more than 60 percent of a box takes its label away.
 * Hide-and-seek and the grid mask hide parts everywhere, and leave all labels.
 *
 * <p><b>Source</b> CutOut (DeVries and Taylor 2017), Random Erasing (Zhong 2017), Hide-and-Seek
 * (Singh 2018), GridMask (Chen 2020), ScaledYOLOv4 {@code cutout}.
 *
 * @param values a value for each of {@link #SETTINGS}
 */
public record Effects(SettingValues values) {
  /** The settings, one a number. */
  public static final List<Setting> SETTINGS =
      List.of(
          Setting.share("brightness", "brightness factor 1 plus or minus this"),
          Setting.share("contrast", "contrast factor 1 plus or minus this"),
          new Setting("gaussian_blur", 0, 10, "blur of up to this standard deviation in pixels"),
          Setting.share("median_blur", "chance of a median over 3x3 pixels"),
          Setting.share("noise", "normal noise of up to this standard deviation, white being 1"),
          Setting.share("cutout", "chance of one square hole of half the shorter side"),
          Setting.share("cutouts", "chance of 31 rectangular holes of five sizes"),
          Setting.share("random_erase", "chance of a rectangle of random values"),
          Setting.share("hide_and_seek", "chance that half of the cells of a grid are hidden"),
          Setting.share(
              "grid_mask", "chance of a grid of holes, which rises to this in the first 80%"));

  /** Nothing is done. */
  public static final Effects NONE = new Effects(SettingValues.of(SETTINGS, Map.of()));

  private static final double RISE = 0.8;

  /** Below this standard deviation a blur changes nothing that can be seen. */
  private static final double SHARP = 0.3;

  /**
   * Returns the setting {@code brightness}.
   *
   * @return values times a factor 1 plus or minus this
   */
  public double brightness() {
    return values.get("brightness");
  }

  /**
   * Returns the setting {@code contrast}.
   *
   * @return distance from the picture's mean times a factor 1 plus or minus this
   */
  public double contrast() {
    return values.get("contrast");
  }

  /**
   * Returns the setting {@code gaussian_blur}.
   *
   * @return largest standard deviation in pixels; each picture draws its own
   */
  public double gaussianBlur() {
    return values.get("gaussian_blur");
  }

  /**
   * Returns the setting {@code median_blur}.
   *
   * @return chance that each pixel becomes the median of the nine around it
   */
  public double medianBlur() {
    return values.get("median_blur");
  }

  /**
   * Returns the setting {@code noise}.
   *
   * @return largest standard deviation of normal noise, white being 1; each picture draws its own
   */
  public double noise() {
    return values.get("noise");
  }

  /**
   * Returns the setting {@code cutout}.
   *
   * @return chance of one square hole of half the shorter side
   */
  public double cutout() {
    return values.get("cutout");
  }

  /**
   * Returns the setting {@code cutouts}.
   *
   * @return chance of 31 rectangles from half the side down to a thirty-second
   */
  public double cutouts() {
    return values.get("cutouts");
  }

  /**
   * Returns the setting {@code random_erase}.
   *
   * @return chance of a rectangle of random values, 2 to 40 percent of the picture
   */
  public double randomErase() {
    return values.get("random_erase");
  }

  /**
   * Returns the setting {@code hide_and_seek}.
   *
   * @return chance that half of the cells of a grid are hidden
   */
  public double hideAndSeek() {
    return values.get("hide_and_seek");
  }

  /**
   * Returns the setting {@code grid_mask}.
   *
   * @return chance of a turned grid of square holes; rises to it over the first 80 percent of a run
   */
  public double gridMask() {
    return values.get("grid_mask");
  }

  /**
   * Whether a setting is one of these.
   *
   * @param key its name
   * @return true for the keys of {@link #SETTINGS}
   */
  public static boolean has(String key) {
    return Setting.index(SETTINGS, key) >= 0;
  }

  /**
   * The value of a setting.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for an unknown name.
   *
   * @param key its name
   * @return the value
   */
  public double get(String key) {
    return values.get(key);
  }

  /**
   * The same effects but for one setting.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for an unknown name or a value out of range.
   *
   * @param key its name
   * @param value the new value
   * @return changed effects
   */
  public Effects with(String key, double value) {
    return new Effects(values.with(key, value));
  }

  /**
   * The effects at some point of a run.
   *
   * @param epoch counted from 0
   * @param epochs of the whole run; 0 when that is not known
   * @return these effects, with the chance of a grid mask that it has then
   */
  public Effects during(long epoch, long epochs) {
    if (gridMask() == 0 || epochs <= 0) {
      return this;
    }
    return with("grid_mask", gridMask() * Math.min(1, epoch / (RISE * epochs)));
  }

  /**
   * Changes a picture in place.
   *
   * @param image the picture
   * @param labels what is marked in it, in fractions
   * @param random where all randomness comes from
   * @return the labels that are left
   */
  public List<Label> apply(Image image, List<Label> labels, SplittableRandom random) {
    if (equals(NONE)) {
      return labels;
    }
    light(image, random);
    if (gaussianBlur() > 0) {
      double sigma = gaussianBlur() * random.nextDouble();
      if (sigma >= SHARP) {
        Blur.gaussian(image, 0, 0, image.width(), image.height(), sigma);
      }
    }
    if (happens(medianBlur(), random)) {
      Blur.median(image);
    }
    if (noise() > 0) {
      double sigma = noise() * random.nextDouble();
      Noise.gaussian(image, 0, 0, image.width(), image.height(), sigma, random);
    }
    return hide(image, labels, random);
  }

  private void light(Image image, SplittableRandom random) {
    if (brightness() > 0 || contrast() > 0) {
      float bright = (float) (1 + brightness() * (2 * random.nextDouble() - 1));
      float steep = (float) (1 + contrast() * (2 * random.nextDouble() - 1));
      Light.apply(image, bright, steep);
    }
  }

  private List<Label> hide(Image image, List<Label> labels, SplittableRandom random) {
    List<Label> left = labels;
    if (happens(cutout(), random)) {
      left = Holes.square(image, left, random);
    }
    if (happens(cutouts(), random)) {
      left = Holes.many(image, left, random);
    }
    if (happens(randomErase(), random)) {
      left = Holes.randomErase(image, left, random);
    }
    if (happens(hideAndSeek(), random)) {
      Grids.hideAndSeek(image, random);
    }
    if (happens(gridMask(), random)) {
      Grids.gridMask(image, random);
    }
    return left;
  }

  private static boolean happens(double chance, SplittableRandom random) {
    return chance > 0 && random.nextDouble() < chance;
  }
}
