package dev.peregrine.yolo.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The numbers of tables 1 to 7 of Scaled-YOLOv4 (Wang, Bochkovskiy and Liao, CVPR 2021, arXiv
 * 2011.08036v2), as printed there, and where the print contradicts itself.
 */
class ScalingTablesTest {
  private static final ScalingTables.Sizes SIZES = ScalingTables.Sizes.DEFAULT;

  /** Table 1: r = 17 whkb^2/16, x = 137 whkb^2/128, d = 5 whkb^2; table 2: the partial forms. */
  @ParameterizedTest
  @CsvSource({"RES, 17, 16, 13, 16", "RESX, 137, 128, 73, 128", "DARK, 5, 1, 5, 2"})
  void tablesOneAndTwo(StageKind kind, int over, int under, int partOver, int partUnder) {
    Fraction whole = new Fraction(over, under);
    assertThat(kind.perLayer()).isEqualTo(whole);
    assertThat(kind.perPartialLayer()).isEqualTo(new Fraction(partOver, partUnder));
    assertThat(StageKind.printedOverhead()).isEqualTo(new Fraction(3, 4));
    List<String> row = ScalingTables.of(1, SIZES).rows().get(kind.ordinal());
    assertThat(row.get(0)).isEqualTo(kind.title());
    assertThat(row.get(1)).isEqualTo(whole + " w h k b^2");
    long cost = 64L * 64 * 4 * 256 * 256 * over / under;
    assertThat(row.get(2)).isEqualTo(String.format(Locale.ROOT, "%,d", cost));
    assertThat(row.subList(3, 6)).containsExactly("x 4", "x 2", "x 4");
    List<String> partial = ScalingTables.of(2, SIZES).rows().get(kind.ordinal());
    assertThat(partial.get(2))
        .isEqualTo("w h b^2 (3/4 + " + new Fraction(partOver, partUnder) + " k)");
  }

  /** Section 3.1: "reduced by 23.5 %, 46.7 % and 50.0 %", which needs endless layers. */
  @ParameterizedTest
  @CsvSource({"RES, 23.5", "RESX, 46.7", "DARK, 50.0"})
  void savingsAreThoseOfEndlessLayers(StageKind kind, double percent) {
    assertThat(100 * kind.savingInTheLimit().value()).isCloseTo(percent, within(0.05));
    assertThat(100 * kind.saving(1_000_000).value()).isCloseTo(percent, within(0.05));
    assertThat(100 * kind.saving(8).value()).isLessThan(percent - 1);
    assertThat(ScalingTables.of(2, SIZES).rows().get(kind.ordinal()).get(5))
        .isEqualTo(String.format(Locale.ROOT, "%.1f %%", percent));
  }

  /** Section 4.1: whb^2 (9/4 + 3/4 + 5k/2), against the networks that were published. */
  @Test
  void theCostOfAStageContradictsThePublishedNetworks() {
    StageKind dark = StageKind.DARK;
    assertThat(StageKind.builtOverhead()).isEqualTo(new Fraction(9, 4));
    assertThat(StageKind.builtDownSampling()).isEqualTo(new Fraction(9, 2));
    assertThat(StageKind.printedDownSampling()).isEqualTo(new Fraction(9, 4));
    Fraction printed = StageKind.printedDownSampling().plus(StageKind.printedOverhead());
    assertThat(dark.breakEven(printed)).isEqualTo(new Fraction(6, 5));
    assertThat(dark.breakEven(StageKind.builtOverhead())).isEqualTo(new Fraction(9, 10));
    assertThat(ScalingTables.of(2, SIZES).notes())
        .anyMatch(note -> note.contains("overhead of 3/4") && note.contains("have 9/4"))
        .anyMatch(note -> note.contains("(9/4 + 3/4 + 5/2 k)") && note.contains("(9/2 + 9/4 +"))
        .anyMatch(note -> note.contains("k > 1:") && note.contains("1.20") && note.contains("0.90"))
        .anyMatch(note -> note.contains("endless k"));
  }

  /** Section 4.1: "about 40 %"; table 8: 78 M to 53 M parameters, 160 B to 109 B. */
  @Test
  void theNeckSavesAsMuchAsThePaperSaysWithTwoPairs() {
    assertThat(ScalingTables.neckSaving(2)).isEqualTo(new Fraction(17, 42));
    assertThat(100 * ScalingTables.neckSaving(2).value()).isCloseTo(40, within(0.5));
    assertThat(100 * ScalingTables.neckSaving(3).value()).isCloseTo(16.7, within(0.05));
    assertThat(1 - 53 / 78.0).isCloseTo(0.32, within(0.005));
    assertThat(1 - 109 / 160.0).isCloseTo(0.32, within(0.005));
  }

  @ParameterizedTest
  @CsvSource({"256, 64, 4", "128, 32, 1", "100, 30, 7"})
  void tableThree(long b, long g, long k) {
    assertThat(OsaKind.denseCost(b, g, k)).isEqualTo(g * b * k + g * g * k * (k - 1) / 2);
    assertThat(OsaKind.aggregatedCost(b, g, k)).isEqualTo(b * g + g * g * (k - 1));
    ScalingTable table = ScalingTables.of(3, new ScalingTables.Sizes(8, b, g, k, 1));
    assertThat(table.rows().get(0).getLast())
        .isEqualTo(ScalingTables.count(64.0 * OsaKind.denseCost(b, g, k)));
    assertThat(table.rows().get(1).getLast())
        .isEqualTo(ScalingTables.count(64.0 * OsaKind.aggregatedCost(b, g, k)));
  }

  @Test
  void tableFour() {
    ScalingTable table = ScalingTables.of(4, SIZES); // b = 256, g = 64, k = 4
    assertThat(table.rows())
        .containsExactly(
            List.of("1", "256 -> 64", "64 -> 64", "64 -> 64"),
            List.of("2", "64 -> 64", "64 -> 64", "64 -> 64"),
            List.of("3", "64 -> 64", "64 -> 64", "64 -> 64"),
            List.of("4", "64 -> 64", "64 -> 64", "64 -> 64"),
            List.of("transition", "512 -> 256", "256 -> 256", "256 -> 256"));
    assertThat(OsaKind.bestSplit(256, 64, 4, 32)).isEqualTo(256);
    assertThat(OsaKind.bestSplit(100, 30, 2, 32)).isEqualTo(96); // ceil(160 / 64) * 32
    assertThat(OsaKind.bestSplit(100, 31, 3, 1)).isEqualTo(97); // ceil(193 / 2)
    assertThat(ScalingTables.tinyLayers()).isEqualTo(3); // figure 3
    assertThat(table.notes()).anyMatch(note -> note.contains("two ways"));
  }

  @ParameterizedTest
  @CsvSource({"256, 64, 4", "64, 64, 4", "128, 32, 2"})
  void tableFive(long b, long g, long k) {
    assertThat(OsaKind.OSA.cio(b, g, k))
        .isEqualTo(b * g + (k - 1) * g * g + (b + k * g) * (b + k * g) / 2);
    assertThat(OsaKind.CSP.cio(b, g, k)).isEqualTo(k * g * g + k * g * k * g);
    assertThat(OsaKind.PCB.cio(b, g, k)).isEqualTo(k * g * g + (b + k * g) * (b + k * g) / 4);
  }

  /** Section 3.2 says that PCB is best for kg > b/2; the printed formulas say kg > b. */
  @Test
  void theConditionOfTableFiveContradictsItsFormulas() {
    long g = 48;
    assertThat(2 * g).isGreaterThan(128 / 2).isLessThan(128);
    assertThat(OsaKind.PCB.cio(128, g, 2)).isGreaterThan(OsaKind.CSP.cio(128, g, 2));
    assertThat(OsaKind.PCB.cio(128, 64, 2)).isEqualTo(OsaKind.CSP.cio(128, 64, 2));
    assertThat(OsaKind.PCB.cio(128, 66, 2)).isLessThan(OsaKind.CSP.cio(128, 66, 2));
    assertThat(ScalingTables.of(5, SIZES).notes())
        .anyMatch(note -> note.contains("k g > b / 2") && note.contains("only for k g > b"));
  }

  /** CSPNet (Wang et al. 2019, section 3): c m + (m^2 + m) d / 2, and half of it for m << c. */
  @Test
  void denseTrafficIsHalvedWhereLayersAreFew() {
    assertThat(ScalingTables.denseTraffic(1000, 6, 32)).isEqualTo(6000 + 42 * 16);
    assertThat(ScalingTables.partialDenseTraffic(1000, 6, 32)).isEqualTo(3000 + 42 * 16);
    double share =
        (double) ScalingTables.partialDenseTraffic(1_000_000, 6, 32)
            / ScalingTables.denseTraffic(1_000_000, 6, 32);
    assertThat(share).isCloseTo(0.5, within(1e-3));
  }

  /** Section 3.2: the memory access is least where a convolution keeps its channels. */
  @Test
  void memoryAccessIsLeastWithEqualChannels() {
    double least = LayerCost.leastMemoryAccess(64, 256, 256, 9);
    assertThat(least).isEqualTo(64 * (256 + 256) + 9 * 256 * 256, within(1e-6));
    assertThat(64 * (128 + 512) + 9 * 128 * 512).isGreaterThan((int) least);
  }

  @Test
  void tableSixNamesEveryFactor() {
    assertThat(ScalingTables.of(6, SIZES).rows().stream().map(row -> row.get(1)))
        .containsExactly(
            "size_input",
            "width_backbone",
            "depth_backbone",
            "#stage_backbone",
            "width_neck",
            "depth_neck",
            "#stage_neck");
    assertThat(ScalingTables.of(6, SIZES).notes())
        .anyMatch(note -> note.contains("2^d") && note.contains("32,768"));
  }

  /** Table 7: size and width have no effect, depth adds k - 1 steps, a stage doubles. */
  @Test
  void tableSeven() {
    double base = Chain.BASE.field();
    assertThat(base).isEqualTo(1 + 6 * 31); // 1 + (2 + 4) * (2^5 - 1)
    assertThat(Chain.BASE.withSize(2).field()).isEqualTo(base);
    assertThat(Chain.BASE.withWidth(2).field()).isEqualTo(base);
    assertThat(Chain.BASE.withDepth(1).field()).isEqualTo(base + (3 - 1) * 32);
    assertThat(Chain.BASE.withDepth(3).field()).isEqualTo(base + 3 * (3 - 1) * 32);
    assertThat(Chain.BASE.withStages(1).field() / base).isCloseTo(2, within(0.05));
    assertThat(ScalingTables.of(7, SIZES).rows().stream().map(row -> row.get(2)))
        .containsExactly("187", "187", "187", "251", "379");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void everyTableIsPrintedWithItsNotes(int number) {
    ScalingTable table = ScalingTables.of(number, SIZES);
    assertThat(table.number()).isEqualTo(number);
    assertThat(table.notes()).isNotEmpty();
    assertThat(table.toString()).startsWith("Table " + number + ": ").contains(table.notes());
    assertThat(table.toString().lines().count())
        .isEqualTo(2 + table.rows().size() + table.notes().size());
  }

  @Test
  void wrongNumbersAreRefused() {
    assertThatThrownBy(() -> ScalingTables.of(8, SIZES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scaling: there is no table 8; the paper's are 1 to 7");
    assertThatThrownBy(() -> new ScalingTables.Sizes(8, 0, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("start at 1");
    assertThatThrownBy(() -> new Fraction(3, 0)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void fractionsAreInLowestTerms() {
    assertThat(new Fraction(6, -4)).hasToString("-3/2").isEqualTo(new Fraction(-3, 2));
    assertThat(new Fraction(0, 7)).hasToString("0");
    assertThat(Fraction.of(2).minus(new Fraction(1, 2)).over(new Fraction(3, 4))).hasToString("2");
  }
}
