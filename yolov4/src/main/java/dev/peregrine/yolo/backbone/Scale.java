package dev.peregrine.yolo.backbone;

import dev.peregrine.tensor.FormatException;

/**
 * How much wider and deeper a network is than the published one.
 *
 * @param width factor of all channels, which are rounded up to multiples of 8
 * @param depth factor of the repetitions in a block, which are rounded to the nearest; a block that
 *     is not repeated stays so
 */
public record Scale(double width, double depth) {
  /** The published network. */
  public static final Scale ONE = new Scale(1, 1);

  private static final double LARGEST = 8;

  /** Checks that both factors are above 0 and at most 8. */
  public Scale {
    if (!(width > 0 && width <= LARGEST && depth > 0 && depth <= LARGEST)) {
      throw new FormatException(
          "model: the factors of width and depth are %s and %s, but both must be above 0 and at most 8"
              .formatted(width, depth));
    }
  }

  /**
   * Reads a scale: a factor of the width, or of width and depth as {@code 0.5x0.33}.
   *
   * <p><b>Errors</b> {@link FormatException} if the text is neither.
   *
   * @param text the text
   * @return the scale
   */
  public static Scale parse(String text) {
    int at = text.indexOf('x');
    try {
      return at < 0
          ? new Scale(Double.parseDouble(text), 1)
          : new Scale(
              Double.parseDouble(text.substring(0, at)),
              Double.parseDouble(text.substring(at + 1)));
    } catch (NumberFormatException failure) {
      throw new FormatException(
          "model: '" + text + "' is not a width factor, nor WIDTHxDEPTH such as 0.5x0.33", failure);
    }
  }

  /**
   * Scales a number of channels.
   *
   * @param published channels of the published network
   * @return the next multiple of 8; without a factor the published number itself
   */
  public int channels(int published) {
    return width == 1 ? published : (int) Math.ceil(published * width / 8) * 8;
  }

  /**
   * Scales a number of repetitions.
   *
   * @param published repetitions in the published network
   * @return at least 1
   */
  public int repeats(int published) {
    return published > 1 ? Math.max(1, (int) Math.rint(published * depth)) : published;
  }

  /**
   * Adds the scale to a name.
   *
   * @param name of the published network
   * @return the name, such as {@code yolov4-csp@0.5x0.33}
   */
  public String of(String name) {
    if (depth != 1) {
      return name + "@" + width + "x" + depth;
    }
    return width == 1 ? name : name + "@" + width;
  }
}
