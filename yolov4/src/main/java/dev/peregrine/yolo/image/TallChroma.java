package dev.peregrine.yolo.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;

/**
 * Colours of JPEG files that store one colour row for two rows of brightness, as cameras held
 * upright leave behind when their pictures are turned without loss.
 *
 * <p>The decoder of the JDK repeats each colour row; the decoders used elsewhere blend neighbours.
 * At coloured edges that is a difference of thirty grey levels, enough to move scores of a
 * detector, so the blend is made here.
 *
 * <p><b>Formula</b> each row takes 3/4 of the nearer stored colour row and 1/4 of the next nearest;
 * then red, green, blue as JFIF defines them.
 */
final class TallChroma {
  private TallChroma() {}

  /**
   * Makes the picture.
   *
   * @param stored brightness and the two colour differences, each colour row repeated
   */
  static BufferedImage picture(Raster stored) {
    int width = stored.getWidth();
    int height = stored.getHeight();
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    byte[] bytes = ((DataBufferByte) out.getRaster().getDataBuffer()).getData();
    int[] row = new int[3 * width];
    int[] near = new int[3 * width];
    int[] far = new int[3 * width];
    int lastStored = (height - 1) / 2;
    for (int y = 0; y < height; y++) {
      int other = Math.clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, lastStored);
      stored.getPixels(0, y, width, 1, row);
      stored.getPixels(0, y / 2 * 2, width, 1, near);
      stored.getPixels(0, other * 2, width, 1, far);
      int to = 3 * width * y;
      for (int i = 0; i < 3 * width; i += 3) {
        int blue = (3 * near[i + 1] + far[i + 1] + 2 >> 2) - 128;
        int red = (3 * near[i + 2] + far[i + 2] + 2 >> 2) - 128;
        bytes[to + i] = level(row[i] + 1.772f * blue);
        bytes[to + i + 1] = level(row[i] - 0.344136f * blue - 0.714136f * red);
        bytes[to + i + 2] = level(row[i] + 1.402f * red);
      }
    }
    return out;
  }

  private static byte level(float value) {
    return (byte) (int) Math.clamp(value + 0.5f, 0f, 255f);
  }
}
