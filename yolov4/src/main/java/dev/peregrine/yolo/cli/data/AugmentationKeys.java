package dev.peregrine.yolo.cli.data;

import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.Net;
import dev.peregrine.yolo.darknet.YoloOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The keys by which a call changes the augmentation of its recipe, made of the settings' tables.
 */
public final class AugmentationKeys {
  private static final List<Setting> SCALED = joined(TorchSettings.SETTINGS);
  private static final List<Setting> DARKNET = joined(DarknetSettings.SETTINGS);

  /** One key a setting of either recipe; without a default, since that is the recipe's. */
  public static final List<Key<Double>> ALL = keys();

  /** The part of its pictures that darknet mixes. */
  private static final double MIXED = 0.5;

  /** The most noise that darknet makes. */
  private static final double MOST_NOISE = 127;

  private AugmentationKeys() {}

  private static List<Setting> joined(List<Setting> own) {
    List<Setting> all = new ArrayList<>(own);
    all.addAll(Effects.SETTINGS);
    return List.copyOf(all);
  }

  private static List<Key<Double>> keys() {
    Map<String, Key<Double>> keys = new LinkedHashMap<>();
    for (List<Setting> table : List.of(SCALED, DARKNET)) {
      for (Setting row : table) {
        keys.putIfAbsent(
            row.key(),
            Key.number(row.key(), "", row.least(), row.most(), row.meaning() + usual(row.key())));
      }
    }
    return List.copyOf(keys.values());
  }

  /** What the recipes say. */
  private static String usual(String key) {
    boolean scaled = Setting.index(SCALED, key) >= 0;
    boolean darknet = Setting.index(DARKNET, key) >= 0;
    if (Effects.has(key)) {
      return "; 0";
    }
    String values =
        (scaled ? " scaled " + number(TorchSettings.SCRATCH.get(key)) : "")
            + (scaled && darknet ? "," : "")
            + (darknet ? " darknet " + number(DarknetSettings.TINY.get(key)) : "");
    return ";" + values;
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.valueOf(value);
  }

  /** The settings of the PyTorch recipe with what a call changes. */
  public static TorchSettings scaled(Call call, TorchSettings usual) {
    TorchSettings settings = usual;
    for (Key<Double> key : ALL) {
      if (call.has(key)) {
        require(SCALED, key, "darknet");
        settings = settings.with(key.name(), call.get(key));
      }
    }
    return settings;
  }

  /** The settings of darknet's recipe with what a call changes. */
  public static DarknetSettings darknet(Call call, DarknetSettings usual) {
    DarknetSettings settings = usual;
    for (Key<Double> key : ALL) {
      if (call.has(key)) {
        require(DARKNET, key, "scaled");
        settings = settings.with(key.name(), call.get(key));
      }
    }
    return settings;
  }

  /**
   * What a cfg says of training pictures. Its mosaics and mixtures come to half of them, as in
   * darknet, which also ignores {@code cutmix=} for detectors.
   */
  public static DarknetSettings of(CfgFile cfg) {
    Net.Augmentation net = cfg.net().augmentation();
    YoloOptions head = cfg.heads().getLast().options();
    return DarknetSettings.NONE
        .with("jitter", head.jitter())
        .with("resize", head.resize())
        .with("flip", net.flip() ? 1 : 0)
        .with("hue", net.hue())
        .with("saturation", net.saturation())
        .with("exposure", net.exposure())
        .with("blur", net.blur())
        .with("gaussian_noise", Math.min(MOST_NOISE, net.gaussianNoise()))
        .with("mosaic", net.mosaic() ? MIXED : 0)
        .with("mosaic_bound", net.mosaicBound() ? 1 : 0)
        .with("mixup", net.mixup() == 1 && !net.mosaic() ? MIXED : 0)
        .with("letter_box", cfg.net().letterBox() ? 1 : 0)
        .with("max_boxes", head.maxTruths());
  }

  private static void require(List<Setting> table, Key<Double> key, String other) {
    if (Setting.index(table, key.name()) < 0) {
      throw new UsageException(
          key.name()
              + "= belongs to recipe="
              + other
              + "; leave it away, or take that recipe (--help lists what each key does)");
    }
  }
}
