package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** A grid of pictures with their boxes: what a batch looks like to the network. */
public final class ContactSheet {
  private static final Color GROUND = new Color(0x2B2B2B);
  private static final Color EMPTY = new Color(0x727272);
  private static final int GAP = 6;

  private ContactSheet() {}

  /**
   * One picture of a sheet.
   *
   * @param title a few words for its corner, may be empty
   * @param image the picture
   * @param marks boxes in pixels of {@code image}
   */
  public record Tile(String title, Image image, List<Mark> marks) {
    /** Copies the list. */
    public Tile {
      marks = List.copyOf(marks);
    }
  }

  /**
   * Lays pictures out in rows.
   *
   * <p>Pictures keep their shape; small ones are enlarged before boxes are drawn, so that names
   * stay readable.
   *
   * @param tiles the pictures, in reading order
   * @param most no more than this many of them, 16 being usual
   * @param cell width and height of a place in pixels, 320 being usual
   * @return the sheet, as square as their number allows
   */
  public static BufferedImage of(List<Tile> tiles, int most, int cell) {
    if (tiles.isEmpty() || most < 1 || cell < 32) {
      throw new IllegalArgumentException(
          "a contact sheet needs pictures and places of at least 32 pixels, got "
              + tiles.size()
              + " pictures, at most "
              + most
              + ", places of "
              + cell);
    }
    int shown = Math.min(tiles.size(), most);
    int columns = (int) Math.ceil(Math.sqrt(shown));
    int rows = (shown + columns - 1) / columns;
    BufferedImage sheet =
        new BufferedImage(
            columns * (cell + GAP) + GAP, rows * (cell + GAP) + GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    try {
      BoxPainter.smooth(g);
      g.setColor(GROUND);
      g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
      for (int i = 0; i < shown; i++) {
        int left = GAP + i % columns * (cell + GAP);
        int top = GAP + i / columns * (cell + GAP);
        draw(sheet, g, tiles.get(i), new Rectangle2D.Double(left, top, cell, cell));
      }
    } finally {
      g.dispose();
    }
    return sheet;
  }

  private static void draw(BufferedImage sheet, Graphics2D g, Tile tile, Rectangle2D place) {
    g.setColor(EMPTY);
    g.fill(place);
    double scale =
        Math.min(
            place.getWidth() / tile.image().width(), place.getHeight() / tile.image().height());
    int width = Math.max(1, (int) Math.round(tile.image().width() * scale));
    int height = Math.max(1, (int) Math.round(tile.image().height() * scale));
    int left = (int) (place.getX() + (place.getWidth() - width) / 2);
    int top = (int) (place.getY() + (place.getHeight() - height) / 2);
    g.drawImage(Images.toBufferedImage(tile.image()), left, top, width, height, null);
    BoxPainter.paint(
        sheet,
        tile.marks().stream().map(m -> m.placed(scale, left, top)).toList(),
        new Rectangle2D.Double(left, top, width, height));
    if (!tile.title().isEmpty()) {
      title(g, tile.title(), place);
    }
  }

  private static void title(Graphics2D g, String words, Rectangle2D place) {
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, (int) Math.max(9, place.getHeight() * 0.038)));
    int height = g.getFontMetrics().getHeight();
    int width = g.getFontMetrics().stringWidth(words) + height / 2;
    double y = place.getMaxY() - height;
    g.setColor(new Color(0, 0, 0, 150));
    g.fill(new Rectangle2D.Double(place.getX(), y, Math.min(width, place.getWidth()), height));
    g.setColor(Color.WHITE);
    Shape clip = g.getClip();
    g.clip(place);
    g.drawString(
        words,
        (float) (place.getX() + height / 4.0),
        (float) (y + g.getFontMetrics().getAscent() + g.getFontMetrics().getLeading() / 2.0));
    g.setClip(clip);
  }
}
