package dev.peregrine.yolo.cli;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The folder of one run: {@code runs/VERB/NAME}, or NAME2 and so on where that exists; it is made
 * when first asked for, so that a call that fails early leaves nothing behind.
 */
final class RunFolder {
  static final Key<String> NAME = Key.text("name", "run", "name of the folder in runs/VERB");
  static final Key<Path> OUT =
      Key.path("out", "the run's folder itself, instead of runs/VERB/NAME; must be new or empty");

  /** The keys of verbs that make files. */
  static final List<Key<?>> KEYS = List.of(NAME, OUT);

  private final Call call;
  private final Map<String, String> facts;
  private Path made = Path.of("");

  /**
   * Prepares a folder without making it.
   *
   * <p><b>Errors</b> {@link UsageException} where {@code out=} holds files already; {@link
   * FormatException} where it could not be made.
   *
   * @param call the call, whose settings go into {@code args.yaml}
   * @param facts what else goes there, such as the device and a hash of the data
   */
  RunFolder(Call call, Map<String, String> facts) {
    this.call = call;
    this.facts = new LinkedHashMap<>(facts);
    if (call.has(OUT)) {
      Path out = call.get(OUT);
      String[] content = out.toFile().list();
      if (Files.exists(out) && (content == null || content.length > 0)) {
        throw new UsageException(
            "out=" + out + " exists and is not empty; runs are never overwritten, take a new name");
      }
    }
    TextFiles.requireWritable(intended().resolve("args.yaml"));
  }

  private Path intended() {
    return call.has(OUT)
        ? call.get(OUT)
        : Path.of("runs", call.verb().name(), call.text(NAME).orElse("run"));
  }

  /** The folder, made at the first call with {@code args.yaml} in it. */
  Path path() {
    if (made.toString().isEmpty()) {
      made = make();
      TextFiles.write(made.resolve("args.yaml"), description());
    }
    return made;
  }

  /** Whether the folder was made. */
  boolean exists() {
    return !made.toString().isEmpty();
  }

  private Path make() {
    Path wanted = intended();
    try {
      if (call.has(OUT)) {
        return Files.createDirectories(wanted);
      }
      Path parent = wanted.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      for (int number = 1; ; number++) {
        Path candidate =
            number == 1 ? wanted : wanted.resolveSibling(wanted.getFileName() + "" + number);
        try {
          return Files.createDirectory(candidate);
        } catch (FileAlreadyExistsException taken) {
          if (number == Integer.MAX_VALUE) {
            throw taken;
          }
        }
      }
    } catch (IOException failure) {
      throw new FormatException(
          wanted + " cannot be made (" + failure + "): take another place with out=", failure);
    }
  }

  private String description() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("verb", call.verb().name());
    Call.keys(call.verb())
        .forEach(key -> call.text(key).ifPresent(text -> all.put(key.name(), text)));
    all.put("peregrine", Versions.own());
    all.put("java", Versions.java());
    all.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores");
    all.putAll(facts);
    return all.entrySet().stream()
        .map(entry -> entry.getKey() + ": " + quote(entry.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  /** A YAML text in quotes, or a plain word where that cannot be misread. */
  private static String quote(String text) {
    if (text.matches("-?[0-9]+(\\.[0-9]+)?|true|false")) {
      return text;
    }
    return Arrays.stream(text.split("", -1))
        .map(letter ->
            switch (letter) {
              case "\"" -> "\\\"";
              case "\\" -> "\\\\";
              case "\n" -> "\\n";
              case "\t" -> "\\t";
              default -> letter;
            })
        .collect(Collectors.joining("", "\"", "\""));
  }
}
