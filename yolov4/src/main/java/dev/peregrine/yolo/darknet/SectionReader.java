package dev.peregrine.yolo.darknet;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.darknet.Section.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Typed access to one section's keys; every failure names file, line and the offending text. */
final class SectionReader {
  private static final int SHOWN = 60;

  private final String file;
  private final Section section;
  private final String type;
  private final CfgKeys.Known known;

  /** Checks the section's name and all its keys. */
  SectionReader(String file, Section section) {
    this.file = file;
    this.section = section;
    this.type = CfgKeys.canonical(section.name()).orElseThrow(() -> unknownSection(file, section));
    this.known = CfgKeys.of(type);
    for (Entry entry : section.entries()) {
      check(entry);
    }
  }

  private static FormatException unknownSection(String file, Section section) {
    String name = "[" + shown(section.name()) + "]";
    if (CfgKeys.unavailable(section.name())) {
      return error(
          file,
          section.line(),
          "section "
              + name
              + " is not supported; the sections that are: "
              + String.join(", ", CfgKeys.sections()));
    }
    return error(
        file,
        section.line(),
        "unknown section " + name + Nearest.suggestion(section.name(), CfgKeys.sections()));
  }

  private void check(Entry entry) {
    String key = entry.key();
    if (!known.contains(key)) {
      throw at(
          entry.line(),
          "unknown key '"
              + shown(key)
              + "' in ["
              + type
              + "]"
              + Nearest.suggestion(key, known.all()));
    }
    String only = known.defaultOnly().get(key);
    if (only != null && !same(only, entry.value())) {
      throw at(
          entry.line(),
          key
              + "="
              + shown(entry.value())
              + " in ["
              + type
              + "] is not supported; "
              + (only.equals("none") ? "leave the key out" : "only " + key + "=" + only + " is"));
    }
  }

  private static boolean same(String expected, String value) {
    if (expected.equals(value)) {
      return true;
    }
    try {
      return Double.parseDouble(expected) == Double.parseDouble(value);
    } catch (NumberFormatException notNumbers) {
      return false;
    }
  }

  String type() {
    return type;
  }

  int line() {
    return section.line();
  }

  boolean has(String key) {
    return find(key).isPresent();
  }

  private Optional<Entry> find(String key) {
    if (!known.read().contains(key)) {
      throw new IllegalStateException("key " + key + " is not declared for " + type);
    }
    return section.find(key);
  }

  private Entry require(String key) {
    return find(key).orElseThrow(() -> error(key, "[" + type + "] needs " + key + "="));
  }

  /** An error at the key's line, or at the section's where the key is not given. */
  FormatException error(String key, String problem) {
    return at(section.find(key).map(Entry::line).orElse(section.line()), problem);
  }

  /** An error at the section's line. */
  FormatException error(String problem) {
    return at(section.line(), problem);
  }

  private FormatException at(int line, String problem) {
    return error(file, line, problem);
  }

  static FormatException error(String file, int line, String problem) {
    return new FormatException(file + ":" + line + ": " + problem);
  }

  /** The text as it can be shown in one line. */
  static String shown(String text) {
    String clean = text.replaceAll("\\p{Cntrl}|\uFFFD", "?");
    return clean.length() <= SHOWN ? clean : clean.substring(0, SHOWN) + "...";
  }

  int integer(String key, int fallback) {
    return find(key).map(this::integer).orElse(fallback);
  }

  int positive(String key, int fallback) {
    return atLeast(key, 1, integer(key, fallback));
  }

  int notNegative(String key, int fallback) {
    return atLeast(key, 0, integer(key, fallback));
  }

  int requiredPositive(String key) {
    return atLeast(key, 1, integer(require(key)));
  }

  private int atLeast(String key, int least, int value) {
    if (value < least) {
      throw error(key, key + "=" + value + " must be at least " + least);
    }
    return value;
  }

  boolean flag(String key, boolean fallback) {
    return integer(key, fallback ? 1 : 0) != 0;
  }

  double decimal(String key, double fallback) {
    return find(key).map(entry -> decimal(entry, entry.value())).orElse(fallback);
  }

  String text(String key, String fallback) {
    return find(key).map(Entry::value).orElse(fallback);
  }

  List<Integer> requiredIntegers(String key) {
    return integers(require(key));
  }

  List<Integer> integers(String key) {
    return find(key).map(this::integers).orElse(List.of());
  }

  List<Double> requiredDecimals(String key) {
    return decimals(require(key));
  }

  List<Double> decimals(String key) {
    return find(key).map(this::decimals).orElse(List.of());
  }

  /** One of an enum's constants by its lower-case name. */
  <E extends Enum<E>> E choice(String key, E fallback) {
    Optional<Entry> entry = find(key);
    if (entry.isEmpty()) {
      return fallback;
    }
    List<String> names = new ArrayList<>();
    for (E constant : fallback.getDeclaringClass().getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(entry.get().value())) {
        return constant;
      }
      names.add(name);
    }
    throw notOneOf(key, String.join(", ", names));
  }

  /** An error that lists the values a key can have. */
  FormatException notOneOf(String key, String values) {
    String value = shown(text(key, ""));
    return error(key, key + "=" + value + " in [" + type + "] is not one of " + values);
  }

  private int integer(Entry entry) {
    return integer(entry, entry.value());
  }

  private List<Integer> integers(Entry entry) {
    return items(entry).stream().map(item -> integer(entry, item)).toList();
  }

  private List<Double> decimals(Entry entry) {
    return items(entry).stream().map(item -> decimal(entry, item)).toList();
  }

  private static List<String> items(Entry entry) {
    String[] items = entry.value().split(",");
    // Nothing but commas splits into nothing; as a whole it is refused for being no number.
    return items.length == 0 ? List.of(entry.value()) : List.of(items);
  }

  private int integer(Entry entry, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notInteger) {
      throw malformed(entry, text, "a whole number", notInteger);
    }
  }

  private double decimal(Entry entry, String text) {
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
      throw malformed(entry, text, "a finite number", null);
    } catch (NumberFormatException notNumber) {
      throw malformed(entry, text, "a number", notNumber);
    }
  }

  private FormatException malformed(
      Entry entry, String text, String wanted, @Nullable Throwable cause) {
    String where = text.equals(entry.value()) ? "" : " in " + shown(entry.value());
    return new FormatException(
        file
            + ":"
            + entry.line()
            + ": "
            + entry.key()
            + " in ["
            + type
            + "] must be "
            + wanted
            + ", not '"
            + shown(text)
            + "'"
            + where,
        cause);
  }
}
