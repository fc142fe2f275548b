package dev.peregrine.yolo.classify;

import dev.peregrine.yolo.image.Images;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Pictures of one shape each, to be told apart. */
final class PaintedShapes {
  private PaintedShapes() {}

  /** Paints a circle, a square or a triangle of any size, place and colours. */
  static void paint(Path file, int kind, SplittableRandom random) throws IOException {
    BufferedImage picture = new BufferedImage(72, 64, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(new Color(random.nextInt(90), random.nextInt(90), random.nextInt(90)));
    graphics.fillRect(0, 0, 72, 64);
    double size = random.nextDouble(26, 40);
    double x = random.nextDouble(6, 66 - size);
    double y = random.nextDouble(6, 58 - size);
    graphics.setColor(
        new Color(120 + random.nextInt(136), 120 + random.nextInt(136), random.nextInt(256)));
    switch (kind) {
      case 0 -> graphics.fill(new Ellipse2D.Double(x, y, size, size));
      case 1 -> graphics.fill(new Rectangle2D.Double(x, y, size, size));
      default -> {
        Path2D path = new Path2D.Double();
        path.moveTo(x + size / 2, y);
        path.lineTo(x + size, y + size);
        path.lineTo(x, y + size);
        path.closePath();
        graphics.fill(path);
      }
    }
    graphics.dispose();
    Files.createDirectories(file.getParent());
    Images.write(file, picture);
  }
}
