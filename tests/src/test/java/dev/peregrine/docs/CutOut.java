package dev.peregrine.docs;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/**
 * Cuts a rectangle out of a picture and writes it as JPEG, as the pictures of {@code docs} were cut
 * ({@code docs/pictures.md}); Java runs it from its source: {@code java CutOut.java FROM TO LEFT
 * TOP WIDTH HEIGHT SHOWN_WIDTH}.
 */
public final class CutOut {
  private static final float QUALITY = 0.9f;

  private CutOut() {}

  /**
   * Cuts.
   *
   * @param arguments as the class says
   */
  public static void main(String[] arguments) throws IOException {
    BufferedImage whole = ImageIO.read(new File(arguments[0]));
    int width = Integer.parseInt(arguments[4]);
    int height = Integer.parseInt(arguments[5]);
    int left = Integer.parseInt(arguments[2]);
    int top = Integer.parseInt(arguments[3]);
    int shown = Integer.parseInt(arguments[6]);
    BufferedImage part = whole.getSubimage(left, top, width, height);
    BufferedImage plain =
        new BufferedImage(shown, shown * height / width, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = plain.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    g.drawImage(part, 0, 0, plain.getWidth(), plain.getHeight(), null);
    g.dispose();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam settings = writer.getDefaultWriteParam();
    settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    settings.setCompressionQuality(QUALITY);
    File target = new File(arguments[1]);
    if (target.exists() && !target.delete()) {
      throw new IOException(target + " cannot be replaced");
    }
    try (var out = ImageIO.createImageOutputStream(target)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(plain, null, null), settings);
    } finally {
      writer.dispose();
    }
  }
}
