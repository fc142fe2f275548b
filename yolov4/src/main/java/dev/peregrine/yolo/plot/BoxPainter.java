package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Picture;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Draws boxes with names on a picture.
 *
 * <p>Lines and letters grow with the picture, of a large one more slowly, since it has more and
 * smaller objects. A name stands above its box, or wherever near it there is room: inside the
 * picture and off the names placed before, the heaviest mark choosing first.
 */
public final class BoxPainter {
  private static final int CROWD = 25;

  /** Pictures larger than this, in pixels of a side, get letters as the root of their size. */
  private static final double LARGE = 1800;

  private BoxPainter() {}

  /**
   * Loads what the first drawing needs, such as the font; a caller may do so beside other work.
   *
   * <p><b>Cost</b> a tenth of a second, once in the life of a program.
   */
  public static void prepare() {
    Mark mark = new Mark(0, "0", 1, new Box(2, 2, 6, 6));
    paint(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), List.of(mark));
  }

  /**
   * Draws detections on a copy of a picture.
   *
   * @param image the picture
   * @param detections boxes in its pixels
   * @return the annotated picture, of the same size
   */
  public static BufferedImage paint(Picture image, List<Detection> detections) {
    BufferedImage canvas = Images.toBufferedImage(image);
    paint(canvas, detections.stream().map(Mark::of).toList());
    return canvas;
  }

  /**
   * Draws marks onto a picture.
   *
   * @param canvas changed in place
   * @param marks boxes in its pixels
   */
  public static void paint(BufferedImage canvas, List<Mark> marks) {
    Rectangle2D frame = new Rectangle2D.Double(0, 0, canvas.getWidth(), canvas.getHeight());
    paint(canvas, marks, frame);
  }

  /** Draws marks inside a part of a picture; nothing is drawn beyond it. */
  static void paint(BufferedImage canvas, List<Mark> marks, Rectangle2D frame) {
    Graphics2D g = canvas.createGraphics();
    try {
      smooth(g);
      g.clip(frame);
      double extent = (frame.getWidth() + frame.getHeight()) / 2;
      double crowded = marks.size() > CROWD ? 0.8 : 1;
      double shown = extent < LARGE ? extent : Math.sqrt(LARGE * extent);
      double line = Math.max(2, shown * 0.004 * crowded);
      g.setFont(
          new Font(Font.SANS_SERIF, Font.BOLD, 1)
              .deriveFont((float) (Math.max(9, shown * 0.024) * crowded)));
      List<Mark> heaviestLast = new ArrayList<>(marks);
      heaviestLast.sort(Comparator.comparingDouble(Mark::weight));
      for (Mark mark : heaviestLast) {
        outline(g, inside(mark, frame, line), Palette.of(mark.classIndex()), line);
      }
      List<Rectangle2D> tags = place(g, heaviestLast.reversed(), frame, line);
      for (int i = 0; i < tags.size(); i++) {
        tag(g, tags.get(tags.size() - 1 - i), heaviestLast.get(i), frame);
      }
    } finally {
      g.dispose();
    }
  }

  static void smooth(Graphics2D g) {
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
  }

  /** The box cut to the frame, so far in that its whole line is seen. */
  private static Rectangle2D inside(Mark mark, Rectangle2D frame, double line) {
    double half = line / 2;
    double left = Math.max(mark.box().x1(), frame.getMinX() + half);
    double top = Math.max(mark.box().y1(), frame.getMinY() + half);
    double right = Math.min(mark.box().x2(), frame.getMaxX() - half);
    double bottom = Math.min(mark.box().y2(), frame.getMaxY() - half);
    return new Rectangle2D.Double(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
  }

  /** A coloured line on a thin dark one: seen on any ground. */
  private static void outline(Graphics2D g, Rectangle2D box, Color colour, double line) {
    g.setStroke(
        new BasicStroke((float) (line + 1.5), BasicStroke.CAP_SQUARE, BasicStroke.JOIN_ROUND));
    g.setColor(new Color(0, 0, 0, 110));
    g.draw(box);
    g.setStroke(new BasicStroke((float) line, BasicStroke.CAP_SQUARE, BasicStroke.JOIN_ROUND));
    g.setColor(colour);
    g.draw(box);
  }

  /** A place for the name of every mark, in the order given; empty where there are no words. */
  private static List<Rectangle2D> place(
      Graphics2D g, List<Mark> marks, Rectangle2D frame, double line) {
    FontMetrics metrics = g.getFontMetrics();
    double pad = metrics.getHeight() * 0.22;
    List<Rectangle2D> placed = new ArrayList<>();
    for (Mark mark : marks) {
      if (mark.text().isEmpty()) {
        placed.add(new Rectangle2D.Double());
        continue;
      }
      double width = metrics.stringWidth(words(mark, frame, metrics)) + 2 * pad;
      double height = metrics.getAscent() + metrics.getDescent();
      Rectangle2D best = new Rectangle2D.Double();
      double leastHidden = Double.POSITIVE_INFINITY;
      for (Rectangle2D candidate : candidates(inside(mark, frame, line), width, height, line)) {
        Rectangle2D moved = intoFrame(candidate, frame);
        double hidden = moved.equals(candidate) ? 0 : 0.02 * width * height;
        for (Rectangle2D other : placed) {
          Rectangle2D shared = moved.createIntersection(other);
          if (!shared.isEmpty()) {
            hidden += shared.getWidth() * shared.getHeight();
          }
        }
        if (hidden < leastHidden) {
          leastHidden = hidden;
          best = moved;
        }
      }
      placed.add(best);
    }
    return placed;
  }

  /** A name that is wider than the frame loses its end. */
  private static String words(Mark mark, Rectangle2D frame, FontMetrics metrics) {
    return Lettering.fitting(mark.text(), frame.getWidth() - 0.44 * metrics.getHeight(), metrics);
  }

  /** Where a name may stand, best first: above, inside above, below, and from the right edge. */
  private static List<Rectangle2D> candidates(
      Rectangle2D box, double width, double height, double line) {
    double half = line / 2;
    double left = box.getMinX() - half;
    double fromRight = box.getMaxX() + half - width;
    List<Rectangle2D> candidates = new ArrayList<>();
    double[] tops = {
      box.getMinY() - half - height,
      box.getMinY() - half,
      box.getMaxY() + half,
      box.getMaxY() + half - height
    };
    for (double top : tops) {
      candidates.add(new Rectangle2D.Double(left, top, width, height));
      candidates.add(new Rectangle2D.Double(fromRight, top, width, height));
    }
    for (double step = 1; step * height < box.getHeight() - 2 * height; step++) {
      candidates.add(new Rectangle2D.Double(left, box.getMinY() + step * height, width, height));
    }
    return candidates;
  }

  private static Rectangle2D intoFrame(Rectangle2D r, Rectangle2D frame) {
    double x = Math.max(frame.getMinX(), Math.min(r.getX(), frame.getMaxX() - r.getWidth()));
    double y = Math.max(frame.getMinY(), Math.min(r.getY(), frame.getMaxY() - r.getHeight()));
    return new Rectangle2D.Double(x, y, r.getWidth(), r.getHeight());
  }

  private static void tag(Graphics2D g, Rectangle2D place, Mark mark, Rectangle2D frame) {
    if (place.isEmpty()) {
      return;
    }
    Color colour = Palette.of(mark.classIndex());
    FontMetrics metrics = g.getFontMetrics();
    double round = place.getHeight() * 0.25;
    g.setColor(colour);
    g.fill(
        new RoundRectangle2D.Double(
            place.getX(), place.getY(), place.getWidth(), place.getHeight(), round, round));
    g.setColor(Palette.textOn(colour));
    g.drawString(
        words(mark, frame, metrics),
        (float) (place.getX() + metrics.getHeight() * 0.22),
        (float) (place.getY() + metrics.getAscent()));
  }
}
