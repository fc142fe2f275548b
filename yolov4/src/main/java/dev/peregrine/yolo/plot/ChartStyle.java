package dev.peregrine.yolo.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The one look of all charts. */
final class ChartStyle {
  static final Color INK = new Color(0x333333);
  static final Color GRID = new Color(0xE4E4E4);
  static final Color MAIN = new Color(0x1F5FBF);

  private ChartStyle() {}

  static XYChart chart(int width, int height, String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(width)
            .height(height)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    XYStyler style = chart.getStyler();
    style.setChartBackgroundColor(Color.WHITE);
    style.setChartFontColor(INK);
    style.setChartTitleFont(font(Font.BOLD, 15));
    style.setChartTitleBoxVisible(false);
    style.setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false);
    style.setPlotGridLinesColor(GRID);
    style.setPlotGridLinesStroke(new BasicStroke(1));
    style.setAxisTitleFont(font(Font.PLAIN, 13));
    style.setAxisTickLabelsFont(font(Font.PLAIN, 12));
    style.setAxisTickLabelsColor(INK);
    style.setLegendBorderColor(Color.WHITE);
    style.setLegendFont(font(Font.PLAIN, 12));
    style.setLegendPosition(Styler.LegendPosition.OutsideE);
    style.setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
    style.setAntiAlias(true);
    style.setChartPadding(10);
    return chart;
  }

  static Font font(int weight, int size) {
    return new Font(Font.SANS_SERIF, weight, size);
  }

  static XYSeries line(
      XYChart chart, String name, double[] x, double[] y, Color colour, float width) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(colour);
    series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    return series;
  }

  /** Both axes from 0 to 1. */
  static void unitAxes(XYChart chart) {
    XYStyler style = chart.getStyler();
    style.setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.0);
    style.setDecimalPattern("0.0");
    // Where all points of a chart are equally far from each other, XChart marks as many of them as
    // it can, with numbers such as 0.04 that run into each other; a point between them, which is
    // not seen, makes it mark tenths.
    double[] between = {0, 0.0049};
    line(chart, " ", between, new double[2], new Color(0, 0, 0, 0), 1).setShowInLegend(false);
    style.setPlotContentSize(0.99);
  }

  static BufferedImage render(XYChart chart) {
    return BitmapEncoder.getBufferedImage(chart);
  }

  /** Pictures of equal size side by side, row by row. */
  static BufferedImage grid(List<BufferedImage> parts, int columns) {
    int width = parts.getFirst().getWidth();
    int height = parts.getFirst().getHeight();
    int rows = (parts.size() + columns - 1) / columns;
    BufferedImage sheet =
        new BufferedImage(
            Math.min(columns, parts.size()) * width, rows * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    for (int i = 0; i < parts.size(); i++) {
      g.drawImage(parts.get(i), i % columns * width, i / columns * height, null);
    }
    g.dispose();
    return sheet;
  }
}
