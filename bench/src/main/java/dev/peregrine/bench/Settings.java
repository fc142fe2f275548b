package dev.peregrine.bench;

import dev.peregrine.tensor.FormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a main class was asked for, as {@code key=value}.
 *
 * @param values one for each key
 */
public record Settings(Map<String, String> values) {
  /**
   * Reads arguments.
   *
   * <p><b>Errors</b> {@link FormatException} if one has no key of the defaults.
   *
   * @param arguments {@code key=value} each
   * @param defaults the keys there are, with their values: {@code net=tiny batch=1}
   * @return the settings
   */
  public static Settings of(String[] arguments, String defaults) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : defaults.split(" ")) {
      put(pair, values);
    }
    Map<String, String> known = Map.copyOf(values);
    for (String argument : arguments) {
      if (!known.containsKey(put(argument, values))) {
        throw new FormatException(
            "bench: '" + argument + "' is no setting; there are, with their defaults, " + defaults);
      }
    }
    return new Settings(values);
  }

  private static String put(String pair, Map<String, String> values) {
    int equals = Math.max(0, pair.indexOf('='));
    values.put(pair.substring(0, equals), pair.substring(Math.min(pair.length(), equals + 1)));
    return pair.substring(0, equals);
  }

  /**
   * Returns the value of a key.
   *
   * @param key its name
   * @return the text
   */
  public String text(String key) {
    return values.getOrDefault(key, "");
  }

  /**
   * Returns the whole number of a key.
   *
   * @param key its name
   * @return at least 1
   */
  public int number(String key) {
    if (!text(key).matches("0*[1-9]\\d{0,8}")) {
      throw new FormatException(
          "bench: " + key + "=" + text(key) + " is wrong: it must be a whole number from 1");
    }
    return Integer.parseInt(text(key));
  }

  /** Returns the kind of computation that {@code kind} names. */
  Kind kind() {
    return Kind.named(text("kind"));
  }

  /** Returns the layers of the network {@code net} that have such a computation. */
  List<Layer> layers() {
    return Layers.of(text("net")).stream().filter(kind()::covers).toList();
  }
}
