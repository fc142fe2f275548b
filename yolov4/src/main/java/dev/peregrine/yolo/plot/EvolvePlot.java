package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.evolve.Trial;
import dev.peregrine.yolo.image.Images;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A search for hyper-parameters: the fitness by generation, and for each number the fitness by its
 * value, the best trial in red.
 */
public final class EvolvePlot {
  private static final int WIDTH = 320;
  private static final int HEIGHT = 250;
  private static final Color BEST = new Color(0xD0, 0x20, 0x20);

  private EvolvePlot() {}

  /**
   * Draws a search, usually {@code evolve.png}.
   *
   * @param trials at least one
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void draw(List<Trial> trials, Path file) {
    Trial best =
        trials.stream()
            .max(
                Comparator.<Trial>comparingDouble(trial -> trial.outcome().fitness())
                    .thenComparing(Trial::generation, Comparator.reverseOrder()))
            .orElseThrow(
                () -> new IllegalArgumentException("a search without trials cannot be drawn"));
    double[] fitness = trials.stream().mapToDouble(t -> t.outcome().fitness()).toArray();
    List<BufferedImage> charts = new ArrayList<>();
    charts.add(
        chart(
            "fitness by generation",
            trials.stream().mapToDouble(Trial::generation).toArray(),
            fitness,
            best.generation(),
            best.outcome().fitness()));
    best.values()
        .forEach((name, value) ->
            charts.add(
                chart(
                    String.format(Locale.ROOT, "%s: %.5g", name, value),
                    trials.stream().mapToDouble(t -> t.values().getOrDefault(name, 0.0)).toArray(),
                    fitness,
                    value,
                    best.outcome().fitness())));
    Images.write(
        file,
        ChartStyle.grid(charts, Math.min(5, (int) Math.ceil(Math.sqrt(1.6 * charts.size())))));
  }

  private static BufferedImage chart(
      String title, double[] x, double[] y, double bestX, double bestY) {
    XYChart chart = ChartStyle.chart(WIDTH, HEIGHT, title, "", "");
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    XYSeries all = chart.addSeries("all", x, y);
    all.setMarker(SeriesMarkers.CIRCLE);
    all.setMarkerColor(ChartStyle.MAIN);
    XYSeries best = chart.addSeries("best", new double[] {bestX}, new double[] {bestY});
    best.setMarker(SeriesMarkers.CIRCLE);
    best.setMarkerColor(BEST);
    return ChartStyle.render(chart);
  }
}
