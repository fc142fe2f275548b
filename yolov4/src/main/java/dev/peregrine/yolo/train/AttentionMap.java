package dev.peregrine.yolo.train;

import dev.peregrine.yolo.image.Axis;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Resampler;

/**
 * Where self-adversarial training pulls at a picture, which is where the network looks.
 *
 * <p><b>Formula</b> heat of a pixel: four times the distance of the sum of its derivatives from
 * their mean, over their range; smoothed by a quarter of the resolution.
 *
 * <p><b>Source</b> darknet {@code make_attention_image}, key {@code attention}.
 *
 * @param picture what the network was shown
 * @param slopes derivatives by its pixels, those of further pictures behind
 */
record AttentionMap(Image picture, float[] slopes) {
  private static final float GAIN = 4;
  private static final int COARSE = 4;
  private static final float SHARE = 0.7f;

  /** Heat alone, in red. */
  Image heat() {
    int width = picture.width();
    int height = picture.height();
    float[] sums = new float[width * height];
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    double total = 0;
    for (int i = 0; i < sums.length; i++) {
      sums[i] = slopes[3 * i] + slopes[3 * i + 1] + slopes[3 * i + 2];
      least = Math.min(least, sums[i]);
      most = Math.max(most, sums[i]);
      total += sums[i];
    }
    float mean = (float) (total / sums.length);
    float range = most > least ? most - least : 1;
    Image heat = new Image(width, height);
    for (int i = 0; i < sums.length; i++) {
      heat.rgb()[3 * i] = Math.min(1, GAIN * Math.abs(sums[i] - mean) / range);
    }
    return resized(
        resized(heat, Math.max(1, width / COARSE), Math.max(1, height / COARSE)), width, height);
  }

  /** The picture under its heat. */
  Image blended() {
    Image heat = heat();
    Image both = new Image(picture.width(), picture.height());
    for (int i = 0; i < both.rgb().length; i++) {
      both.rgb()[i] = SHARE * heat.rgb()[i] + (1 - SHARE) * picture.rgb()[i];
    }
    return both;
  }

  private static Image resized(Image image, int width, int height) {
    return Resampler.resample(
        image,
        Axis.halfPixel(image.width(), width),
        Axis.halfPixel(image.height(), height),
        0,
        0,
        0);
  }
}
