package dev.peregrine.yolo.augment;

import java.util.SplittableRandom;

/**
 * Self-adversarial training: before a step, the network's own gradient alters the pictures so that
 * it no longer sees their objects; then it is taught the true labels on the altered pictures.
 *
 * <p>The training step lends its gradient through {@link PictureGradient}; nothing here knows
 * networks or tapes.
 *
 * <p><b>Formula</b> {@code pixel = clip(pixel - r * gradient)} with {@code r = rate * iteration /
 * iterations}, for mini-batches after the burn-in, each with the given chance.
 *
 * <p><b>Cost</b> one more pass forward and backward of an altered mini-batch.
 *
 * <p><b>Source</b> YOLOv4 (Bochkovskiy 2020); darknet {@code adversarial_lr}, whose signs are those
 * of the descent.
 *
 * @param rate step against the gradient at the end of the run ({@code adversarial_lr}); 0 for none
 * @param chance part of the mini-batches that are altered; darknet's is 0.5
 * @param burnIn mini-batches at the start that stay as they are
 * @param iterations mini-batches of the whole run
 * @param seed of the run
 */
public record Adversary(double rate, double chance, long burnIn, long iterations, long seed) {
  /** Alters nothing. */
  public static final Adversary NONE = new Adversary(0, 0, 0, 1, 0);

  /** Darknet alters half of the mini-batches. */
  public static final double USUAL_CHANCE = 0.5;

  /** Sets these draws apart from those of the pictures. */
  private static final long STREAM = 0x5A7L;

  /** What the training step lends. */
  @FunctionalInterface
  public interface PictureGradient {
    /**
     * The derivative of a loss that is small when the network sees no objects; weights and running
     * statistics stay as they are.
     *
     * @param pixels a batch of pictures, {@code [N, H, W, 3]} in a row, 0 to 1
     * @return one derivative a value
     */
    float[] of(float[] pixels);
  }

  /** Checks the ranges. */
  public Adversary {
    if (!(rate >= 0 && chance >= 0 && chance <= 1 && burnIn >= 0 && iterations >= 1)) {
      throw new IllegalArgumentException(
          "self-adversarial training: adversarial_lr must be 0 or more, the chance between 0 and 1,"
              + " the burn-in 0 or more and iterations 1 or more, but they are %s, %s, %s and %s"
                  .formatted(rate, chance, burnIn, iterations));
    }
  }

  /**
   * Whether a mini-batch is altered; depends on seed and number alone.
   *
   * @param iteration number of the mini-batch in the run, from 0
   * @return true where {@link #alter} does something
   */
  public boolean acts(long iteration) {
    if (rate == 0 || chance == 0 || iteration <= burnIn) {
      return false;
    }
    SplittableRandom random = Randomness.of(seed, STREAM, iteration);
    return random.nextDouble() < chance;
  }

  /**
   * Alters a mini-batch where its turn has come.
   *
   * @param pixels the pictures; left as they are
   * @param iteration number of the mini-batch in the run, from 0
   * @param gradient asked once, and only where the pictures are altered
   * @return altered pixels, or the given array
   */
  public float[] alter(float[] pixels, long iteration, PictureGradient gradient) {
    if (!acts(iteration)) {
      return pixels;
    }
    float[] slope = gradient.of(pixels);
    if (slope.length != pixels.length) {
      throw new IllegalArgumentException(
          "self-adversarial training: the gradient must have one value for each of the %d of the pictures but has %d"
              .formatted(pixels.length, slope.length));
    }
    float step = (float) (rate * Math.min(iteration, iterations) / iterations);
    float[] altered = new float[pixels.length];
    for (int i = 0; i < altered.length; i++) {
      altered[i] = Math.max(0, Math.min(1, pixels[i] - step * slope[i]));
    }
    return altered;
  }
}
