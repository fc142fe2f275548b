package dev.peregrine.yolo.plot;

import java.awt.FontMetrics;
import java.util.function.ToDoubleFunction;

/** Words cut to the room that there is for them. */
final class Lettering {
  private static final String DOTS = "…";

  /** Longer last words are no scores. */
  private static final int LONGEST_SCORE = 6;

  private Lettering() {}

  /**
   * Cuts words to a width; a short last word, such as a score, stays.
   *
   * @param words what to write
   * @param width room in pixels
   * @param metrics of the font
   */
  static String fitting(String words, double width, FontMetrics metrics) {
    return fitting(words, width, metrics::stringWidth);
  }

  /** Cuts a name to a number of characters. */
  static String shortened(String name, int characters) {
    return fitting(name, characters, String::length);
  }

  private static String fitting(String words, double room, ToDoubleFunction<String> width) {
    if (width.applyAsDouble(words) <= room) {
      return words;
    }
    int space = words.lastIndexOf(' ');
    boolean scored = space > 0 && words.length() - space - 1 <= LONGEST_SCORE;
    String end = DOTS + (scored ? words.substring(space) : "");
    int kept = scored ? space : words.length();
    while (kept > 1 && width.applyAsDouble(words.substring(0, kept) + end) > room) {
      kept--;
    }
    return words.substring(0, kept).stripTrailing() + end;
  }
}
