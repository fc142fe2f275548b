package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Images;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a data set's labels look like: how many of each class, all boxes drawn about one centre,
 * where their centres lie, and how wide and high they are.
 */
public final class LabelsPlot {
  private static final int SIDE = 560;
  private static final int MARGIN = 62;
  private static final int LONGEST_NAME = 22;

  /** More boxes and points than this would only cover each other. */
  private static final int MOST_DRAWN = 4000;

  private LabelsPlot() {}

  /**
   * Draws labels, usually {@code labels.png}.
   *
   * @param labels all labels of the data set
   * @param names class names
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void draw(List<Label> labels, List<String> names, Path file) {
    List<Label> some = labels;
    if (labels.size() > MOST_DRAWN) {
      int step = (labels.size() + MOST_DRAWN - 1) / MOST_DRAWN;
      some = IntStream.range(0, labels.size() / step).mapToObj(i -> labels.get(i * step)).toList();
    }
    Images.write(
        file,
        ChartStyle.grid(
            List.of(counts(labels, names), boxes(some), centres(some), sizes(some)), 2));
  }

  private static BufferedImage counts(List<Label> labels, List<String> allNames) {
    List<String> names =
        allNames.stream().map(name -> Lettering.shortened(name, LONGEST_NAME)).toList();
    int[] counts = new int[names.size()];
    for (Label label : labels) {
      counts[label.classIndex()]++;
    }
    int most = 1;
    for (int count : counts) {
      most = Math.max(most, count);
    }
    BufferedImage picture = panel("Objects of each class (" + labels.size() + ")");
    Graphics2D g = pen(picture);
    int letters = Math.clamp(400 / Math.max(1, names.size()), 7, 13);
    g.setFont(ChartStyle.font(Font.PLAIN, letters));
    FontMetrics metrics = g.getFontMetrics();
    int foot = Math.min(170, names.stream().mapToInt(metrics::stringWidth).max().orElse(0)) + 14;
    double step = (SIDE - 2.0 * MARGIN) / Math.max(1, names.size());
    double base = SIDE - 18.0 - foot;
    double tall = base - MARGIN - 14;
    for (int c = 0; c < counts.length; c++) {
      double height = tall * counts[c] / most;
      double x = MARGIN + c * step;
      g.setColor(Palette.of(c));
      g.fill(new Rectangle2D.Double(x + step * 0.1, base - height, step * 0.8, height));
      g.setColor(ChartStyle.INK);
      String number = Integer.toString(counts[c]);
      if (metrics.stringWidth(number) < step) {
        g.drawString(
            number,
            (float) (x + (step - metrics.stringWidth(number)) / 2),
            (float) (base - height - 4));
      }
      if (metrics.getAscent() * 0.8 < step) {
        AffineTransform upright = g.getTransform();
        g.translate(
            x + step / 2 + metrics.getAscent() * 0.38,
            base + 6 + metrics.stringWidth(names.get(c)));
        g.rotate(-Math.PI / 2);
        g.drawString(names.get(c), 0, 0);
        g.setTransform(upright);
      }
    }
    g.draw(new Rectangle2D.Double(MARGIN, base, SIDE - 2.0 * MARGIN, 0));
    g.dispose();
    return picture;
  }

  private static BufferedImage boxes(List<Label> labels) {
    BufferedImage picture = panel("All boxes about one centre");
    Graphics2D g = pen(picture);
    axes(g, "", "", false);
    double plot = SIDE - 2.0 * MARGIN;
    g.setStroke(new BasicStroke(1.2f));
    int alpha = Math.clamp(12_000 / Math.max(1, labels.size()), 18, 150);
    for (Label label : labels) {
      Color colour = Palette.of(label.classIndex());
      g.setColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), alpha));
      double width = Math.min(1, label.width()) * plot;
      double height = Math.min(1, label.height()) * plot;
      g.draw(new Rectangle2D.Double((SIDE - width) / 2, (SIDE - height) / 2, width, height));
    }
    g.dispose();
    return picture;
  }

  private static BufferedImage centres(List<Label> labels) {
    BufferedImage picture = panel("Centres of boxes");
    Graphics2D g = pen(picture);
    axes(g, "x", "y (downwards)", true);
    for (Label label : labels) {
      point(g, label, label.centerX(), label.centerY(), labels.size());
    }
    g.dispose();
    return picture;
  }

  private static BufferedImage sizes(List<Label> labels) {
    BufferedImage picture = panel("Sizes of boxes");
    Graphics2D g = pen(picture);
    axes(g, "width", "height", false);
    for (Label label : labels) {
      point(g, label, label.width(), 1 - label.height(), labels.size());
    }
    g.dispose();
    return picture;
  }

  private static void point(Graphics2D g, Label label, double x, double y, int count) {
    double plot = SIDE - 2.0 * MARGIN;
    double r = count > 1000 ? 2 : 3.2;
    Color colour = Palette.of(label.classIndex());
    int alpha = Math.clamp(200_000 / Math.max(1, count), 90, 200);
    g.setColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), alpha));
    double px = MARGIN + Math.clamp(x, 0.0, 1.0) * plot;
    double py = MARGIN + Math.clamp(y, 0.0, 1.0) * plot;
    g.fill(new Ellipse2D.Double(px - r, py - r, 2 * r, 2 * r));
  }

  /** A square from 0 to 1 with marks at every fifth; {@code down} for an axis like a picture's. */
  private static void axes(Graphics2D g, String x, String y, boolean down) {
    int plot = SIDE - 2 * MARGIN;
    g.setFont(ChartStyle.font(Font.PLAIN, 12));
    for (int i = 0; i <= 5; i++) {
      int at = MARGIN + i * plot / 5;
      g.setColor(ChartStyle.GRID);
      g.drawLine(at, MARGIN, at, SIDE - MARGIN);
      g.drawLine(MARGIN, at, SIDE - MARGIN, at);
      if (!x.isEmpty()) {
        g.setColor(ChartStyle.INK);
        String right = i == 0 ? "0" : i == 5 ? "1" : "0." + 2 * i;
        int j = down ? i : 5 - i;
        String upper = j == 0 ? "0" : j == 5 ? "1" : "0." + 2 * j;
        FontMetrics metrics = g.getFontMetrics();
        g.drawString(right, at - metrics.stringWidth(right) / 2, SIDE - MARGIN + 18);
        g.drawString(upper, MARGIN - 8 - metrics.stringWidth(upper), at + 4);
      }
    }
    g.setColor(ChartStyle.INK);
    FontMetrics metrics = g.getFontMetrics();
    g.drawString(x, (SIDE - metrics.stringWidth(x)) / 2, SIDE - MARGIN + 38);
    AffineTransform upright = g.getTransform();
    g.translate(22, (SIDE + metrics.stringWidth(y)) / 2);
    g.rotate(-Math.PI / 2);
    g.drawString(y, 0, 0);
    g.setTransform(upright);
  }

  private static BufferedImage panel(String title) {
    BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = pen(picture);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, SIDE, SIDE);
    g.setColor(ChartStyle.INK);
    g.setFont(ChartStyle.font(Font.BOLD, 15));
    g.drawString(title, (SIDE - g.getFontMetrics().stringWidth(title)) / 2, 34);
    g.dispose();
    return picture;
  }

  private static Graphics2D pen(BufferedImage picture) {
    Graphics2D g = picture.createGraphics();
    BoxPainter.smooth(g);
    return g;
  }
}
