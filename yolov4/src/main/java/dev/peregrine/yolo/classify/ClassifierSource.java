package dev.peregrine.yolo.classify;

import dev.peregrine.nn.data.Source;
import dev.peregrine.yolo.image.Axis;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Resampler;
import dev.peregrine.yolo.model.InputSize;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The pictures of a data set as they are learned from: a random piece, perhaps mirrored, its
 * colours changed, perhaps with a piece of another picture over it. Every draw depends on the seed,
 * the epoch and the index alone.
 */
record ClassifierSource(ImageFolder data, InputSize input, ClassifierSettings settings)
    implements Source<ClassifierExample> {
  private static final double LONGEST = 4.0 / 3;
  private static final float GREY = 0.5f;

  @Override
  public int size() {
    return data.items().size();
  }

  @Override
  public ClassifierExample get(int index, long epoch) {
    SplittableRandom random = new SplittableRandom(mix(mix(settings.seed()) + epoch) + index);
    Image image = piece(index, random);
    float[] target = target(index);
    if (random.nextDouble() < settings.cutMix()) {
      int other = random.nextInt(size());
      double share = cut(image, piece(other, random), random);
      float[] second = target(other);
      for (int i = 0; i < target.length; i++) {
        target[i] = (float) ((1 - share) * target[i] + share * second[i]);
      }
    }
    return new ClassifierExample(image, target);
  }

  private static long mix(long z) {
    long first = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long second = (first ^ (first >>> 27)) * 0x94D049BB133111EBL;
    return second ^ (second >>> 31);
  }

  private float[] target(int index) {
    float[] target = new float[data.names().size()];
    double smoothing = settings.labelSmoothing();
    Arrays.fill(target, (float) (smoothing / target.length));
    target[data.items().get(index).label()] += (float) (1 - smoothing);
    return target;
  }

  private Image piece(int index, SplittableRandom random) {
    ByteImage whole = Images.readBytes(data.items().get(index).file());
    double shorter = Math.min(whole.width(), whole.height());
    double side = shorter * between(random, settings.smallestCrop(), 1);
    double longer = Math.sqrt(between(random, 1, LONGEST));
    boolean wide = random.nextBoolean();
    int width = extent(wide ? side * longer : side / longer, whole.width());
    int height = extent(wide ? side / longer : side * longer, whole.height());
    int left = random.nextInt(whole.width() - width + 1);
    int top = random.nextInt(whole.height() - height + 1);
    Axis columns = Axis.crop(whole.width(), left, width, input.width());
    Axis rows = Axis.crop(whole.height(), top, height, input.height());
    boolean mirrored = settings.flip() && random.nextBoolean();
    Axis across = mirrored ? columns.reversed() : columns;
    Image image = Resampler.resample(whole, across, rows, GREY, GREY, GREY);
    colour(image, random);
    return image;
  }

  private static int extent(double wanted, int most) {
    return Math.clamp(Math.round(wanted), 1, most);
  }

  /** Moves each pixel away from its grey, or towards it, and makes all brighter or darker. */
  private void colour(Image image, SplittableRandom random) {
    double saturation = factor(random);
    double brightness = factor(random);
    if (settings.colour() == 1) {
      return;
    }
    float[] rgb = image.rgb();
    for (int i = 0; i < rgb.length; i += 3) {
      double grey = (rgb[i] + rgb[i + 1] + rgb[i + 2]) / 3.0;
      for (int channel = i; channel < i + 3; channel++) {
        double value = brightness * (grey + saturation * (rgb[channel] - grey));
        rgb[channel] = (float) Math.clamp(value, 0, 1);
      }
    }
  }

  private double factor(SplittableRandom random) {
    double factor = between(random, 1, settings.colour());
    return random.nextBoolean() ? factor : 1 / factor;
  }

  private static double between(SplittableRandom random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** Lays a rectangle of another picture over one, and returns its share of the area. */
  private static double cut(Image image, Image other, SplittableRandom random) {
    int width = (int) (image.width() * between(random, 0.3, 0.8));
    int height = (int) (image.height() * between(random, 0.3, 0.8));
    int left = random.nextInt(image.width() - width + 1);
    int top = random.nextInt(image.height() - height + 1);
    for (int row = top; row < top + height; row++) {
      int from = (row * image.width() + left) * 3;
      System.arraycopy(other.rgb(), from, image.rgb(), from, width * 3);
    }
    return (double) width * height / ((double) image.width() * image.height());
  }
}
