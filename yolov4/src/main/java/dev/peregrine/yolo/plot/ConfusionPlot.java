package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.eval.ConfusionMatrix;
import dev.peregrine.yolo.image.Images;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The confusion matrix as a table of blue squares: of all objects of a column's category, the share
 * taken for each row's. Numbers stand in the squares as long as they fit.
 */
public final class ConfusionPlot {
  private static final Color DEEP = new Color(0x08306B);
  private static final int MOST_NUMBERS = 30;
  private static final int LONGEST_NAME = 24;

  private ConfusionPlot() {}

  /**
   * Draws a matrix twice, under the names that users know: {@code confusion_matrix.png} with
   * counts, {@code confusion_matrix_normalized.png} with shares.
   *
   * @param matrix what to draw
   * @param folder where to
   */
  public static void both(ConfusionMatrix matrix, Path folder) {
    counts(matrix, folder.resolve("confusion_matrix.png"));
    shares(matrix, folder.resolve("confusion_matrix_normalized.png"));
  }

  /**
   * Draws a matrix with shares in its squares.
   *
   * @param matrix what to draw
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void shares(ConfusionMatrix matrix, Path file) {
    draw(matrix, false, file);
  }

  /**
   * Draws a matrix with counts in its squares; their colours still tell shares.
   *
   * @param matrix what to draw
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void counts(ConfusionMatrix matrix, Path file) {
    draw(matrix, true, file);
  }

  private static void draw(ConfusionMatrix matrix, boolean counts, Path file) {
    List<String> names =
        matrix.names().stream().map(name -> Lettering.shortened(name, LONGEST_NAME)).toList();
    int size = names.size();
    int cell = Math.clamp(900 / size, 11, 90);
    int lettering = Math.clamp(cell * 6 / 10, 8, 15);
    BufferedImage measure = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    Graphics2D m = measure.createGraphics();
    m.setFont(ChartStyle.font(Font.PLAIN, lettering));
    FontMetrics metrics = m.getFontMetrics();
    int widest = names.stream().mapToInt(metrics::stringWidth).max().orElse(0);
    m.dispose();
    int left = 60 + widest;
    int top = 60;
    int extent = size * cell;
    BufferedImage picture =
        new BufferedImage(
            left + extent + 110, top + extent + 60 + widest, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = picture.createGraphics();
    BoxPainter.smooth(g);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, picture.getWidth(), picture.getHeight());

    double[][] shares = matrix.perActual();
    for (int predicted = 0; predicted < size; predicted++) {
      for (int actual = 0; actual < size; actual++) {
        int x = left + actual * cell;
        int y = top + predicted * cell;
        double share = shares[predicted][actual];
        Color colour = shade(share);
        g.setColor(colour);
        g.fillRect(x, y, cell, cell);
        if (size <= MOST_NUMBERS && matrix.counts()[predicted][actual] > 0) {
          g.setColor(Palette.textOn(colour));
          g.setFont(ChartStyle.font(Font.PLAIN, Math.min(15, cell * 4 / 10)));
          String number =
              counts
                  ? String.valueOf(matrix.counts()[predicted][actual])
                  : String.format(Locale.ROOT, "%.2f", share);
          centred(g, number, x + cell / 2, y + cell / 2);
        }
      }
    }
    frame(g, left, top, extent, cell);
    g.setFont(ChartStyle.font(Font.PLAIN, lettering));
    for (int i = 0; i < size; i++) {
      g.setColor(ChartStyle.INK);
      String name = names.get(i);
      float middle = (i + 0.5f) * cell + metrics.getAscent() * 0.38f;
      g.drawString(name, left - 8 - metrics.stringWidth(name), top + middle);
      AffineTransform upright = g.getTransform();
      g.translate(left + middle, top + extent + 8 + metrics.stringWidth(name));
      g.rotate(-Math.PI / 2);
      g.drawString(name, 0, 0);
      g.setTransform(upright);
    }
    String title =
        counts
            ? "Confusion matrix: objects, coloured by share"
            : "Confusion matrix: shares of each true category";
    titles(g, title, left, top, extent, picture.getHeight());
    scale(g, left + extent + 28, top, extent);
    g.dispose();
    Images.write(file, picture);
  }

  private static Color shade(double share) {
    // The root lifts small shares, which are what one looks for, off the white.
    double t = Math.sqrt(Math.clamp(share, 0.0, 1.0));
    return new Color(
        (int) (255 + t * (DEEP.getRed() - 255)),
        (int) (255 + t * (DEEP.getGreen() - 255)),
        (int) (255 + t * (DEEP.getBlue() - 255)));
  }

  private static void frame(Graphics2D g, int left, int top, int extent, int cell) {
    g.setColor(ChartStyle.GRID);
    for (int at = 0; at <= extent; at += cell) {
      g.drawLine(left + at, top, left + at, top + extent);
      g.drawLine(left, top + at, left + extent, top + at);
    }
  }

  private static void titles(
      Graphics2D g, String title, int left, int top, int extent, int height) {
    g.setColor(ChartStyle.INK);
    g.setFont(ChartStyle.font(Font.BOLD, 17));
    // Few categories leave less room than the words take.
    int width = g.getFontMetrics().stringWidth(title);
    centred(g, title, Math.max(left + extent / 2, width / 2 + 20), top / 2);
    g.setFont(ChartStyle.font(Font.BOLD, 14));
    centred(g, "True", left + extent / 2, height - 20);
    AffineTransform upright = g.getTransform();
    g.translate(20, top + extent / 2);
    g.rotate(-Math.PI / 2);
    centred(g, "Predicted", 0, 0);
    g.setTransform(upright);
  }

  private static void scale(Graphics2D g, int x, int top, int extent) {
    for (int i = 0; i < extent; i++) {
      g.setColor(shade(1 - i / (double) extent));
      g.fillRect(x, top + i, 18, 1);
    }
    g.setColor(ChartStyle.INK);
    g.setFont(ChartStyle.font(Font.PLAIN, 12));
    for (int i = 0; i <= 4; i++) {
      g.drawString(
          String.format(Locale.ROOT, "%.2f", 1 - i / 4.0), x + 24, top + 4 + i * extent / 4);
    }
  }

  private static void centred(Graphics2D g, String text, int x, int y) {
    FontMetrics metrics = g.getFontMetrics();
    g.drawString(
        text,
        x - metrics.stringWidth(text) / 2f,
        y + (metrics.getAscent() - metrics.getDescent()) / 2f);
  }
}
