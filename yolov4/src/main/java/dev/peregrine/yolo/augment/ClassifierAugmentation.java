package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.augment.ClassifiedImage.Share;
import dev.peregrine.yolo.augment.effect.Blur;
import dev.peregrine.yolo.image.Image;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Darknet's training pictures of a classifier: scaled, turned, cropped, mirrored, recoloured, and
 * mixed with others, by whose areas the classes are then shared.
 *
 * <p>The class of a picture is that of its first label. Beyond the picture its outermost pixels go
 * on. Where darknet decides on mixing for a whole load of pictures, here each picture decides.
 *
 * <p><b>Source</b> darknet {@code random_augment_image}, {@code load_data_augment}.
 *
 * @param changes how much is changed
 */
public record ClassifierAugmentation(ClassifierChanges changes) {
  private static final double FIRST_CUT = 0.2;
  private static final double LAST_CUT = 0.8;
  private static final int USUAL_BLUR = 15;

  /**
   * Makes one training picture.
   *
   * @param source the pictures, each with one label
   * @param index the picture that must be in it
   * @param width of the network's input
   * @param height of the network's input
   * @param random where all randomness comes from
   * @return the picture of these extents, with its classes
   */
  public ClassifiedImage make(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    Image image = single(source, index, width, height, random);
    int own = classOf(source, index);
    double choice = random.nextDouble() - changes.mosaic();
    if (choice < 0) {
      return mosaic(source, image, own, random);
    }
    choice -= changes.cutmix();
    if (choice < 0) {
      int other = random.nextInt(source.size());
      CutMix cut = CutMix.draw(width, height, random);
      cut.copy(single(source, other, width, height, random), image);
      double part = cut.area() / ((double) width * height);
      return shared(image, own, classOf(source, other), part);
    }
    if (choice < changes.mixup()) {
      int other = random.nextInt(source.size());
      Mixtures.blend(image, single(source, other, width, height, random), 0.5f);
      return shared(image, own, classOf(source, other), 0.5);
    }
    return new ClassifiedImage(image, List.of(new Share(own, 1)));
  }

  private static ClassifiedImage shared(Image image, int own, int other, double part) {
    return new ClassifiedImage(image, List.of(new Share(own, 1 - part), new Share(other, part)));
  }

  private static int classOf(PictureSource source, int index) {
    if (source.labels(index).isEmpty()) {
      throw new IllegalArgumentException(
          source.name(index) + " has no label, so a classifier cannot learn from it");
    }
    return source.labels(index).getFirst().classIndex();
  }

  /** Four pictures at their own places; the first keeps the upper left part. */
  private ClassifiedImage mosaic(
      PictureSource source, Image image, int own, SplittableRandom random) {
    int width = image.width();
    int height = image.height();
    int x = (int) (width * Randomness.between(random, FIRST_CUT, LAST_CUT));
    int y = (int) (height * Randomness.between(random, FIRST_CUT, LAST_CUT));
    CutMix[] parts = {
      new CutMix(0, 0, x, y),
      new CutMix(x, 0, width, y),
      new CutMix(0, y, x, height),
      new CutMix(x, y, width, height)
    };
    Share[] shares = new Share[4];
    for (int i = 0; i < 4; i++) {
      int classIndex = own;
      if (i > 0) {
        int other = random.nextInt(source.size());
        classIndex = classOf(source, other);
        parts[i].copy(single(source, other, width, height, random), image);
      }
      shares[i] = new Share(classIndex, parts[i].area() / ((double) width * height));
    }
    return new ClassifiedImage(image, List.of(shares));
  }

  private Image single(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    Image picture = source.picture(index).toImage();
    Image image = new Image(width, height);
    crop(picture, image, random);
    if (changes.flip() && random.nextBoolean()) {
      Mixtures.flipLeftRight(image);
    }
    Hsv.darknet(random, changes.hue(), changes.saturation(), changes.exposure())
        .apply(image, 0, 0, width, height);
    if (changes.blur() > 0 && random.nextInt(4) == 0) {
      int size = changes.blur() == 1 ? USUAL_BLUR : changes.blur() / 2 * 2 + 1;
      Blur.gaussian(image, 0, 0, width, height, Blur.sigma(size));
    }
    return image;
  }

  private void crop(Image picture, Image image, SplittableRandom random) {
    int width = image.width();
    int height = image.height();
    double aspect = Randomness.scale(random, changes.aspect());
    int side = random.nextInt(changes.minCrop(), changes.maxCrop() + 1);
    double scale = side / Math.min(picture.height(), picture.width() * aspect);
    double angle = Math.toRadians(Randomness.between(random, -changes.angle(), changes.angle()));
    double spareX = Math.abs(picture.width() * scale * aspect - width) / 2;
    double spareY = Math.abs(picture.height() * scale - height) / 2;
    double dx = Randomness.between(random, -spareX, spareX);
    double dy = Randomness.between(random, -spareY, spareY);
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    float[] xs = new float[width];
    float[] ys = new float[width];
    for (int y = 0; y < height; y++) {
      double v = (y + 0.5 - height / 2.0 + dy) / scale;
      for (int x = 0; x < width; x++) {
        double u = (x + 0.5 - width / 2.0 + dx) / (scale * aspect);
        double px = cos * u - sin * v + picture.width() / 2.0 - 0.5;
        double py = sin * u + cos * v + picture.height() / 2.0 - 0.5;
        xs[x] = (float) Math.clamp(px, 0, picture.width() - 1.0);
        ys[x] = (float) Math.clamp(py, 0, picture.height() - 1.0);
      }
      Sampling.row(picture, xs, ys, image, y, 0);
    }
  }
}
