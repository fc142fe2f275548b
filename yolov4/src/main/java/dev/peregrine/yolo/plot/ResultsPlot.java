package dev.peregrine.yolo.plot;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.Images;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The course of a training: one small chart for every column of its table.
 *
 * <p>The table is the {@code results.csv} of a run folder: a line of names, then a line of numbers
 * for each epoch. The column {@code epoch} is the horizontal axis; columns of time, and those whose
 * numbers never change, are not drawn. A field that is empty or no finite number leaves a gap: not
 * every epoch is evaluated.
 */
public final class ResultsPlot {
  private static final Set<String> NOT_DRAWN =
      Set.of("epoch", "time", "seconds", "images", "step", "waited");
  private static final int WIDTH = 380;
  private static final int HEIGHT = 290;

  private ResultsPlot() {}

  /**
   * Draws a table, usually {@code results.csv} to {@code results.png}.
   *
   * <p><b>Errors</b> {@link FormatException} with file and line when the table cannot be read.
   *
   * @param csv the table
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void draw(Path csv, Path file) {
    List<String> lines = lines(csv);
    String[] names = fields(lines.getFirst());
    double[][] columns = new double[names.length][lines.size() - 1];
    for (int row = 1; row < lines.size(); row++) {
      String[] fields = fields(lines.get(row));
      if (fields.length != names.length) {
        throw new FormatException(
            "%s:%d: %d fields, but the first line names %d columns"
                .formatted(csv, row + 1, fields.length, names.length));
      }
      for (int c = 0; c < names.length; c++) {
        columns[c][row - 1] = number(fields[c]);
      }
    }
    int epoch = Arrays.asList(names).indexOf("epoch");
    double[] x =
        epoch >= 0
            ? columns[epoch]
            : IntStream.range(0, lines.size() - 1).mapToDouble(i -> i).toArray();
    List<BufferedImage> charts = new ArrayList<>();
    for (int c = 0; c < names.length; c++) {
      if (!NOT_DRAWN.contains(names[c].toLowerCase(Locale.ROOT)) && changes(columns[c])) {
        charts.add(chart(names[c], x, columns[c]));
      }
    }
    if (charts.isEmpty()) {
      throw new FormatException(csv + ": no column has two different numbers, nothing to draw");
    }
    Images.write(
        file,
        ChartStyle.grid(charts, Math.min(5, (int) Math.ceil(Math.sqrt(1.6 * charts.size())))));
  }

  private static BufferedImage chart(String name, double[] x, double[] y) {
    XYChart chart = ChartStyle.chart(WIDTH, HEIGHT, name, "", "");
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setAxisTitlesVisible(false);
    chart.getStyler().setChartTitleFont(ChartStyle.font(Font.BOLD, 14));
    chart
        .getStyler()
        .setYAxisDecimalPattern(Arrays.stream(y).max().orElse(0) < 0.002 ? "0.0E0" : "0.0###");
    chart.getStyler().setXAxisDecimalPattern("0");
    chart.getStyler().setMarkerSize(5);
    int[] kept = IntStream.range(0, y.length).filter(i -> Double.isFinite(y[i])).toArray();
    double[] xs = Arrays.stream(kept).mapToDouble(i -> x[i]).toArray();
    double[] ys = Arrays.stream(kept).mapToDouble(i -> y[i]).toArray();
    XYSeries measured = chart.addSeries("measured", xs, ys);
    measured.setLineColor(ChartStyle.MAIN);
    measured.setLineWidth(2);
    measured.setMarkerColor(ChartStyle.MAIN);
    if (xs.length > 40) {
      measured.setMarker(SeriesMarkers.NONE);
    } else {
      measured.setMarker(SeriesMarkers.CIRCLE);
    }
    if (xs.length >= 12) {
      XYSeries trend = chart.addSeries("trend", xs, smoothed(ys));
      trend.setMarker(SeriesMarkers.NONE);
      trend.setLineColor(new Color(0xE07B00));
      trend.setLineStyle(
          new BasicStroke(
              2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 1, new float[] {2, 5}, 0));
    }
    return ChartStyle.render(chart);
  }

  /** A bell-shaped moving mean over about a tenth of the course. */
  private static double[] smoothed(double[] y) {
    double width = Math.max(1.5, y.length / 25.0);
    double[] smooth = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      double sum = 0;
      double weights = 0;
      for (int j = 0; j < y.length; j++) {
        double distance = (j - i) / width;
        double weight = Math.exp(-0.5 * distance * distance);
        sum += weight * y[j];
        weights += weight;
      }
      smooth[i] = sum / weights;
    }
    return smooth;
  }

  /** Whether there is a course to see; a table of one line is drawn as the points that it has. */
  private static boolean changes(double[] values) {
    return Arrays.stream(values).filter(Double::isFinite).distinct().count()
        > (values.length > 1 ? 1 : 0);
  }

  private static List<String> lines(Path csv) {
    try {
      List<String> lines = Files.readAllLines(csv).stream().filter(l -> !l.isBlank()).toList();
      if (lines.size() < 2) {
        throw new FormatException(csv + ": a table needs a line of names and one of numbers");
      }
      return lines;
    } catch (IOException e) {
      throw new FormatException(csv + ": the table cannot be read", e);
    }
  }

  private static String[] fields(String line) {
    String[] fields = line.split(",", -1);
    Arrays.setAll(fields, i -> fields[i].strip());
    return fields;
  }

  private static double number(String field) {
    try {
      return Double.parseDouble(field);
    } catch (NumberFormatException _) {
      return Double.NaN; // words and empty fields are gaps
    }
  }
}
