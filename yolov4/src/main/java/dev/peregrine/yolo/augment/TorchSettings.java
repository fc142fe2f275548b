package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import java.util.List;

/**
 * How much {@link TorchAugmentation} changes; named as the keys of a hyper-parameter file of the
 * PyTorch programs where these have them.
 *
 * @param hsvH hue factor 1 plus or minus this
 * @param hsvS saturation factor 1 plus or minus this
 * @param hsvV brightness factor 1 plus or minus this
 * @param degrees turned by up to this many degrees either way
 * @param translate moved by up to this fraction of the picture either way
 * @param scale zoomed by a factor 1 plus or minus this
 * @param shear sheared by up to this many degrees either way
 * @param perspective tilted: distant sides shrink by up to this part a pixel
 * @param flipUpDown chance to be mirrored top to bottom ({@code flipud})
 * @param flipLeftRight chance to be mirrored left to right ({@code fliplr})
 * @param mosaic chance that pictures are put together
 * @param mosaic9 part of the mosaics that have nine pictures instead of four
 * @param movingCentre true: a mosaic's four parts meet at a random point; false: in the middle
 * @param mixup chance that two results are laid over each other
 * @param cutmix chance that a rectangle of another result is pasted, where nothing is mixed
 * @param closeMosaic epochs at the end of a run without mosaics, mixtures and cuts
 * @param effects what is done to the finished picture
 */
public record TorchSettings(
    double hsvH,
    double hsvS,
    double hsvV,
    double degrees,
    double translate,
    double scale,
    double shear,
    double perspective,
    double flipUpDown,
    double flipLeftRight,
    double mosaic,
    double mosaic9,
    boolean movingCentre,
    double mixup,
    double cutmix,
    int closeMosaic,
    Effects effects) {
  /** The settings but for the effects, in the order of the components; flags are 0 or 1. */
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
  public static final TorchSettings NONE = of(new double[16], Effects.NONE);

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

  /** Checks the ranges. */
  public TorchSettings {
    Setting.check(
        SETTINGS,
        hsvH,
        hsvS,
        hsvV,
        degrees,
        translate,
        scale,
        shear,
        perspective,
        flipUpDown,
        flipLeftRight,
        mosaic,
        mosaic9,
        movingCentre ? 1 : 0,
        mixup,
        cutmix,
        closeMosaic);
  }

  private double[] values() {
    return new double[] {
      hsvH,
      hsvS,
      hsvV,
      degrees,
      translate,
      scale,
      shear,
      perspective,
      flipUpDown,
      flipLeftRight,
      mosaic,
      mosaic9,
      movingCentre ? 1 : 0,
      mixup,
      cutmix,
      closeMosaic
    };
  }

  private static TorchSettings of(double[] v, Effects effects) {
    return new TorchSettings(
        v[0],
        v[1],
        v[2],
        v[3],
        v[4],
        v[5],
        v[6],
        v[7],
        v[8],
        v[9],
        v[10],
        v[11],
        v[12] != 0,
        v[13],
        v[14],
        (int) v[15],
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
  public TorchSettings with(String key, double value) {
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
   * The settings at some point of a run.
   *
   * @param epoch counted from 0
   * @param epochs of the whole run; 0 when that is not known
   * @return these settings, with what changes by then
   */
  public TorchSettings during(long epoch, long epochs) {
    boolean closing = closeMosaic > 0 && epochs > 0 && epoch >= epochs - closeMosaic;
    TorchSettings now = closing ? with("mosaic", 0).with("mixup", 0).with("cutmix", 0) : this;
    return of(now.values(), effects.during(epoch, epochs));
  }
}
