package dev.peregrine.yolo.cli.kit;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One {@code key=value} of a verb.
 *
 * @param <T> what its text stands for
 * @param name as it is typed
 * @param fallback the text that holds when none is given; empty for none
 * @param need whether the verb cannot do without
 * @param description for {@code --help}, without a full stop
 * @param parser makes the value of a text; complains with an {@link IllegalArgumentException} that
 *     says what a value must be
 */
public record Key<T>(
    String name, String fallback, Need need, String description, Function<String, T> parser) {
  /** Whether a key must be given. */
  public enum Need {
    /** The verb has an answer without it. */
    OPTIONAL,
    /** The verb fails without it. */
    REQUIRED,
    /** Optional, and naming it without a value means true. */
    FLAG
  }

  private static final String WHOLE = "a whole number";
  private static final String ONE_OF = "one of ";

  public static Key<String> text(String name, String fallback, String description) {
    return new Key<>(name, fallback, Need.OPTIONAL, description, text -> text);
  }

  public static Key<Path> path(String name, String description) {
    return new Key<>(name, "", Need.OPTIONAL, description, Path::of);
  }

  public static Key<Double> number(
      String name, String fallback, double least, double most, String description) {
    return new Key<>(
        name,
        fallback,
        Need.OPTIONAL,
        description,
        text -> {
          double value;
          try {
            value = Double.parseDouble(text);
          } catch (NumberFormatException failure) {
            throw new IllegalArgumentException("a number", failure);
          }
          return requireRange(value, value >= least && value <= most, least, most);
        });
  }

  public static Key<Integer> whole(
      String name, String fallback, int least, int most, String description) {
    return new Key<>(
        name,
        fallback,
        Need.OPTIONAL,
        description,
        text -> {
          int value;
          try {
            value = Integer.parseInt(text);
          } catch (NumberFormatException failure) {
            throw new IllegalArgumentException(WHOLE, failure);
          }
          return requireRange(value, value >= least && value <= most, least, most);
        });
  }

  private static <N extends Number> N requireRange(
      N value, boolean holds, Number least, Number most) {
    if (holds) {
      return value;
    }
    throw new IllegalArgumentException(
        most.doubleValue() >= Integer.MAX_VALUE
            ? "at least " + plain(least)
            : "between " + plain(least) + " and " + plain(most));
  }

  private static String plain(Number number) {
    double value = number.doubleValue();
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }

  public static Key<Long> seed() {
    return new Key<>(
        "seed",
        "0",
        Need.OPTIONAL,
        "start of everything random",
        text -> {
          try {
            return Long.valueOf(text);
          } catch (NumberFormatException failure) {
            throw new IllegalArgumentException(WHOLE, failure);
          }
        });
  }

  public static Key<Boolean> flag(String name, boolean fallback, String description) {
    return new Key<>(
        name,
        String.valueOf(fallback),
        Need.FLAG,
        description,
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true", "yes", "on", "1" -> true;
              case "false", "no", "off", "0" -> false;
              default -> throw new IllegalArgumentException("true or false");
            });
  }

  /** A key whose values are the constants of an enum, in lower case. */
  public static <E extends Enum<E>> Key<E> choice(
      String name, String fallback, Class<E> type, String description) {
    List<E> constants = Arrays.asList(type.getEnumConstants());
    return new Key<>(
        name,
        fallback,
        Need.OPTIONAL,
        description,
        text ->
            constants.stream()
                .filter(constant -> lower(constant).equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        ONE_OF
                            + constants.stream()
                                .map(Key::lower)
                                .collect(Collectors.joining(", ")))));
  }

  public static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  public static Key<InputSize> size(String name, String description) {
    return new Key<>(
        name,
        "",
        Need.OPTIONAL,
        description,
        text -> {
          try {
            return InputSize.parse(text);
          } catch (FormatException failure) {
            throw new IllegalArgumentException(
                "one number or HEIGHTxWIDTH, such as 416 or 224x320", failure);
          }
        });
  }

  /**
   * The words that a shell offers as values, as the law of the key lists them; none where values
   * are free.
   */
  public List<String> words() {
    if (need == Need.FLAG) {
      return List.of("true", "false");
    }
    String law = law();
    return law.startsWith(ONE_OF)
        ? List.of(law.substring(ONE_OF.length()).split(", ", -1))
        : List.of();
  }

  /** Whether the value may be the name of a file, as far as the key's law goes. */
  public boolean takesFiles() {
    return law().isEmpty();
  }

  /** What the parser says of a value that is neither a number nor any choice; empty for nothing. */
  private String law() {
    try {
      Object _ = parser.apply("?");
      return "";
    } catch (RuntimeException failure) { // parsers refuse by several types
      return String.valueOf(failure.getMessage());
    }
  }

  /** The same key, without which the verb fails. */
  public Key<T> required() {
    return new Key<>(name, fallback, Need.REQUIRED, description, parser);
  }

  /** The same key with another default. */
  public Key<T> withFallback(String text) {
    return new Key<>(name, text, need, description, parser);
  }

  /** The value of a text; the error names the key, the text and the law. */
  public T parse(String text) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException failure) {
      throw new UsageException(
          name + "=" + text + " is wrong: it must be " + failure.getMessage(), failure);
    }
  }
}
