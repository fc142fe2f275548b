package dev.peregrine.yolo.scaling;

import static java.util.Locale.ROOT;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tables 1 to 7 of Scaled-YOLOv4, each number computed from the layers that it is about, and notes
 * where the paper's print contradicts itself or the published networks.
 *
 * <p>Operations are multiply-adds, as in these tables of the paper.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", CVPR, sections 3 and 4.1.
 */
public final class ScalingTables {
  /** How many tables there are. */
  public static final int COUNT = 7;

  /**
   * The sizes at which the formulas are evaluated.
   *
   * @param side rows and columns of the map
   * @param channels b, of the stage
   * @param growth g, of an aggregated layer
   * @param layers k, in the stage
   * @param tau channels that the memory moves at once
   */
  public record Sizes(int side, long channels, long growth, long layers, long tau) {
    /** A stage of 64 x 64 pixels, 256 channels, 64 of each of 4 layers. */
    public static final Sizes DEFAULT = new Sizes(64, 256, 64, 4, 32);

    /** Checks that all are at least 1. */
    public Sizes {
      if (Math.min(Math.min(side, channels), Math.min(growth, Math.min(layers, tau))) < 1) {
        throw new IllegalArgumentException("scaling: map, channels, layers and tau start at 1");
      }
    }

    private long pixels() {
      return (long) side * side;
    }

    private String multiplyAdds(Fraction coefficient) {
      return count(coefficient.value() * pixels() * channels * channels);
    }

    private String at() {
      return "w = h = %d, b = %d, k = %d".formatted(side, channels, layers);
    }

    private String aggregatedAt() {
      return "b = %d, g = %d, k = %d".formatted(channels, growth, layers);
    }
  }

  private ScalingTables() {}

  /**
   * Computes a table.
   *
   * @param number 1 to 7
   * @param sizes at which formulas are evaluated
   * @return the table
   */
  public static ScalingTable of(int number, Sizes sizes) {
    return switch (number) {
      case 1 -> scaledStages(sizes);
      case 2 -> partialStages(sizes);
      case 3 -> aggregation(sizes);
      case 4 -> channels(sizes);
      case 5 -> inputsAndOutputs(sizes);
      case 6 -> factors();
      case 7 -> receptiveFields();
      default ->
          throw new IllegalArgumentException(
              "scaling: there is no table " + number + "; the paper's are 1 to " + COUNT);
    };
  }

  /** Digits in groups of three where whole and short, else powers of ten. */
  static String count(double value) {
    return value < 1e15 && value == Math.rint(value)
        ? String.format(ROOT, "%,d", (long) value)
        : String.format(ROOT, "%.6g", value);
  }

  private static String percent(Fraction share) {
    return String.format(ROOT, "%.1f %%", 100 * share.value());
  }

  private static ScalingTable scaledStages(Sizes sizes) {
    List<List<String>> rows = new ArrayList<>();
    for (StageKind kind : StageKind.values()) {
      Fraction one = kind.perLayer();
      rows.add(
          List.of(
              kind.title(),
              one + " w h k b^2",
              sizes.multiplyAdds(kind.stage(sizes.layers())),
              "x " + grows(kind, 2, 1, 1),
              "x " + grows(kind, 1, 2, 1),
              "x " + grows(kind, 1, 1, 2)));
    }
    return new ScalingTable(
        1,
        "multiply-adds of a stage, and what doubling a factor does to them",
        List.of(
            "layers",
            "k of them",
            "at " + sizes.at(),
            "size a = 2 (a^2)",
            "depth b = 2 (b)",
            "width c = 2 (c^2)"),
        rows,
        List.of("batch normalisation and activations are not counted"));
  }

  /** The factor by which the cost of a stage of one pixel, layer and channel grows. */
  private static Fraction grows(StageKind kind, long size, long depth, long width) {
    Fraction plane = Fraction.of(size * size * width * width);
    return kind.stage(depth).times(plane).over(kind.stage(1));
  }

  private static ScalingTable partialStages(Sizes sizes) {
    Fraction overhead = StageKind.printedOverhead();
    Fraction built = StageKind.builtOverhead();
    List<List<String>> rows = new ArrayList<>();
    for (StageKind kind : StageKind.values()) {
      rows.add(
          List.of(
              kind.title(),
              kind.perLayer() + " w h k b^2",
              "w h b^2 (%s + %s k)".formatted(overhead, kind.perPartialLayer()),
              sizes.multiplyAdds(kind.partialStage(sizes.layers(), overhead)),
              percent(kind.saving(sizes.layers())),
              percent(kind.savingInTheLimit()),
              decimal(kind.breakEven(overhead))));
    }
    StageKind dark = StageKind.DARK;
    Fraction down = StageKind.printedDownSampling();
    String layers = dark.perPartialLayer() + " k";
    List<String> notes = new ArrayList<>();
    notes.add(
        "the savings that the paper quotes, 23.5 %, 46.7 % and 50.0 %, are those of endless k;"
            + " with few layers less is saved");
    notes.add(
        "the paper prints an overhead of %s; its published networks have %s (two projections, a transition and the last convolution)"
            .formatted(overhead, built));
    notes.add(
        "the paper prints w h b^2 (%s + %s + %s) for a CSPDarknet stage, but the 3x3 convolution that halves the map costs %s, so the stage as built is w h b^2 (%s + %s + %s)"
            .formatted(
                down,
                overhead,
                layers,
                StageKind.builtDownSampling(),
                StageKind.builtDownSampling(),
                built,
                layers));
    notes.add(
        "the paper says that a partial Darknet stage pays for k > 1: its own numbers give k > %s, the networks as built k > %s"
            .formatted(
                decimal(dark.breakEven(overhead.plus(down))), decimal(dark.breakEven(built))));
    notes.add(
        "the paper says that making the neck partial saves about 40 %%: counted, %s with blocks of two pairs as in CSP, %s with three as in P5 to P7; its table 8 as a whole saves 32 %%"
            .formatted(percent(neckSaving(2)), percent(neckSaving(3))));
    return new ScalingTable(
        2,
        "multiply-adds of a stage before and after it is made partial",
        List.of(
            "layers",
            "before",
            "after",
            "at " + sizes.at(),
            "saved",
            "endless k",
            "cheaper for k >"),
        rows,
        notes);
  }

  /**
   * The share that a reversed partial block saves against five convolutions of 1, 3, 1, 3, 1 taps,
   * both from 2c to c channels.
   */
  static Fraction neckSaving(int pairs) {
    long plain = 2 + 9 * 2 + 2 + 9 * 2 + 2;
    long partial = 2 + 1 + pairs * (1 + 9L) + 2;
    return Fraction.of(1).minus(new Fraction(partial, plain));
  }

  private static String decimal(Fraction fraction) {
    return String.format(ROOT, "%.2f", fraction.value());
  }

  private static ScalingTable aggregation(Sizes sizes) {
    long b = sizes.channels();
    long g = sizes.growth();
    long k = sizes.layers();
    return new ScalingTable(
        3,
        "multiply-adds of dense and of aggregated layers",
        List.of("layers", "formula", "order for k << g < b", "at " + sizes.aggregatedAt()),
        List.of(
            List.of(
                "Dense layer",
                "w h g b k + w h g^2 k (k-1) / 2",
                "O(w h g b k)",
                count((double) sizes.pixels() * OsaKind.denseCost(b, g, k))),
            List.of(
                "OSA layer",
                "w h b g + w h g^2 (k-1)",
                "O(max(w h b g, w h k g^2))",
                count((double) sizes.pixels() * OsaKind.aggregatedCost(b, g, k)))),
        List.of(
            "both stay below O(w h k b^2) of table 1; taps are 1x1, and K x K multiply by K^2",
            "w = h = " + sizes.side()));
  }

  private static ScalingTable channels(Sizes sizes) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i <= sizes.layers(); i++) {
      List<String> row = new ArrayList<>();
      row.add(i == sizes.layers() ? "transition" : String.valueOf(i + 1));
      for (OsaKind kind : OsaKind.values()) {
        row.add(kind.layers(sizes.channels(), sizes.growth(), sizes.layers()).get(i).toString());
      }
      rows.add(row);
    }
    long split = OsaKind.bestSplit(sizes.channels(), sizes.growth(), sizes.layers(), sizes.tau());
    return new ScalingTable(
        4,
        "channels of the layers of OSANet at " + sizes.aggregatedAt(),
        List.of("layer", OsaKind.OSA.title(), OsaKind.CSP.title(), OsaKind.PCB.title()),
        rows,
        List.of(
            "the best split gives both sides (b + k g) / 2 channels; with tau = %d channels moved at once, %d"
                .formatted(sizes.tau(), split),
            "the paper prints the split as ceil((b + kg) / 2tau) x tau, which can be read in two"
                + " ways; here 2 tau divides",
            "YOLOv4-tiny has g = b / 2 and grows from b / 2 to b / 2 + k g = 2 b, so k = "
                + tinyLayers()));
  }

  /** The k of {@code b/2 + k*g = 2*b} for {@code g = b/2}. */
  static long tinyLayers() {
    Fraction half = new Fraction(1, 2);
    return Math.round(Fraction.of(2).minus(half).over(half).value());
  }

  private static ScalingTable inputsAndOutputs(Sizes sizes) {
    long b = sizes.channels();
    long g = sizes.growth();
    long k = sizes.layers();
    List<String> formulas =
        List.of("b g + (k-1) g^2 + (b + k g)^2 / 2", "k g^2 + (k g)^2", "k g^2 + (b + k g)^2 / 4");
    List<String> names = List.of("OSANet", "CSPOSANet", "CSPOSANet with PCB");
    List<List<String>> rows =
        IntStream.range(0, 3)
            .mapToObj(i ->
                List.of(names.get(i), formulas.get(i), count(OsaKind.values()[i].cio(b, g, k))))
            .toList();
    long pixels = sizes.pixels();
    return new ScalingTable(
        5,
        "CIO, input and output of the convolutions, of OSANet and its partial forms",
        List.of("network", "formula", "at " + sizes.aggregatedAt()),
        rows,
        List.of(
            "the paper says that PCB is best for k g > b / 2; by its formulas PCB is below"
                + " CSPOSANet"
                + " only for k g > b (here k g = %d, b / 2 = %d, b = %d)"
                    .formatted(k * g, b / 2, b),
            "MAC, memory access cost, of a 1x1 convolution on %d pixels: %s elements from b to b, %s from b / 2 to 2 b with as many multiply-adds; none can be below %s"
                .formatted(
                    pixels,
                    count((double) pixels * 2 * b + (double) b * b),
                    count(pixels * 2.5 * b + (double) b * b),
                    count(LayerCost.leastMemoryAccess(pixels, b, b, 1))),
            "dense layers as CSPNet counts them: %s, made partial %s"
                .formatted(count(denseTraffic(b, k, g)), count(partialDenseTraffic(b, k, g)))));
  }

  /** {@code c*m + (m^2 + m)*d / 2}: m layers of growth d on c channels. */
  static long denseTraffic(long c, long m, long d) {
    return c * m + (m * m + m) * d / 2;
  }

  /** {@code (c*m + (m^2 + m)*d) / 2}, half of the channels passing by. */
  static long partialDenseTraffic(long c, long m, long d) {
    return (c * m + (m * m + m) * d) / 2;
  }

  private static ScalingTable factors() {
    return new ScalingTable(
        6,
        "what can be scaled",
        List.of("part", "factor", "here"),
        List.of(
            List.of("input", "size_input", "imgsz="),
            List.of("backbone", "width_backbone", "model=NAME@WIDTH"),
            List.of("backbone", "depth_backbone", "model=NAME@WIDTHxDEPTH"),
            List.of("backbone", "#stage_backbone", "5, 6, 7: yolov4-p5, yolov4-p6, yolov4-p7-yaml"),
            List.of("neck", "width_neck", "model=NAME@WIDTH, with the backbone"),
            List.of("neck", "depth_neck", "model=NAME@WIDTHxDEPTH, with the backbone"),
            List.of("neck", "#stage_neck", "levels from stride 8 to that of the last stage")),
        List.of(
            "the paper writes depth as 2^d with d = 1, 3, 15, 15, 7, 7, 7; everything published has"
                + " these numbers themselves as repetitions, and 2^15 would be 32,768 of them"));
  }

  private static ScalingTable receptiveFields() {
    double base = Chain.BASE.field();
    double step = Math.pow(2, Chain.BASE.stages());
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("none", "", text(base), ""));
    rows.add(changed("size_input", "x 2", Chain.BASE.withSize(2), "none"));
    rows.add(changed("width", "x 2", Chain.BASE.withWidth(2), "none"));
    double deeper = Chain.BASE.withDepth(1).field();
    rows.add(
        changed(
            "depth",
            "+ 1 layer of 3x3",
            Chain.BASE.withDepth(1),
            "(3 - 1) x step %s = %s".formatted(text(step), text(deeper - base))));
    double longer = Chain.BASE.withStages(1).field();
    rows.add(
        changed(
            "#stage",
            "+ 1 stage",
            Chain.BASE.withStages(1),
            String.format(ROOT, "x %.2f", longer / base)));
    return new ScalingTable(
        7,
        "what scaling does to the receptive field of the last stage, traced on %s"
            .formatted(Chain.BASE),
        List.of("factor", "change", "field", "effect"),
        rows,
        List.of(
            "the paper says one more layer of k x k taps adds k - 1 and one more stage doubles: the"
                + " former counts in steps of the layer's input, the latter is a little more than"
                + " doubling and nears it with the number of stages"));
  }

  private static List<String> changed(String factor, String change, Chain chain, String effect) {
    return List.of(factor, change, text(chain.field()), effect);
  }

  private static String text(double number) {
    return String.valueOf(Math.round(number));
  }
}
