package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.eval.ConfidenceCurves;
import dev.peregrine.yolo.image.Images;
import java.awt.Color;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;

/**
 * Charts of an evaluation: precision against recall, and F1, precision and recall against the
 * confidence threshold.
 *
 * <p>Up to twenty categories are named in the legend; of more, thin grey lines give the spread.
 */
public final class Curves {
  private static final int NAMED = 20;
  private static final int LONGEST_NAME = 24;

  /** A point at every two hundredth of the confidence is as fine as the chart's pixels. */
  private static final int STEP = 5;

  private static final Color THIN = new Color(0xB9, 0xC3, 0xD0);

  private Curves() {}

  /**
   * Draws precision against recall, usually {@code PR_curve.png}.
   *
   * @param curves what to draw
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void precisionRecall(ConfidenceCurves curves, Path file) {
    double[] recall =
        IntStream.range(0, ConfidenceCurves.RECALLS)
            .mapToDouble(i -> i / (ConfidenceCurves.RECALLS - 1.0))
            .toArray();
    String title =
        String.format(Locale.ROOT, "Precision and recall at IoU %.2f", curves.matchIou());
    XYChart chart = ChartStyle.chart(1000, 680, title, "Recall", "Precision");
    draw(
        chart,
        curves,
        recall,
        ConfidenceCurves.Curve::precisionAtRecall,
        c -> String.format(Locale.ROOT, "%s  %.3f", name(c), c.ap()));
    Images.write(file, ChartStyle.render(chart));
  }

  /**
   * Draws F1 against the confidence, usually {@code F1_curve.png}.
   *
   * @param curves what to draw
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void f1(ConfidenceCurves curves, Path file) {
    String title =
        String.format(
            Locale.ROOT,
            "F1 by confidence: best %.2f at %.3f",
            curves.mean().bestF1(),
            curves.mean().bestConfidence());
    byConfidence(curves, file, title, "F1", ConfidenceCurves.Curve::f1);
  }

  /**
   * Draws precision against the confidence, usually {@code P_curve.png}.
   *
   * @param curves what to draw
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void precision(ConfidenceCurves curves, Path file) {
    byConfidence(
        curves, file, "Precision by confidence", "Precision", ConfidenceCurves.Curve::precision);
  }

  /**
   * Draws recall against the confidence, usually {@code R_curve.png}.
   *
   * @param curves what to draw
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void recall(ConfidenceCurves curves, Path file) {
    byConfidence(curves, file, "Recall by confidence", "Recall", ConfidenceCurves.Curve::recall);
  }

  private static void byConfidence(
      ConfidenceCurves curves,
      Path file,
      String title,
      String axis,
      Function<ConfidenceCurves.Curve, double[]> values) {
    double[] confidence = every(STEP, ConfidenceCurves::confidence);
    XYChart chart = ChartStyle.chart(1000, 680, title, "Confidence", axis);
    draw(chart, curves, confidence, c -> every(STEP, i -> values.apply(c)[i]), Curves::name);
    Images.write(file, ChartStyle.render(chart));
  }

  private static double[] every(int step, IntToDoubleFunction value) {
    return IntStream.rangeClosed(0, (ConfidenceCurves.CONFIDENCES - 1) / step)
        .mapToDouble(i -> value.applyAsDouble(i * step))
        .toArray();
  }

  private static void draw(
      XYChart chart,
      ConfidenceCurves curves,
      double[] x,
      Function<ConfidenceCurves.Curve, double[]> values,
      Function<ConfidenceCurves.Curve, String> legend) {
    ChartStyle.unitAxes(chart);
    List<ConfidenceCurves.Curve> classes = curves.classes();
    boolean named = classes.size() <= NAMED;
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < classes.size(); i++) {
      ConfidenceCurves.Curve curve = classes.get(i);
      String name = named ? unique(legend.apply(curve), drawn) : "class " + i;
      ChartStyle.line(
              chart, name, x, values.apply(curve), named ? Palette.of(i) : THIN, named ? 1.8f : 1f)
          .setShowInLegend(named);
    }
    String all = unique(legend.apply(curves.mean()), drawn);
    ChartStyle.line(chart, all, x, values.apply(curves.mean()), ChartStyle.INK, 4f);
  }

  private static String name(ConfidenceCurves.Curve curve) {
    return Lettering.shortened(curve.name(), LONGEST_NAME);
  }

  /** A name for the legend that no other series has: XChart wants each once. */
  private static String unique(String name, Set<String> drawn) {
    String candidate = name;
    for (int i = 2; !drawn.add(candidate); i++) {
      candidate = name + " (" + i + ")";
    }
    return candidate;
  }
}
