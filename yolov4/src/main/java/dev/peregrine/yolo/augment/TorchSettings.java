package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import dev.peregrine.yolo.augment.effect.SettingValues;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much {@link TorchAugmentation} changes; named as the keys of a hyper-parameter file of the
 * PyTorch programs where these have them.
 *
 * @param values a value for each of {@link #SETTINGS} and {@link Effects#SETTINGS}
 */
public record TorchSettings(SettingValues values) {
  /** The settings but for the effects; flags are 0 or 1. */
  public static final List<Setting> SETTINGS =
      List.of(
          new Setting("hsv_h", 0, 0.5, "hue factor 1 plus or minus this"),
          Setting.share("hsv_s", "saturation factor 1 plus or minus this"),
          Setting.share("hsv_v", "brightness factor 1 plus or minus this"),
          new Setting("degrees", 0, 180, "turned by up to this many degrees"),
          Setting.share("translate", "moved by up to this part of the picture"),
          new Setting("scale", 0, 0.95, "zoomed by a factor 1 plus or minus this"),
          new Setting("shear", 0, 80, "sheared by up to this many degrees"),
          new Setting("perspective", 0, 0.01, "tilted: far sides shrink by this part a pixel"),
          Setting.share("flipud", "chance to be mirrored top to bottom"),
          Setting.share("fliplr", "chance to be mirrored left to right"),
          Setting.share("mosaic", "chance that pictures are put together"),
          Setting.share("mosaic9", "part of the mosaics that have nine pictures instead of four"),
          Setting.share("moving_center", "1: the parts of a mosaic meet at a random point"),
          Setting.share("mixup", "chance that two pictures are laid over each other"),
          Setting.share("cutmix", "chance that a rectangle of another picture is pasted"),
          new Setting("close_mosaic", 0, 1e6, "epochs at the end without mosaic, mixup, cutmix"));

  /** Nothing changes but the extents. */
  public static final TorchSettings NONE = new TorchSettings(SettingValues.of(rows(), Map.of()));

  /** {@code hyp.scratch.yaml} of the branch yolov4-large: P5 to P7 from random weights. */
  public static final TorchSettings SCRATCH =
      NONE.with("hsv_h", 0.015)
          .with("hsv_s", 0.7)
          .with("hsv_v", 0.4)
          .with("translate", 0.5)
          .with("scale", 0.5)
          .with("fliplr", 0.5)
          .with("mosaic", 1);

  /** {@code hyp.finetune.yaml} of the branch yolov4-large: the last 150 epochs of P5 to P7. */
  public static final TorchSettings FINETUNE = SCRATCH.with("scale", 0.8).with("mixup", 0.2);

  /** {@code hyp.scratch.yaml} of the branch yolov4-csp. */
  public static final TorchSettings CSP =
      SCRATCH.with("translate", 0.1).with("scale", 0.9).with("moving_center", 1);

  private static List<Setting> rows() {
    return Stream.concat(SETTINGS.stream(), Effects.SETTINGS.stream()).toList();
  }

  /**
   * Returns the setting {@code hsv_h}.
   *
   * @return hue factor 1 plus or minus this
   */
  public double hsvH() {
    return values.get("hsv_h");
  }

  /**
   * Returns the setting {@code hsv_s}.
   *
   * @return saturation factor 1 plus or minus this
   */
  public double hsvS() {
    return values.get("hsv_s");
  }

  /**
   * Returns the setting {@code hsv_v}.
   *
   * @return brightness factor 1 plus or minus this
   */
  public double hsvV() {
    return values.get("hsv_v");
  }

  /**
   * Returns the setting {@code degrees}.
   *
   * @return turned by up to this many degrees either way
   */
  public double degrees() {
    return values.get("degrees");
  }

  /**
   * Returns the setting {@code translate}.
   *
   * @return moved by up to this fraction of the picture either way
   */
  public double translate() {
    return values.get("translate");
  }

  /**
   * Returns the setting {@code scale}.
   *
   * @return zoomed by a factor 1 plus or minus this
   */
  public double scale() {
    return values.get("scale");
  }

  /**
   * Returns the setting {@code shear}.
   *
   * @return sheared by up to this many degrees either way
   */
  public double shear() {
    return values.get("shear");
  }

  /**
   * Returns the setting {@code perspective}.
   *
   * @return tilted: distant sides shrink by up to this part a pixel
   */
  public double perspective() {
    return values.get("perspective");
  }

  /**
   * Returns the setting {@code flipud}.
   *
   * @return chance to be mirrored top to bottom ({@code flipud})
   */
  public double flipUpDown() {
    return values.get("flipud");
  }

  /**
   * Returns the setting {@code fliplr}.
   *
   * @return chance to be mirrored left to right ({@code fliplr})
   */
  public double flipLeftRight() {
    return values.get("fliplr");
  }

  /**
   * Returns the setting {@code mosaic}.
   *
   * @return chance that pictures are put together
   */
  public double mosaic() {
    return values.get("mosaic");
  }

  /**
   * Returns the setting {@code mosaic9}.
   *
   * @return part of the mosaics that have nine pictures instead of four
   */
  public double mosaic9() {
    return values.get("mosaic9");
  }

  /**
   * Returns the setting {@code moving_center}.
   *
   * @return true: a mosaic's four parts meet at a random point; false: in the middle
   */
  public boolean movingCentre() {
    return values.get("moving_center") != 0;
  }

  /**
   * Returns the setting {@code mixup}.
   *
   * @return chance that two results are laid over each other
   */
  public double mixup() {
    return values.get("mixup");
  }

  /**
   * Returns the setting {@code cutmix}.
   *
   * @return chance that a rectangle of another result is pasted, where nothing is mixed
   */
  public double cutmix() {
    return values.get("cutmix");
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
  public TorchSettings with(String key, double value) {
    return new TorchSettings(values.with(key, value));
  }

  /**
   * The settings at some point of a run.
   *
   * @param epoch counted from 0
   * @param epochs of the whole run; 0 when that is not known
   * @return these settings, with what changes by then
   */
  public TorchSettings during(long epoch, long epochs) {
    return new TorchSettings(values.during(epoch, epochs));
  }
}
