package dev.peregrine.yolo.video;

import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.plot.BoxPainter;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;

/**
 * What is drawn on a frame: boxes with names, and one line with its number, its time and the speed
 * of detection. Each frame is drawn by itself; objects are not followed from one to the next.
 */
public final class FrameOverlay {
  private FrameOverlay() {}

  /**
   * Draws on a copy of a frame.
   *
   * @param frame the frame
   * @param detections boxes in its pixels
   * @param framesPerSecond how fast frames go through the network
   * @return the annotated picture, of the same size
   */
  public static BufferedImage paint(
      Frame frame, List<Detection> detections, double framesPerSecond) {
    BufferedImage canvas = BoxPainter.paint(frame.image(), detections);
    Graphics2D g = canvas.createGraphics();
    try {
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      int height = Math.clamp(Math.round(canvas.getHeight() * 0.035), 10, 44);
      g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, height));
      FontMetrics metrics = g.getFontMetrics();
      String text = text(frame, framesPerSecond);
      int pad = metrics.getDescent() + 1;
      g.setColor(new Color(0, 0, 0, 160));
      g.fillRect(0, 0, metrics.stringWidth(text) + 2 * pad, metrics.getHeight() + pad);
      g.setColor(Color.WHITE);
      g.drawString(text, pad, metrics.getAscent() + pad / 2);
    } finally {
      g.dispose();
    }
    return canvas;
  }

  /** The line, such as {@code frame 12 0.44 s 8.5 frames/s}. */
  static String text(Frame frame, double framesPerSecond) {
    return String.format(
        Locale.ROOT,
        "frame %d  %.2f s  %.1f frames/s",
        frame.index() + 1,
        frame.seconds(),
        framesPerSecond);
  }
}
