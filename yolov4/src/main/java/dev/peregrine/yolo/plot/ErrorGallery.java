package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.eval.ErrorAnalysis;
import dev.peregrine.yolo.eval.ErrorAnalysis.Cause;
import dev.peregrine.yolo.eval.ErrorAnalysis.Fault;
import dev.peregrine.yolo.eval.GroundTruth;
import dev.peregrine.yolo.eval.Prediction;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import java.util.function.LongFunction;

/**
 * What a detector did wrong, sorted by cause: a chart of counts and costs, and for each cause a
 * sheet of the worst cases, each cut out of its picture.
 *
 * <p>Predictions are drawn in red, true objects in green.
 */
public final class ErrorGallery {
  /** Cases on a sheet. */
  private static final int MOST = 16;

  private static final int CELL = 320;

  /** How much of the surroundings a case shows, as a part of its longer side. */
  private static final double MARGIN = 0.6;

  private static final int LEAST_SIDE = 64;

  /** Indices of the palette. */
  private static final int FOUND = 0;

  private static final int TRUE = 2;

  private ErrorGallery() {}

  /**
   * Draws a sheet for each cause that has faults, {@code errors_CAUSE.jpg}.
   *
   * @param analysis the faults
   * @param pictures a picture by its id
   * @param titles what to call a picture, by its id
   * @param names a category's name by its id
   * @param folder where to
   * @return the files written, in the order of the causes
   */
  public static List<Path> sheets(
      ErrorAnalysis analysis,
      LongFunction<Image> pictures,
      LongFunction<String> titles,
      IntFunction<String> names,
      Path folder) {
    List<Path> files = new ArrayList<>();
    for (Cause cause : Cause.values()) {
      List<ContactSheet.Tile> tiles = new ArrayList<>();
      for (Fault fault : analysis.of(cause).stream().limit(MOST).toList()) {
        tiles.add(
            tile(fault, pictures.apply(fault.imageId()), titles.apply(fault.imageId()), names));
      }
      if (!tiles.isEmpty()) {
        Path file = folder.resolve("errors_" + cause.name().toLowerCase(Locale.ROOT) + ".jpg");
        Images.write(file, ContactSheet.of(tiles, MOST, CELL));
        files.add(file);
      }
    }
    return files;
  }

  private static ContactSheet.Tile tile(
      Fault fault, Image image, String name, IntFunction<String> names) {
    List<Mark> marks = new ArrayList<>();
    fault.truth().ifPresent(truth -> marks.add(mark(truth, names)));
    fault.prediction().ifPresent(prediction -> marks.add(mark(prediction, names)));
    Rectangle2D part = part(marks, image);
    List<Mark> moved =
        marks.stream().map(mark -> mark.placed(1, -part.getX(), -part.getY())).toList();
    String title =
        fault.overlap() == 0
            ? name
            : String.format(Locale.ROOT, "%s, IoU %.2f", name, fault.overlap());
    return new ContactSheet.Tile(title, cut(image, part), moved);
  }

  private static Mark mark(GroundTruth truth, IntFunction<String> names) {
    Box box =
        new Box((float) truth.x1(), (float) truth.y1(), (float) truth.x2(), (float) truth.y2());
    return new Mark(TRUE, "true: " + names.apply(truth.category()), 0, box);
  }

  private static Mark mark(Prediction p, IntFunction<String> names) {
    Box box = new Box((float) p.x1(), (float) p.y1(), (float) p.x2(), (float) p.y2());
    String text = String.format(Locale.ROOT, "%s %.2f", names.apply(p.category()), p.score());
    return new Mark(FOUND, text, 1, box);
  }

  /** The boxes with some of their surroundings, in whole pixels inside the picture. */
  private static Rectangle2D part(List<Mark> marks, Image image) {
    Rectangle2D all = new Rectangle2D.Double();
    for (int i = 0; i < marks.size(); i++) {
      Box box = marks.get(i).box();
      Rectangle2D one =
          new Rectangle2D.Double(
              box.x1(), box.y1(), Math.max(0, box.width()), Math.max(0, box.height()));
      all = i == 0 ? one : all.createUnion(one);
    }
    double side = Math.max(LEAST_SIDE, Math.max(all.getWidth(), all.getHeight()) * (1 + MARGIN));
    int width = (int) Math.clamp(Math.ceil(side), 1, image.width());
    int height = (int) Math.clamp(Math.ceil(side), 1, image.height());
    int left = (int) Math.clamp(all.getCenterX() - width / 2.0, 0, image.width() - width);
    int top = (int) Math.clamp(all.getCenterY() - height / 2.0, 0, image.height() - height);
    return new Rectangle2D.Double(left, top, width, height);
  }

  private static Image cut(Image image, Rectangle2D part) {
    int width = (int) part.getWidth();
    int height = (int) part.getHeight();
    int left = (int) part.getX();
    int top = (int) part.getY();
    float[] rgb = new float[3 * width * height];
    for (int y = 0; y < height; y++) {
      System.arraycopy(
          image.rgb(), 3 * ((top + y) * image.width() + left), rgb, 3 * y * width, 3 * width);
    }
    return new Image(width, height, rgb);
  }

  /**
   * Draws counts and costs, usually {@code errors.png}.
   *
   * @param analysis the causes
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void chart(ErrorAnalysis analysis, Path file) {
    SequencedMap<Cause, ErrorAnalysis.Summary> causes = analysis.causes();
    int row = 46;
    int top = 84;
    int width = 900;
    BufferedImage picture =
        new BufferedImage(width, top + row * causes.size() + 30, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = picture.createGraphics();
    BoxPainter.smooth(g);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    g.setColor(ChartStyle.INK);
    g.setFont(ChartStyle.font(Font.BOLD, 17));
    g.drawString(
        String.format(
            Locale.ROOT,
            "Causes of error at IoU %.2f (AP %.3f)",
            analysis.matchIou(),
            analysis.ap()),
        30,
        34);
    g.setFont(ChartStyle.font(Font.PLAIN, 13));
    g.drawString(
        String.format(Locale.ROOT, "faults above confidence %.2f", analysis.confidence()), 190, 66);
    g.drawString("AP gained if put right, whatever the score", 550, 66);
    double most = 1;
    double dearest = 0.01;
    for (ErrorAnalysis.Summary summary : causes.values()) {
      most = Math.max(most, summary.count());
      dearest = Math.max(dearest, summary.gain());
    }
    int y = top;
    for (var entry : causes.entrySet()) {
      ErrorAnalysis.Summary summary = entry.getValue();
      g.setColor(ChartStyle.INK);
      g.drawString(title(entry.getKey()), 30, y + 20);
      bar(g, 190, y, 280 * summary.count() / most, String.valueOf(summary.count()));
      bar(
          g,
          550,
          y,
          250 * Math.max(0, summary.gain()) / dearest,
          String.format(Locale.ROOT, "%+.3f", summary.gain()));
      y += row;
    }
    g.dispose();
    Images.write(file, picture);
  }

  private static void bar(Graphics2D g, int x, int y, double length, String words) {
    g.setColor(ChartStyle.MAIN);
    g.fill(new Rectangle2D.Double(x, y, length, 28));
    g.setColor(ChartStyle.INK);
    g.drawString(words, (float) (x + length + 8), y + 20);
  }

  /**
   * A cause as people say it.
   *
   * @param cause which
   * @return a word or three
   */
  public static String title(Cause cause) {
    return cause.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
