package dev.peregrine.yolo.cli;

import dev.peregrine.yolo.cli.data.AnchorsVerb;
import dev.peregrine.yolo.cli.data.DataAugmentVerb;
import dev.peregrine.yolo.cli.data.DataCheckVerb;
import dev.peregrine.yolo.cli.data.DataConvertVerb;
import dev.peregrine.yolo.cli.data.DataStatsVerb;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Console;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Help;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.cli.model.BenchmarkVerb;
import dev.peregrine.yolo.cli.model.ConvertVerb;
import dev.peregrine.yolo.cli.model.ExportVerb;
import dev.peregrine.yolo.cli.model.LayersVerb;
import dev.peregrine.yolo.cli.model.ProfileVerb;
import dev.peregrine.yolo.cli.model.ScalingVerb;
import dev.peregrine.yolo.cli.model.SummaryVerb;
import dev.peregrine.yolo.cli.train.DemoVerb;
import dev.peregrine.yolo.cli.train.TrainVerb;
import dev.peregrine.yolo.cli.train.ValVerb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line.
 *
 * <p>Exit status: 0 done, 1 the work failed, 2 the call or an input was wrong. An error is one
 * sentence on the error stream.
 */
public final class Main {
  /** The verbs, in the order of the help text. */
  private static final List<Verb> VERBS =
      List.of(
          new DemoVerb(),
          new PredictVerb(),
          new TrainVerb(),
          new ValVerb(),
          new SummaryVerb(),
          new LayersVerb(),
          new ProfileVerb(),
          new BenchmarkVerb(),
          new BenchVerb(),
          new DataCheckVerb(),
          new DataStatsVerb(),
          new DataConvertVerb(),
          new DataAugmentVerb(),
          new ConvertVerb(),
          new ExportVerb(),
          new AnchorsVerb(),
          new ScalingVerb(),
          new ServeVerb(),
          new DoctorVerb(),
          new CompletionVerb(Main::verbs),
          new VersionVerb());

  private Main() {}

  private static List<Verb> verbs() {
    return VERBS;
  }

  /**
   * Starts a verb and ends the process with its exit status.
   *
   * @param arguments the verb and its settings
   */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), Console.system()));
  }

  /** Runs one call and returns its exit status. */
  static int run(List<String> arguments, Console console) {
    if (arguments.size() > 1 && isHelp(arguments.getFirst())) {
      List<String> verb = arguments.subList(1, arguments.size());
      return run(Stream.concat(verb.stream(), Stream.of("--help")).toList(), console);
    }
    if (arguments.isEmpty() || isHelp(arguments.getFirst())) {
      console.out().print(Help.overview(VERBS));
      return arguments.isEmpty() ? Failure.WRONG_CALL : Failure.NONE;
    }
    boolean verbose = false;
    try {
      Verb verb = verb(arguments);
      int words = verb.name().split(" ", -1).length;
      List<String> rest = arguments.subList(Math.min(words, arguments.size()), arguments.size());
      if (rest.stream().anyMatch(word -> word.startsWith("-") && isHelp(word))
          || rest.equals(List.of("help"))) {
        console.out().print(Help.of(verb));
        return Failure.NONE;
      }
      Map<String, String> settings = settings(verb, rest);
      verbose = !settings.getOrDefault(Call.VERBOSE.name(), "false").equals("false");
      return verb.run(new Call(verb, settings, console));
    } catch (RuntimeException | OutOfMemoryError | LinkageError thrown) {
      return Failure.tell(thrown, verbose, console.err());
    }
  }

  private static boolean isHelp(String word) {
    return word.equals("--help") || word.equals("-h") || word.equals("help");
  }

  /** The verb that the first word means, or the first two. */
  private static Verb verb(List<String> arguments) {
    String first = arguments.getFirst();
    boolean group = VERBS.stream().anyMatch(verb -> verb.name().startsWith(first + " "));
    String second = arguments.size() > 1 && !isHelp(arguments.get(1)) ? arguments.get(1) : "";
    String name = group ? (first + " " + second).strip() : first;
    String plain = name.equals("--version") ? "version" : name;
    return VERBS.stream()
        .filter(verb -> verb.name().equals(plain))
        .findFirst()
        .orElseThrow(() -> {
          List<String> names = VERBS.stream().map(Verb::name).toList();
          if (plain.equals(first) && group) {
            String own =
                names.stream()
                    .filter(each -> each.startsWith(first + " "))
                    .collect(Collectors.joining(", "));
            return new UsageException("'" + first + "' needs a second word: " + own);
          }
          String near = Help.suggestion(name, names);
          return new UsageException(
              "there is no verb '"
                  + name
                  + "'"
                  + near
                  + (near.isEmpty()
                      ? "; the verbs are " + String.join(", ", names)
                      : "; './yolo help' lists the verbs"));
        });
  }

  /** Reads the settings with picocli, whose specification is made of the verb's keys. */
  private static Map<String, String> settings(Verb verb, List<String> arguments) {
    List<Key<?>> keys = Call.keys(verb);
    CommandSpec spec = CommandSpec.create().name(verb.name().replace(' ', '-'));
    for (Key<?> key : keys) {
      OptionSpec.Builder option = OptionSpec.builder("--" + key.name()).type(String.class);
      spec.addOption(
          key.need() == Key.Need.FLAG
              ? option.arity("0..1").fallbackValue("true").build()
              : option.arity("1").build());
    }
    CommandLine.ParseResult result;
    try {
      result =
          new CommandLine(spec)
              .setExpandAtFiles(false)
              .parseArgs(
                  Arguments.normalize(arguments, keys, verb.bareKey()).toArray(String[]::new));
    } catch (ParameterException failure) {
      throw sentence(verb, keys, failure);
    }
    Map<String, String> settings = new HashMap<>();
    for (Key<?> key : keys) {
      if (result.hasMatchedOption("--" + key.name())) {
        settings.put(key.name(), result.matchedOptionValue("--" + key.name(), ""));
      }
    }
    return settings;
  }

  /** What a word without a key may have been meant to be. */
  private static String meant(Verb verb, List<Key<?>> keys, String word) {
    String plain = word.replaceFirst("^-", "");
    for (Key<?> key : keys) {
      if (key.name().equals(plain) && key.need() != Key.Need.FLAG) {
        return plain + "=VALUE without blanks, or --" + plain + " VALUE";
      }
      boolean input = key.name().equals("source") || key.name().equals("data");
      if (input && Files.exists(Path.of(word))) {
        return key.name() + "=" + word;
      }
      if (key.name().equals(plain)) {
        return plain + "=true";
      }
    }
    return "key=value, such as " + verb.example();
  }

  private static UsageException sentence(Verb verb, List<Key<?>> keys, ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().getFirst();
      if (!word.startsWith("--")) {
        return new UsageException(
            verb.name() + ": '" + word + "' is no setting; write " + meant(verb, keys, word),
            failure);
      }
      String name = word.substring(2).replaceFirst("=.*", "");
      return new UsageException(
          verb.name()
              + ": there is no key '"
              + name
              + "'"
              + Help.suggestion(name, keys.stream().map(Key::name).toList())
              + "; './yolo "
              + verb.name()
              + " --help' lists the keys",
          failure);
    }
    ArgSpec argument =
        switch (failure) {
          case OverwrittenOptionException twice -> twice.getOverwritten();
          case MissingParameterException none -> none.getMissing().getFirst();
          default -> throw failure;
        };
    String key = argument instanceof OptionSpec option ? option.longestName().substring(2) : "";
    return new UsageException(
        verb.name()
            + ": "
            + key
            + (failure instanceof OverwrittenOptionException
                ? "= is given twice"
                : "= needs a value"),
        failure);
  }
}
