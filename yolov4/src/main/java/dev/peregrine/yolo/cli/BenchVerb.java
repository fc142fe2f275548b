package dev.peregrine.yolo.cli;

import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Runs benchmarks of the kernels.
 *
 * <p>They are no part of this module: the launcher adds them to the class path for this verb, and
 * there Java finds them as a tool.
 */
final class BenchVerb implements Verb {
  private static final String TOOL = "peregrine-bench";

  private static final Key<String> PATTERN =
      Key.text("pattern", "", "part of the names of those to run; without it they are listed");
  private static final Key<String> PARAMS =
      Key.text("params", "", "values of a benchmark's parameters, such as 'net=csp;batch=1,4'");
  private static final Key<Integer> FORKS =
      Key.whole("forks", "", 1, 100, "processes for each; the benchmark's own number unless given");
  private static final Key<Integer> WARMUPS =
      Key.whole("warmups", "", 0, 1000, "iterations that do not count");
  private static final Key<Integer> ITERATIONS =
      Key.whole("iterations", "", 1, 1000, "iterations that count");
  private static final Key<Double> SECONDS =
      Key.number("seconds", "", 0.01, 3600, "length of an iteration");
  private static final Key<Path> JSON = Key.path("json", "file to write the results to, as JMH's");
  private static final Key<Path> COMPARE =
      Key.path("compare", "file that json= wrote before, to compare with row by row");

  /** What the tool is told, under the same names. */
  private static final List<Key<?>> TOLD =
      List.of(PATTERN, PARAMS, FORKS, WARMUPS, ITERATIONS, SECONDS, JSON, COMPARE);

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String summary() {
    return "lists or runs benchmarks of the kernels, and compares with a run from before";
  }

  @Override
  public String example() {
    return "./yolo bench LayerBenchmark json=now.json";
  }

  @Override
  public List<Key<?>> keys() {
    return TOLD;
  }

  @Override
  public String bareKey() {
    return PATTERN.name();
  }

  @Override
  public int run(Call call) {
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    List<String> arguments = new ArrayList<>();
    for (Key<?> key : TOLD) {
      call.text(key).ifPresent(text -> arguments.add(key.name() + "=" + text));
    }
    arguments.add("verbose=" + call.get(Call.VERBOSE));
    String device = call.get(Call.DEVICE);
    if (call.has(Call.THREADS)) {
      arguments.add("device=cpu:" + call.get(Call.THREADS));
    } else if (!device.equals("auto")) {
      arguments.add("device=" + device);
    }
    return ToolProvider.findFirst(TOOL)
        .orElseThrow(() ->
            new UsageException(
                "bench: the benchmarks are not on the class path; './yolo bench' of the sources"
                    + " builds them and puts them there"))
        .run(call.console().out(), call.console().err(), arguments.toArray(String[]::new));
  }
}
