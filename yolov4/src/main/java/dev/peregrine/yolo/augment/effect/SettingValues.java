package dev.peregrine.yolo.augment.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Numbers of augmentation by their names: a table of settings, and a value for each row.
 *
 * <p><b>Errors</b> {@link IllegalArgumentException} where a value is out of its row's range.
 *
 * @param table the rows
 * @param numbers one value a row; 0 or 1 for a flag
 */
public record SettingValues(List<Setting> table, List<Double> numbers) {
  /** Checks the ranges and copies the lists. */
  public SettingValues {
    table = List.copyOf(table);
    numbers = List.copyOf(numbers);
    if (table.size() != numbers.size()) {
      throw new IllegalArgumentException(
          "augmentation: %d values for %d settings".formatted(numbers.size(), table.size()));
    }
    for (int i = 0; i < table.size(); i++) {
      table.get(i).require(numbers.get(i));
    }
  }

  /**
   * Makes values that are 0 but for some.
   *
   * @param table the rows
   * @param others values by name
   * @return the values
   */
  public static SettingValues of(List<Setting> table, Map<String, Double> others) {
    return new SettingValues(
        table, table.stream().map(row -> others.getOrDefault(row.key(), 0.0)).toList());
  }

  private int index(String key) {
    int at = Setting.index(table, key);
    if (at < 0) {
      throw new IllegalArgumentException(
          "augmentation: there is no setting '"
              + key
              + "'; there are "
              + table.stream().map(Setting::key).collect(Collectors.joining(", ")));
    }
    return at;
  }

  /**
   * Returns a value.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for an unknown name.
   *
   * @param key its name
   * @return the value; 0 or 1 for a flag
   */
  public double get(String key) {
    return numbers.get(index(key));
  }

  /**
   * The same values but for one.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for an unknown name or a value out of range.
   *
   * @param key its name
   * @param value the new value
   * @return changed values
   */
  public SettingValues with(String key, double value) {
    List<Double> changed = new ArrayList<>(numbers);
    changed.set(index(key), value);
    return new SettingValues(table, changed);
  }

  /**
   * The values of some rows.
   *
   * @param rows rows of this table
   * @return their values
   */
  public SettingValues part(List<Setting> rows) {
    return new SettingValues(rows, rows.stream().map(row -> get(row.key())).toList());
  }

  /**
   * The values at some point of a run: {@code close_mosaic} epochs before its end there are no
   * mosaics, mixtures and cuts any more, and {@code grid_mask} rises over most of it.
   *
   * @param epoch counted from 0
   * @param epochs of the whole run; 0 when that is not known
   * @return these values, with what changes by then
   */
  public SettingValues during(long epoch, long epochs) {
    SettingValues now = this;
    long last = (long) get("close_mosaic");
    if (last > 0 && epochs > 0 && epoch >= epochs - last) {
      now = now.with("mosaic", 0).with("mixup", 0).with("cutmix", 0);
    }
    double mask = new Effects(part(Effects.SETTINGS)).during(epoch, epochs).gridMask();
    return now.with("grid_mask", mask);
  }
}
