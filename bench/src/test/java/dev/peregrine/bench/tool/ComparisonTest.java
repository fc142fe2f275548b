package dev.peregrine.bench.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.FormatException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Stored runs are read as JMH wrote them, and compared with what their errors allow. */
class ComparisonTest {
  private static Score score(String mode, double score, double error, double peak) {
    return new Score(
        "a.b.Layer.run",
        mode,
        Map.of("net", "tiny"),
        score,
        error,
        mode.equals("thrpt") ? "ops/s" : "ms/op",
        Map.of(ScoreTable.PEAK, peak),
        "25");
  }

  @Test
  void aStoredRunIsRead() {
    String json =
        """
        [{"jmhVersion": "1.37", "benchmark": "a.b.Layer.run", "mode": "thrpt",
          "jdkVersion": "25.0.3", "params": {"net": "tiny", "batch": "1"},
          "primaryMetric": {"score": 8.5, "scoreError": 0.25, "scoreUnit": "ops/s"},
          "secondaryMetrics": {"percentOfPeak": {"score": 61.5, "scoreError": "NaN"}}},
         {"benchmark": "a.b.Peak.copy", "mode": "avgt",
          "primaryMetric": {"score": 2, "scoreError": "NaN", "scoreUnit": "ms/op"}}]
        """;
    List<Score> scores = Score.parse(json, "run.json");
    assertThat(scores).hasSize(2);
    Score first = scores.getFirst();
    assertThat(first.name()).isEqualTo("Layer.run");
    assertThat(first.settings()).isEqualTo("batch=1 net=tiny");
    assertThat(first.score()).isEqualTo(8.5);
    assertThat(first.error()).isEqualTo(0.25);
    assertThat(first.more(ScoreTable.PEAK)).isEqualTo(61.5);
    assertThat(first.java()).isEqualTo("25.0.3");
    assertThat(scores.get(1).error()).isNaN();
    assertThat(scores.get(1).more(ScoreTable.PEAK)).isNaN();
    assertThat(scores.get(1).parameters()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[{}]", "[1]", "[{\"benchmark\": \"a\"}]", "not json"})
  void whatIsNoRunIsRefusedByName(String text) {
    assertThatThrownBy(() -> Score.parse(text, "x.json"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("x.json")
        .hasMessageContaining("./yolo bench PATTERN json=FILE");
  }

  @ParameterizedTest
  @CsvSource({
    "thrpt, 10, 0.1, 12, 0.1, 1.2, faster",
    "thrpt, 12, 0.1, 10, 0.1, 0.8333, SLOWER",
    "avgt, 10, 0.1, 12, 0.1, 0.8333, SLOWER",
    "avgt, 12, 0.1, 10, 0.1, 1.2, faster",
    "thrpt, 10, 3, 12, 0.1, 1.2, ~ within the noise",
    "thrpt, 10, 0.1, 12, 4, 1.2, ~ within the noise",
    "thrpt, 10, NaN, 20, 0.1, 2, ? error unknown"
  })
  void aDifferenceCountsBeyondTheNoise(
      String mode,
      double before,
      double beforeError,
      double now,
      double error,
      double speedup,
      String verdict) {
    Comparison comparison =
        Comparison.of(score(mode, before, beforeError, 40), score(mode, now, error, 50));
    assertThat(comparison.speedup()).isCloseTo(speedup, within(1e-4));
    assertThat(comparison.share()).isCloseTo(1.25, within(1e-12));
    assertThat(comparison.verdict()).isEqualTo(verdict);
  }

  @Test
  void theTablePutsBothRunsInARow() {
    StringWriter text = new StringWriter();
    Score old = score("thrpt", 10, 0.1, 40);
    Score gone = score("avgt", 1, 0.1, 40);
    ScoreTable table = new ScoreTable(new PrintWriter(text), List.of(old, gone));
    table.header();
    table.row(score("thrpt", 12, 0.1, 50));
    table.row(score("ss", 12, 0.1, 50));
    table.footer("old.json", "26");
    assertThat(text.toString().lines().toList())
        .hasSize(7)
        .satisfies(lines -> {
          assertThat(lines.getFirst()).contains("% peak", "x before", "verdict");
          assertThat(lines.get(1)).isEqualTo("net=tiny");
          assertThat(lines.get(2)).contains("Layer.run", "50.0", "1.200", "1.250", "faster");
          assertThat(lines.get(4)).endsWith("new");
          assertThat(lines.get(5)).isEqualTo("compared with old.json: 1 of its 2 rows");
          assertThat(lines.get(6)).isEqualTo("note: it ran on Java 25, this on 26");
        });
  }

  @Test
  void withoutAStoredRunThereAreNoSuchColumns() {
    StringWriter text = new StringWriter();
    ScoreTable table = new ScoreTable(new PrintWriter(text), List.of());
    table.header();
    table.row(score("thrpt", 12, Double.NaN, Double.NaN));
    table.footer("", "25");
    assertThat(text.toString()).contains("% peak").doesNotContain("before", "new", "compared");
  }
}
