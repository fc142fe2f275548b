package dev.peregrine.yolo.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.List;

/**
 * From the planes of a JPEG file to red, green and blue.
 *
 * <p>Colour planes may be stored at half the width, the height or both; between two stored samples
 * each pixel takes 3/4 of the nearer and 1/4 of the other, in both directions. Rounding is that of
 * the decoder that darknet reads pictures with.
 */
final class JpegColours {
  /** 2^20 times the shares of JFIF, from twelve bits. */
  private static final int RED_OF_RED = fixed(1.40200f);

  private static final int GREEN_OF_RED = -fixed(0.71414f);
  private static final int GREEN_OF_BLUE = -fixed(0.34414f);
  private static final int BLUE_OF_BLUE = fixed(1.77200f);
  private static final int HALF = 1 << 19;

  /** What the decoder imitated here takes off one product, so that it agrees with its fast form. */
  private static final int UPPER = 0xffff0000;

  /**
   * One component of a picture.
   *
   * @param samples row by row
   * @param stride samples from one row to the next
   * @param height rows that belong to the picture
   * @param across pixels for one sample in a row, 1 or 2
   * @param down rows of pixels for one row of samples, 1 or 2
   */
  record Plane(byte[] samples, int stride, int height, int across, int down) {

    /** Fills a row with one sample a pixel. */
    void row(int y, int width, int[] to) {
      int near = y / down * stride;
      int far = near;
      if (down == 2) {
        int other = Math.clamp(y % 2 == 0 ? y / 2 - 1 : y / 2 + 1, 0, height - 1);
        far = other * stride;
      }
      int stored = (width + across - 1) / across;
      if (across == 1) {
        for (int x = 0; x < stored; x++) {
          to[x] =
              down == 1
                  ? samples[near + x] & 0xff
                  : 3 * (samples[near + x] & 0xff) + (samples[far + x] & 0xff) + 2 >> 2;
        }
      } else if (down == 1) {
        wide(near, stored, to);
      } else {
        wideAndTall(near, far, stored, to);
      }
    }

    private void wide(int at, int stored, int[] to) {
      to[0] = samples[at] & 0xff;
      for (int x = 1; x < stored; x++) {
        int left = samples[at + x - 1] & 0xff;
        int right = samples[at + x] & 0xff;
        to[2 * x - 1] = 3 * left + right + 2 >> 2;
        to[2 * x] = 3 * right + left + 2 >> 2;
      }
      int last = samples[at + stored - 1] & 0xff;
      if (stored > 1) {
        // The decoder imitated here exchanges the two shares at the edge.
        to[2 * stored - 2] = 3 * (samples[at + stored - 2] & 0xff) + last + 2 >> 2;
      }
      to[2 * stored - 1] = last;
    }

    private void wideAndTall(int near, int far, int stored, int[] to) {
      int right = 3 * (samples[near] & 0xff) + (samples[far] & 0xff);
      to[0] = right + 2 >> 2;
      for (int x = 1; x < stored; x++) {
        int left = right;
        right = 3 * (samples[near + x] & 0xff) + (samples[far + x] & 0xff);
        to[2 * x - 1] = 3 * left + right + 8 >> 4;
        to[2 * x] = 3 * right + left + 8 >> 4;
      }
      to[2 * stored - 1] = right + 2 >> 2;
    }
  }

  private JpegColours() {}

  private static int fixed(float x) {
    return (int) (x * 4096f + 0.5f) << 8;
  }

  /**
   * Makes the picture.
   *
   * @param width pixels
   * @param height pixels
   * @param planes brightness alone, or brightness and the differences of blue and red
   */
  static BufferedImage picture(int width, int height, List<Plane> planes) {
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    byte[] bytes = ((DataBufferByte) out.getRaster().getDataBuffer()).getData();
    int[] bright = new int[width + 1];
    int[] blue = new int[width + 1];
    int[] red = new int[width + 1];
    for (int y = 0; y < height; y++) {
      planes.get(0).row(y, width, bright);
      int to = 3 * width * y;
      if (planes.size() == 1) {
        for (int x = 0; x < width; x++, to += 3) {
          bytes[to] = bytes[to + 1] = bytes[to + 2] = (byte) bright[x];
        }
      } else {
        planes.get(1).row(y, width, blue);
        planes.get(2).row(y, width, red);
        for (int x = 0; x < width; x++, to += 3) {
          int level = (bright[x] << 20) + HALF;
          int b = blue[x] - 128;
          int r = red[x] - 128;
          bytes[to] = clamp(level + b * BLUE_OF_BLUE);
          bytes[to + 1] = clamp(level + r * GREEN_OF_RED + (b * GREEN_OF_BLUE & UPPER));
          bytes[to + 2] = clamp(level + r * RED_OF_RED);
        }
      }
    }
    return out;
  }

  private static byte clamp(int fixed) {
    return (byte) Math.clamp(fixed >> 20, 0, 255);
  }
}
