package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.augment.Augmentation;
import dev.peregrine.yolo.augment.DarknetAugmentation;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.augment.PictureSource;
import dev.peregrine.yolo.augment.TorchAugmentation;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.augment.TrainingSampler;
import java.util.ArrayList;
import java.util.List;

/** One picture under every augmentation, each alone and strong enough to be seen. */
public final class AugmentationGallery {
  /** Draws that change less than this on average are passed over. */
  private static final double SEEN = 0.004;

  private static final int TRIES = 40;

  private static final List<String> DARKNET =
      List.of(
          "jitter=0.3",
          "resize=1.5",
          "letter_box=1",
          "flip=1",
          "hue=0.1",
          "saturation=1.5",
          "exposure=1.5",
          "blur=1",
          "blur=8",
          "gaussian_noise=20",
          "mosaic=1 jitter=0.2",
          "mixup=1",
          "cutmix=1");

  private static final List<String> SCALED =
      List.of(
          "hsv_h=0.1 hsv_s=0.7 hsv_v=0.4",
          "degrees=30",
          "translate=0.3",
          "scale=0.5",
          "shear=20",
          "perspective=0.001",
          "flipud=1",
          "fliplr=1",
          "mosaic=1 scale=0.5",
          "mosaic=1 moving_center=1",
          "mosaic=1 mosaic9=1",
          "mixup=1",
          "cutmix=1");

  /** Effects, which every recipe can have. */
  private static final List<String> BOTH =
      List.of(
          "brightness=0.5",
          "contrast=0.5",
          "gaussian_blur=4",
          "median_blur=1",
          "noise=0.15",
          "cutout=1",
          "cutouts=1",
          "random_erase=1",
          "hide_and_seek=1",
          "grid_mask=1");

  private AugmentationGallery() {}

  /**
   * A picture of the gallery.
   *
   * @param name the settings
   * @param shown what they make
   */
  public record Piece(String name, LabelledImage shown) {}

  private record Entry(String name, Augmentation augmentation, Augmentation still) {}

  /**
   * Makes all pieces.
   *
   * @param source pictures, of which mosaics and mixtures take several
   * @param index the picture that is shown
   * @param width of the pieces
   * @param height of the pieces
   * @param seed of what is random
   * @return the plain picture first
   */
  public static List<Piece> of(PictureSource source, int index, int width, int height, long seed) {
    List<Piece> pieces = new ArrayList<>();
    pieces.add(new Piece("plain", sample(source, darknet(""), seed, index, 0, width, height)));
    for (Entry entry : entries()) {
      LabelledImage still = sample(source, entry.still, seed, index, 0, width, height);
      LabelledImage shown = still;
      for (int epoch = 0; epoch < TRIES && difference(shown, still) < SEEN; epoch++) {
        shown = sample(source, entry.augmentation, seed, index, epoch, width, height);
      }
      pieces.add(new Piece(entry.name, shown));
    }
    return pieces;
  }

  private static LabelledImage sample(
      PictureSource source,
      Augmentation augmentation,
      long seed,
      int index,
      int epoch,
      int width,
      int height) {
    return new TrainingSampler(source, augmentation, seed).sample(epoch, index, width, height);
  }

  private static double difference(LabelledImage a, LabelledImage b) {
    float[] x = a.image().rgb();
    float[] y = b.image().rgb();
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += Math.abs(x[i] - y[i]);
    }
    return sum / x.length;
  }

  private static List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    DARKNET.forEach(keys -> entries.add(new Entry("darknet " + keys, darknet(keys), darknet(""))));
    SCALED.forEach(keys -> entries.add(new Entry("scaled " + keys, scaled(keys), scaled(""))));
    BOTH.forEach(keys -> entries.add(new Entry(keys, darknet(keys), darknet(""))));
    return entries;
  }

  private static Augmentation darknet(String keys) {
    DarknetSettings settings = DarknetSettings.NONE;
    for (String pair : pairs(keys)) {
      settings = settings.with(key(pair), value(pair));
    }
    return new DarknetAugmentation(settings);
  }

  private static Augmentation scaled(String keys) {
    TorchSettings settings = TorchSettings.NONE;
    for (String pair : pairs(keys)) {
      settings = settings.with(key(pair), value(pair));
    }
    return new TorchAugmentation(settings);
  }

  private static List<String> pairs(String keys) {
    return keys.isEmpty() ? List.of() : List.of(keys.split(" ", -1));
  }

  private static String key(String pair) {
    return pair.substring(0, pair.indexOf('='));
  }

  private static double value(String pair) {
    return Double.parseDouble(pair.substring(pair.indexOf('=') + 1));
  }
}
