package dev.peregrine.bench.tool;

import dev.peregrine.tensor.FormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one benchmark measured with one choice of its parameters.
 *
 * @param benchmark class and method, the class with its package
 * @param mode JMH's short word, such as {@code thrpt} or {@code avgt}
 * @param parameters values by name, in the order of names
 * @param score the mean of all iterations
 * @param error half the width of the 99.9 % confidence interval; NaN where there were too few
 *     iterations to tell
 * @param unit of score and error
 * @param more further results by name, such as {@code percentOfPeak}
 * @param java the version of Java that ran it
 */
record Score(
    String benchmark,
    String mode,
    Map<String, String> parameters,
    double score,
    double error,
    String unit,
    Map<String, Double> more,
    String java) {

  /**
   * Reads the JSON that JMH writes.
   *
   * <p><b>Errors</b> {@link FormatException} if the text is something else.
   *
   * @param json the text
   * @param file where it is from, for errors
   * @return a score for each of its results
   */
  static List<Score> parse(String json, String file) {
    JsonNode root;
    try {
      root = JsonMapper.shared().readTree(json);
    } catch (JacksonException failure) {
      throw new FormatException(notJmh(file) + " (" + failure.getOriginalMessage() + ")", failure);
    }
    if (!root.isArray()) {
      throw new FormatException(notJmh(file));
    }
    List<Score> scores = new ArrayList<>();
    for (JsonNode result : root) {
      JsonNode primary = result.path("primaryMetric");
      if (!result.path("benchmark").isString() || !primary.has("score")) {
        throw new FormatException(
            notJmh(file) + ": its result " + (scores.size() + 1) + " has no benchmark or no score");
      }
      Map<String, String> parameters = new TreeMap<>();
      result
          .path("params")
          .properties()
          .forEach(each -> parameters.put(each.getKey(), each.getValue().asString("")));
      Map<String, Double> more = new TreeMap<>();
      result
          .path("secondaryMetrics")
          .properties()
          .forEach(each -> more.put(each.getKey(), number(each.getValue().path("score"))));
      scores.add(
          new Score(
              result.path("benchmark").asString(""),
              result.path("mode").asString(""),
              parameters,
              number(primary.path("score")),
              number(primary.path("scoreError")),
              primary.path("scoreUnit").asString(""),
              more,
              result.path("jdkVersion").asString("")));
    }
    return scores;
  }

  private static String notJmh(String file) {
    return file
        + ": is no run of benchmarks; './yolo bench PATTERN json=FILE' writes one, in JMH's JSON";
  }

  /** JMH writes what is no number as a text. */
  private static double number(JsonNode node) {
    return node.isNumber() ? node.doubleValue() : Double.NaN;
  }

  /** Class and method without the package. */
  String name() {
    String[] parts = benchmark.split("\\.", -1);
    return parts.length < 2 ? benchmark : parts[parts.length - 2] + "." + parts[parts.length - 1];
  }

  /** The parameters as text. */
  String settings() {
    List<String> pairs = new ArrayList<>();
    parameters.forEach((name, value) -> pairs.add(name + "=" + value));
    return String.join(" ", pairs);
  }

  /** Whether the other one measured the same thing in the same unit. */
  boolean matches(Score other) {
    return benchmark.equals(other.benchmark)
        && mode.equals(other.mode)
        && parameters.equals(other.parameters)
        && unit.equals(other.unit);
  }

  /** Whether a greater score is a faster one. */
  boolean isRate() {
    return mode.equals("thrpt");
  }

  /** A further result, NaN where this benchmark has none of that name. */
  double more(String name) {
    return more.getOrDefault(name, Double.NaN);
  }
}
