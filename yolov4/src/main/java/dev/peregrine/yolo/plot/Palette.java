package dev.peregrine.yolo.plot;

import java.awt.Color;

/** A colour for every class index: neighbours far apart, the same in every picture and chart. */
public final class Palette {
  /** Turning the hue by the golden section never comes near an earlier hue too soon. */
  private static final double GOLDEN = 0.6180339887498949;

  private Palette() {}

  /**
   * The colour of a class.
   *
   * @param classIndex 0-based index
   * @return a strong colour, readable on white and on photographs
   */
  public static Color of(int classIndex) {
    double hue = 0.005 + classIndex * GOLDEN;
    hue -= Math.floor(hue);
    // Three tones, so that classes whose hues meet after a while still differ.
    double[] saturation = {0.85, 0.95, 0.62};
    double[] brightness = {0.95, 0.76, 0.92};
    int tone = classIndex % 3;
    return Color.getHSBColor((float) hue, (float) saturation[tone], (float) brightness[tone]);
  }

  /**
   * Black or white, whichever reads better on a colour.
   *
   * @param ground the colour below the text
   * @return the colour of the text
   */
  public static Color textOn(Color ground) {
    return luminance(ground) > 0.24 ? Color.BLACK : Color.WHITE;
  }

  /** Relative luminance: linear light, weighted as the eye does. */
  static double luminance(Color c) {
    return 0.2126 * linear(c.getRed())
        + 0.7152 * linear(c.getGreen())
        + 0.0722 * linear(c.getBlue());
  }

  private static double linear(int channel) {
    return Math.pow(channel / 255.0, 2.2);
  }
}
