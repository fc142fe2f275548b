package dev.peregrine.yolo.augment.effect;

import java.util.List;

/**
 * One number of augmentation that a user may set: what it is called, its range and its meaning.
 *
 * <p>Settings list their numbers as such rows once; {@link SettingValues}, checks and the keys of
 * the command line are all made of that table.
 *
 * @param key as it is typed, such as {@code hsv_h}
 * @param least smallest value
 * @param most largest value
 * @param meaning what it does, without a full stop
 */
public record Setting(String key, double least, double most, String meaning) {
  /**
   * A number that is a chance or another share.
   *
   * @param key as it is typed
   * @param meaning what it does
   * @return the row, from 0 to 1
   */
  public static Setting share(String key, String meaning) {
    return new Setting(key, 0, 1, meaning);
  }

  /**
   * Checks a value.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} where it is out of range.
   *
   * @param value the number
   * @return the number
   */
  public double require(double value) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "augmentation: %s must be between %s and %s but is %s"
              .formatted(key, least, most, value));
    }
    return value;
  }

  /**
   * Checks values against their rows.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for the first that is out of its range.
   *
   * @param table the rows
   * @param values one a row, in their order
   */
  public static void check(List<Setting> table, double... values) {
    for (int i = 0; i < values.length; i++) {
      table.get(i).require(values[i]);
    }
  }

  /**
   * Finds a row.
   *
   * @param table the rows
   * @param key the name
   * @return its place, or -1
   */
  public static int index(List<Setting> table, String key) {
    for (int i = 0; i < table.size(); i++) {
      if (table.get(i).key.equals(key)) {
        return i;
      }
    }
    return -1;
  }
}
