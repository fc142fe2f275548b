package dev.peregrine.yolo.darknet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code [net]} section: input size, optimisation and augmentation.
 *
 * @param line the line of the section in the file, from 1
 * @param input the network's input
 * @param letterBox {@code letter_box}: keep the picture's aspect ratio and pad, instead of
 *     stretching
 * @param batch {@code batch}: pictures per step of the optimiser
 * @param subdivisions {@code subdivisions}: parts a batch is worked off in
 * @param optimisation learning rate, decay and their course
 * @param augmentation random changes of training pictures
 */
public record Net(
    int line,
    FeatureMap input,
    boolean letterBox,
    int batch,
    int subdivisions,
    Optimisation optimisation,
    Augmentation augmentation) {

  /** The course of the learning rate after the burn-in. */
  public sealed interface Policy {
    /** The rate stays. */
    record Constant() implements Policy {}

    /**
     * The rate is multiplied by {@code scale} every {@code step} iterations.
     *
     * @param step iterations between two changes
     * @param scale the factor
     */
    record Step(int step, double scale) implements Policy {}

    /**
     * The rate is multiplied by {@code scales[i]} from iteration {@code steps[i]} on.
     *
     * @param steps iterations of change
     * @param scales the factor of each
     */
    record Steps(List<Integer> steps, List<Double> scales) implements Policy {}

    /**
     * The rate falls to zero as {@code (1 - iteration / max_batches) ^ power}.
     *
     * @param power the exponent
     */
    record Poly(double power) implements Policy {}

    /**
     * The rate is multiplied by a factor in each iteration.
     *
     * @param gamma the factor
     */
    record Exp(double gamma) implements Policy {}

    /**
     * The rate falls as {@code 1 / (1 + e ^ (gamma * (iteration - step)))}.
     *
     * @param gamma the steepness
     * @param step where half of the rate is left
     */
    record Sig(double gamma, int step) implements Policy {}

    /**
     * Half a cosine, again and again.
     *
     * @param least {@code learning_rate_min}: where a cycle ends
     * @param cycle {@code sgdr_cycle}: iterations of the first cycle, 0 for the whole run
     * @param multiplier {@code sgdr_mult}: growth of the cycles
     */
    record Sgdr(double least, int cycle, double multiplier) implements Policy {}

    /**
     * The rate is multiplied by a power of a random number in each iteration.
     *
     * @param power the exponent
     */
    record Random(double power) implements Policy {}
  }

  /**
   * How the weights are changed.
   *
   * @param learningRate {@code learning_rate}
   * @param momentum {@code momentum}
   * @param decay {@code decay}: weight decay
   * @param burnIn {@code burn_in}: iterations in which the rate rises
   * @param burnInPower {@code power}: exponent of that rise
   * @param maxBatches {@code max_batches}: iterations in all
   * @param policy {@code policy} with its numbers
   * @param emaAlpha {@code ema_alpha}: weight of the past in the averaged weights, 0 for none
   * @param adam {@code adam=1} with its numbers, or null for momentum
   */
  public record Optimisation(
      double learningRate,
      double momentum,
      double decay,
      int burnIn,
      double burnInPower,
      int maxBatches,
      Policy policy,
      double emaAlpha,
      @Nullable Adam adam) {}

  /**
   * Adam instead of momentum.
   *
   * @param first {@code B1}: share of the average gradient that is kept
   * @param second {@code B2}: share of the average square that is kept
   * @param epsilon {@code eps}: added to the root of the average square
   */
  public record Adam(double first, double second, double epsilon) {}

  /**
   * How training pictures are changed at random.
   *
   * @param angle {@code angle}: largest rotation in degrees
   * @param aspect {@code aspect}: smallest aspect factor
   * @param saturation {@code saturation}: largest factor
   * @param exposure {@code exposure}: largest factor
   * @param hue {@code hue}: largest shift
   * @param minCrop {@code min_crop}: smallest side of a classifier's crop
   * @param maxCrop {@code max_crop}: largest side of a classifier's crop
   * @param flip {@code flip}: mirror half of the pictures
   * @param blur {@code blur}
   * @param gaussianNoise {@code gaussian_noise}
   * @param mixup {@code mixup}
   * @param cutmix {@code cutmix}
   * @param mosaic {@code mosaic}: four pictures in one
   * @param labelSmoothing {@code label_smooth_eps} of a classifier
   * @param resizeStep {@code resize_step}: random network sizes are multiples of this
   * @param dynamicMiniBatch {@code dynamic_minibatch}: more pictures where random sizes are small
   * @param mosaicBound {@code mosaic_bound}: boxes of a mosaic end with their own part
   * @param adversarialRate {@code adversarial_lr}: step of self-adversarial training, 0 for none
   * @param attention {@code attention}: shows where that training looks
   */
  public record Augmentation(
      double angle,
      double aspect,
      double saturation,
      double exposure,
      double hue,
      int minCrop,
      int maxCrop,
      boolean flip,
      int blur,
      int gaussianNoise,
      int mixup,
      boolean cutmix,
      boolean mosaic,
      double labelSmoothing,
      int resizeStep,
      boolean dynamicMiniBatch,
      boolean mosaicBound,
      double adversarialRate,
      boolean attention) {}
}
