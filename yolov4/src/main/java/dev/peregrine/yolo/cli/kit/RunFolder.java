package dev.peregrine.yolo.cli.kit;

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
public final class RunFolder {
  public static final Key<String> NAME = Key.text("name", "run", "name of the folder in runs/VERB");
  public static final Key<Path> OUT =
      Key.path("out", "the run's folder itself, instead of runs/VERB/NAME; must be new or empty");

  /** The keys of verbs that make files. */
  public static final List<Key<?>> KEYS = List.of(NAME, OUT);

  /** The key of networks: a word of many, or a file. */
  private static final String NETWORK = "model";

  private final Call call;
  private final Map<String, String> facts;
  private final Path intended;
  private final boolean numbered;
  private Path made = Path.of("");

  private RunFolder(Call call, Map<String, String> facts, Path intended, boolean numbered) {
    this.call = call;
    this.facts = new LinkedHashMap<>(facts);
    this.intended = intended;
    this.numbered = numbered;
    TextFiles.requireWritable(intended.resolve("args.yaml"));
  }

  /**
   * Prepares the folder that {@code name=} or {@code out=} means, without making it.
   *
   * <p><b>Errors</b> {@link UsageException} where {@code out=} holds files already; {@link
   * FormatException} where it could not be made.
   *
   * @param call the call, whose settings go into {@code args.yaml}
   * @param facts what else goes there, such as the device and a hash of the data
   */
  public static RunFolder of(Call call, Map<String, String> facts) {
    if (!call.has(OUT)) {
      Path runs = Path.of("runs", call.verb().name().replace(' ', '-'));
      return numbered(call, runs.resolve(call.get(NAME)), facts);
    }
    Path out = call.get(OUT);
    String[] content = out.toFile().list();
    if (Files.isRegularFile(out)) {
      throw new UsageException("out=" + out + " is a file; a folder was expected there");
    }
    if (Files.exists(out) && (content == null || content.length > 0)) {
      throw new UsageException(
          "out=" + out + " exists and is not empty; runs are never overwritten, take a new name");
    }
    return new RunFolder(call, facts, out, false);
  }

  /**
   * Prepares a folder of a given name, or with a number where that exists.
   *
   * @param call the call
   * @param wanted the folder
   * @param facts what else is told in {@code args.yaml}
   */
  public static RunFolder numbered(Call call, Path wanted, Map<String, String> facts) {
    return new RunFolder(call, facts, wanted, true);
  }

  /** The folder, made at the first call with {@code args.yaml} in it. */
  public Path path() {
    if (made.toString().isEmpty()) {
      made = make();
      TextFiles.write(made.resolve("args.yaml"), description());
    }
    return made;
  }

  /** Whether the folder was made. */
  public boolean exists() {
    return !made.toString().isEmpty();
  }

  /** Adds what a run did by itself to its {@code args.yaml}, once. */
  public static void note(Path folder, String sentence) {
    Path file = folder.resolve("args.yaml");
    String line = "# " + sentence.replace('\n', ' ') + "\n";
    String present = Files.exists(file) ? TextFiles.read(file) : "";
    if (!present.contains(line)) {
      TextFiles.write(file, present + line);
    }
  }

  private Path make() {
    try {
      if (!numbered) {
        return Files.createDirectories(intended);
      }
      Path parent = intended.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      return makeNumbered();
    } catch (IOException failure) {
      throw new FormatException(
          intended
              + " cannot be made ("
              + TextFiles.reason(failure)
              + "); take another place with out=",
          failure);
    }
  }

  private Path makeNumbered() throws IOException {
    Path candidate = intended;
    for (int number = 2; ; number++) {
      try {
        return Files.createDirectory(candidate);
      } catch (FileAlreadyExistsException taken) {
        if (number == Integer.MAX_VALUE) {
          throw taken;
        }
        candidate = intended.resolveSibling(intended.getFileName() + "" + number);
      }
    }
  }

  private String description() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("verb", call.verb().name());
    for (Key<?> key : Call.keys(call.verb())) {
      call.text(key).ifPresent(text -> all.put(key.name(), portable(key, text)));
    }
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

  /** Files by their whole path, so that the settings hold in any folder. */
  private static String portable(Key<?> key, String text) {
    boolean file =
        key.parse(text) instanceof Path
            || (key.name().equals(NETWORK) && Files.isRegularFile(Path.of(text)));
    return file ? Path.of(text).toAbsolutePath().normalize().toString() : text;
  }

  /** Whether a reader that takes it for a number has the same text: 0012 would come back as 12. */
  private static boolean isNumber(String text) {
    return text.matches("0|-?[1-9][0-9]{0,17}")
        || (text.matches("-?[0-9]+\\.[0-9]+(E-?[0-9]+)?")
            && Double.toString(Double.parseDouble(text)).equals(text));
  }

  /** A YAML text in quotes, or a plain word where that cannot be misread. */
  private static String quote(String text) {
    if (text.equals("true") || text.equals("false") || isNumber(text)) {
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
