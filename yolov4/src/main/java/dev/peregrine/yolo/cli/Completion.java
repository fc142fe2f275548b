package dev.peregrine.yolo.cli;

import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.Verb;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Scripts by which a shell completes verbs, keys and values.
 *
 * <p>They are made of the verbs themselves. picocli's own generator knows {@code --key value} only,
 * not {@code key=value}.
 */
final class Completion {
  /** Shells there are scripts for. */
  enum Shell {
    /** Version 4 and later; version 3 with a blank after each key. */
    BASH,
    /** With its completion system. */
    ZSH
  }

  private Completion() {}

  /** The script of a shell. */
  static String script(Shell shell, List<Verb> verbs) {
    Map<String, List<String>> groups = new TreeMap<>();
    groups.put("", new ArrayList<>(new LinkedHashSet<>(firstWords(verbs))));
    StringBuilder keys = new StringBuilder();
    Map<String, Set<String>> files = new LinkedHashMap<>();
    Map<String, Set<String>> choices = new LinkedHashMap<>();
    for (Verb verb : verbs) {
      String[] words = verb.name().split(" ", 2);
      if (words.length == 2) {
        groups.computeIfAbsent(words[0], word -> new ArrayList<>()).add(words[1]);
      }
      List<String> names = new ArrayList<>();
      String bare = "";
      for (Key<?> key : Call.keys(verb)) {
        names.add(key.name() + "=");
        String place = '"' + verb.name() + " " + key.name() + '"';
        String values = String.join(" ", words(key));
        if (!values.isEmpty()) {
          choices.computeIfAbsent(values, value -> new LinkedHashSet<>()).add(place);
        }
        if (key.takesFiles() && !key.name().equals(Call.DEVICE.name())) {
          files.computeIfAbsent("yes", value -> new LinkedHashSet<>()).add(place);
        }
        if (key.name().equals(verb.bareKey())) {
          bare = values;
        }
      }
      keys.append("    \"").append(verb.name()).append("\") keys='");
      keys.append(String.join(" ", names)).append("' names='").append(bare).append("' ;;\n");
    }
    Map<String, Set<String>> lists = new LinkedHashMap<>();
    groups.forEach((word, list) ->
        lists
            .computeIfAbsent(String.join(" ", list), key -> new LinkedHashSet<>())
            .add('"' + word + '"'));
    groups.remove("");
    return function(shell)
        + "_yolo_groups='"
        + String.join(" ", groups.keySet())
        + "'\n_yolo_verbs() {\n"
        + cases("choices", lists)
        + "}\n_yolo_keys() {\n  case $1 in\n"
        + keys
        + "  esac\n}\n_yolo_values() {\n"
        + cases("choices", choices)
        + cases("files", files)
        + "}\n";
  }

  private static List<String> words(Key<?> key) {
    return switch (key.name()) {
      case "device" -> List.of("auto", "cpu", "opencl", "reference");
      case "model" -> Models.names();
      default -> key.words();
    };
  }

  /** What is the same for all verbs: a file beside this class. */
  private static String function(Shell shell) {
    String file = "completion." + Key.lower(shell);
    try (InputStream in = Completion.class.getResourceAsStream(file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(file + " cannot be read", failure);
    }
  }

  private static List<String> firstWords(List<Verb> verbs) {
    return verbs.stream().map(verb -> verb.name().split(" ", 2)[0]).toList();
  }

  private static String cases(String variable, Map<String, Set<String>> places) {
    StringBuilder text = new StringBuilder("  case $1 in\n");
    places.forEach((value, where) ->
        text.append("    ")
            .append(String.join(" | ", where))
            .append(") ")
            .append(variable)
            .append("='")
            .append(value)
            .append("' ;;\n"));
    return text.append("  esac\n").toString();
  }
}
