package dev.peregrine.bench.tool;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.spi.ToolProvider;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Lists and runs the benchmarks: what {@code ./yolo bench} finds on its class path.
 *
 * <p>Arguments are {@code key=value} with the keys of that verb, which has read them before: {@code
 * pattern params device forks warmups iterations seconds json compare verbose}.
 */
public final class BenchmarkTool implements ToolProvider {
  /** Makes the tool; {@link ToolProvider} asks for this. */
  public BenchmarkTool() {}

  @Override
  public String name() {
    return "peregrine-bench";
  }

  /**
   * Lists the benchmarks where there is no {@code pattern=}, else runs those that it finds.
   *
   * <p><b>Errors</b> {@link FormatException} for a pattern that fits nothing and for a file that is
   * no run of benchmarks; {@link IllegalStateException} where a benchmark fails.
   *
   * @param out where the table goes
   * @param err unused
   * @param arguments see above
   * @return 0
   */
  @Override
  public int run(PrintWriter out, PrintWriter err, String... arguments) {
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      settings.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    Collection<BenchmarkListEntry> all = all();
    if (!settings.containsKey("pattern")) {
      list(all, out);
      return 0;
    }
    List<BenchmarkListEntry> chosen = choose(all, settings.getOrDefault("pattern", ""));
    String file = settings.getOrDefault("compare", "");
    List<Score> before = file.isEmpty() ? List.of() : Score.parse(read(file), file);
    ScoreTable table = new ScoreTable(out, before);
    table.header();
    List<RunResult> results = new ArrayList<>();
    for (BenchmarkListEntry entry : chosen) {
      List<RunResult> part = List.copyOf(measure(entry, settings));
      results.addAll(part);
      Score.parse(json(part), entry.getUsername()).forEach(table::row);
    }
    table.footer(file, System.getProperty("java.version", ""));
    if (settings.containsKey("json")) {
      write(Path.of(settings.getOrDefault("json", "")), json(results));
      out.println("wrote " + settings.get("json"));
    }
    return 0;
  }

  private static Collection<BenchmarkListEntry> all() {
    try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream())) {
      return BenchmarkList.defaultList()
          .getAll(OutputFormatFactory.createFormatInstance(nowhere, VerboseMode.SILENT), List.of());
    }
  }

  private static void list(Collection<BenchmarkListEntry> all, PrintWriter out) {
    for (BenchmarkListEntry entry : all) {
      out.println(name(entry));
      if (entry.getParams().hasValue()) {
        entry
            .getParams()
            .get()
            .forEach((name, values) -> out.println("    " + name + "=" + String.join(",", values)));
      }
    }
    out.println("run some: ./yolo bench PATTERN, such as ./yolo bench Peak json=peak.json");
  }

  /** Class and method without the package. */
  private static String name(BenchmarkListEntry entry) {
    String[] parts = entry.getUsername().split("\\.", -1);
    return parts[parts.length - 2] + "." + parts[parts.length - 1];
  }

  private static List<BenchmarkListEntry> choose(
      Collection<BenchmarkListEntry> all, String pattern) {
    Pattern wanted;
    try {
      wanted = Pattern.compile(pattern);
    } catch (PatternSyntaxException failure) {
      throw new FormatException(
          "bench: '"
              + pattern
              + "' is no regular expression ("
              + failure.getDescription()
              + "); a part of a benchmark's name is one",
          failure);
    }
    List<BenchmarkListEntry> chosen =
        all.stream().filter(entry -> wanted.matcher(entry.getUsername()).find()).toList();
    if (chosen.isEmpty()) {
      throw new FormatException(
          "bench: no benchmark has '"
              + pattern
              + "' in its name; there are "
              + String.join(", ", all.stream().map(BenchmarkTool::name).toList()));
    }
    return chosen;
  }

  private static Collection<RunResult> measure(
      BenchmarkListEntry entry, Map<String, String> settings) {
    boolean verbose = settings.getOrDefault("verbose", "").equals("true");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(entry.getUsername()) + "$")
            .shouldFailOnError(true)
            .verbosity(verbose ? VerboseMode.NORMAL : VerboseMode.SILENT);
    settings.forEach((key, value) -> {
      switch (key) {
        case "forks" -> options.forks(Integer.valueOf(value));
        case "warmups" -> options.warmupIterations(Integer.parseInt(value));
        case "iterations" -> options.measurementIterations(Integer.parseInt(value));
        case "seconds" -> {
          TimeValue time = TimeValue.milliseconds(Math.round(1000 * Double.parseDouble(value)));
          options.warmupTime(time).measurementTime(time);
        }
        case "device" -> options.param("device", value);
        case "params" -> parameters(value, options);
        default -> {
          // The keys that say what to do with the results.
        }
      }
    });
    try {
      return new Runner(options.build()).run();
    } catch (RunnerException failure) {
      throw new IllegalStateException(
          "bench: "
              + name(entry)
              + " failed ("
              + failure.getMessage()
              + "); verbose=true shows what its process printed",
          failure);
    }
  }

  private static void parameters(String text, ChainedOptionsBuilder options) {
    for (String pair : text.split(";", -1)) {
      String[] sides = pair.strip().split("=", 2);
      if (sides.length < 2) {
        throw new FormatException(
            "bench: params="
                + text
                + " is wrong: it must be name=value, several parted by ';', several values of one"
                + " by ','");
      }
      options.param(sides[0], sides[1].split(",", -1));
    }
  }

  private static String json(Collection<RunResult> results) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream text = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, text).writeOut(results);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException failure) {
      throw new FormatException(
          "compare=" + file + " cannot be read: " + failure + "; give a file of json=", failure);
    }
  }

  private static void write(Path file, String text) {
    try {
      WholeFile.write(file, text);
    } catch (IOException failure) {
      throw new UncheckedIOException("bench: " + file + " cannot be written", failure);
    }
  }
}
