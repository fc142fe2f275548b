package dev.peregrine.yolo.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * Takes the stored numbers out of an AWT picture.
 *
 * <p>AWT's own way ({@code getRGB}) treats grey as linear light and brightens it, so samples are
 * read from the raster. Transparency is ignored: the colour below it counts, as in the programs
 * that made the published weights.
 */
final class Pixels {
  private Pixels() {}

  /** True when some stored sample has more than 8 bits. */
  static boolean deep(BufferedImage picture) {
    return !(picture.getColorModel() instanceof IndexColorModel)
        && picture.getSampleModel().getSampleSize(0) > 8;
  }

  /** All pixels as bytes, red green blue. */
  static byte[] bytes(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    byte[] out = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    Raster raster = picture.getRaster();
    boolean direct =
        raster.getSampleModel() instanceof PixelInterleavedSampleModel
            && raster.getDataBuffer() instanceof DataBufferByte
            && isPlain(picture.getColorModel());
    if (direct) {
      copyInterleaved(raster, out);
      return out;
    }
    int[] row = new int[width * 3];
    for (int y = 0; y < height; y++) {
      int max = row(picture, y, row);
      for (int i = 0; i < row.length; i++) {
        out[y * width * 3 + i] =
            (byte) (max == 255 ? row[i] : (int) ((row[i] * 255L + max / 2) / max));
      }
    }
    return out;
  }

  /** All pixels as floats, red green blue, with the full depth of the file. */
  static float[] floats(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    float[] out = new float[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    int[] row = new int[width * 3];
    for (int y = 0; y < height; y++) {
      int max = row(picture, y, row);
      for (int i = 0; i < row.length; i++) {
        out[y * width * 3 + i] = row[i] / (float) max;
      }
    }
    return out;
  }

  private static void copyInterleaved(Raster raster, byte[] out) {
    PixelInterleavedSampleModel model = (PixelInterleavedSampleModel) raster.getSampleModel();
    DataBufferByte buffer = (DataBufferByte) raster.getDataBuffer();
    byte[] data = buffer.getData();
    int[] bands = model.getBandOffsets();
    int red = bands[0];
    int green = bands[bands.length >= 3 ? 1 : 0];
    int blue = bands[bands.length >= 3 ? 2 : 0];
    int step = model.getPixelStride();
    int width = raster.getWidth();
    int to = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      int from =
          buffer.getOffset()
              + (y - raster.getSampleModelTranslateY()) * model.getScanlineStride()
              - raster.getSampleModelTranslateX() * step;
      for (int x = 0; x < width; x++) {
        out[to++] = data[from + red];
        out[to++] = data[from + green];
        out[to++] = data[from + blue];
        from += step;
      }
    }
  }

  /** Fills one row; gives the number that means full intensity. */
  private static int row(BufferedImage picture, int y, int[] row) {
    int width = picture.getWidth();
    ColorModel colors = picture.getColorModel();
    if (!isPlain(colors)) {
      for (int x = 0; x < width; x++) {
        int rgb = picture.getRGB(x, y);
        row[3 * x] = rgb >> 16 & 0xff;
        row[3 * x + 1] = rgb >> 8 & 0xff;
        row[3 * x + 2] = rgb & 0xff;
      }
      return 255;
    }
    Raster raster = picture.getRaster();
    int bands = raster.getNumBands();
    int[] samples =
        raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, (int[]) null);
    int green = bands >= 3 ? 1 : 0;
    int blue = bands >= 3 ? 2 : 0;
    for (int x = 0; x < width; x++) {
      row[3 * x] = samples[x * bands];
      row[3 * x + 1] = samples[x * bands + green];
      row[3 * x + 2] = samples[x * bands + blue];
    }
    return (1 << raster.getSampleModel().getSampleSize(0)) - 1;
  }

  /** Samples are grey or red, green, blue, all of the same depth. */
  private static boolean isPlain(ColorModel colors) {
    if (colors instanceof IndexColorModel || colors.isAlphaPremultiplied()) {
      return false;
    }
    int type = colors.getColorSpace().getType();
    int[] depth = colors.getComponentSize();
    boolean even = true;
    for (int i = 1; i < colors.getNumColorComponents(); i++) {
      even &= depth[i] == depth[0];
    }
    return even && depth[0] <= 16 && (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB);
  }
}
