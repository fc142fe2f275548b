package dev.peregrine.yolo.evolve;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * The table of a search: a line of names, then one of numbers for each generation. The columns are
 * the generation, its fitness, its results and, behind the column named {@code |}, which is empty,
 * its values.
 *
 * @param file where it lies
 * @param genes whose values it holds
 */
record EvolutionTable(Path file, List<Gene> genes) {
  private static final String BAR = "|";
  private static final int BEFORE_RESULTS = 2;

  /**
   * Writes all rows; the file appears whole or not at all.
   *
   * @param trials at least one
   */
  void write(List<Trial> trials) {
    StringBuilder text = new StringBuilder("generation,fitness");
    trials.getFirst().outcome().results().keySet().forEach(name -> text.append(',').append(name));
    text.append(',').append(BAR);
    genes.forEach(gene -> text.append(',').append(gene.name()));
    for (Trial trial : trials) {
      text.append('\n').append(trial.generation()).append(',').append(trial.outcome().fitness());
      trial.outcome().results().values().forEach(number -> text.append(',').append(number));
      text.append(',');
      trial.values().values().forEach(number -> text.append(',').append(number));
    }
    replace(file, text.append('\n').toString());
  }

  /** Reads all rows. */
  List<Trial> read() {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new FormatException("%s cannot be read (%s)".formatted(file, e), e);
    }
    List<String> names = lines.isEmpty() ? List.of() : List.of(lines.getFirst().split(",", -1));
    List<String> wanted = genes.stream().map(Gene::name).toList();
    int bar = names.indexOf(BAR);
    if (bar < BEFORE_RESULTS || !names.subList(bar + 1, names.size()).equals(wanted)) {
      throw new FormatException(
          file
              + ":1: is not the table of this search, which breeds "
              + String.join(", ", wanted)
              + "; go on with the settings it was started with, or choose another folder");
    }
    List<Trial> trials = new ArrayList<>();
    for (int row = 1; row < lines.size(); row++) {
      String[] fields = lines.get(row).split(",", -1);
      if (fields.length != names.size()) {
        throw new FormatException(
            "%s:%d: %d fields, but the first line names %d columns"
                .formatted(file, row + 1, fields.length, names.size()));
      }
      trials.add(
          new Trial(
              row - 1,
              numbers(names, fields, bar + 1, fields.length, row),
              new Outcome(
                  number(fields[1], row), numbers(names, fields, BEFORE_RESULTS, bar, row))));
    }
    return trials;
  }

  private SequencedMap<String, Double> numbers(
      List<String> names, String[] fields, int from, int to, int row) {
    SequencedMap<String, Double> numbers = new LinkedHashMap<>();
    for (int i = from; i < to; i++) {
      numbers.put(names.get(i), number(fields[i], row));
    }
    return numbers;
  }

  private double number(String text, int row) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new FormatException("%s:%d: '%s' is not a number".formatted(file, row + 1, text), e);
    }
  }

  /** Writes the numbers of the best trial as a small YAML text. */
  static void writeBest(Path file, Trial best, int generations) {
    String results =
        best.outcome().results().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
    StringBuilder text = new StringBuilder();
    text.append(
        "# the best of %d generations: generation %d, fitness %s\n"
            .formatted(generations, best.generation(), best.outcome().fitness()));
    if (!results.isEmpty()) {
      text.append("# ").append(results).append('\n');
    }
    for (Map.Entry<String, Double> entry : best.values().entrySet()) {
      text.append(entry.getKey()).append(": ").append(entry.getValue()).append('\n');
    }
    replace(file, text.toString());
  }

  private static void replace(Path file, String text) {
    try {
      WholeFile.write(file, text);
    } catch (IOException e) {
      throw new FormatException(
          file + " cannot be written (" + e + "): the folder must be writable", e);
    }
  }
}
