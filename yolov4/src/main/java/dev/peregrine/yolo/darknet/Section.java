package dev.peregrine.yolo.darknet;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One bracketed section of a cfg as it stands in the file: a name and its {@code key=value} lines.
 *
 * @param name the name between the brackets, as written
 * @param line the line of the opening bracket, from 1
 * @param entries the lines below it, in their order
 */
public record Section(String name, int line, List<Entry> entries) {
  /**
   * One line {@code key=value}; both sides are free of blanks.
   *
   * @param key the text before the first equals sign
   * @param value the text after it, without a trailing comment
   * @param line the line in the file, from 1
   */
  public record Entry(String key, String value, int line) {}

  /**
   * Creates a section.
   *
   * @param name the name between the brackets, as written
   * @param line the line of the opening bracket, from 1
   * @param entries the lines below it, in their order
   */
  public Section {
    entries = List.copyOf(entries);
  }

  /**
   * Finds a key; where it stands twice, the first one counts, as in darknet.
   *
   * @param key the key
   * @return its line, or empty where the section does not have it
   */
  public Optional<Entry> find(String key) {
    return entries.stream().filter(entry -> entry.key().equals(key)).findFirst();
  }

  /**
   * The same section with another value of a key, in its place, or at the end where it was missing.
   *
   * @param key the key
   * @param value its new value
   * @return the changed section
   */
  public Section with(String key, String value) {
    Optional<Entry> old = find(key);
    List<Entry> changed = new ArrayList<>(entries);
    if (old.isPresent()) {
      changed.set(entries.indexOf(old.get()), new Entry(key, value, old.get().line()));
    } else {
      changed.add(new Entry(key, value, line));
    }
    return new Section(name, line, changed);
  }
}
