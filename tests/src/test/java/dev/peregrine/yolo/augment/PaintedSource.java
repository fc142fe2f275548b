package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Black pictures of many extents, each with one box of its own colour, so that boxes can be found
 * again in what an augmentation makes.
 */
final class PaintedSource implements PictureSource {
  private final List<ByteImage> pictures = new ArrayList<>();
  private final List<Label> labels = new ArrayList<>();
  private final List<float[]> colours = new ArrayList<>();

  /** The pictures asked for, in order. */
  final List<Integer> asked = new ArrayList<>();

  PaintedSource(long seed) {
    // No two of these are multiples of each other, and none is grey.
    float[] levels = {0.4f, 0.7f, 1};
    for (float r : levels) {
      for (float g : levels) {
        for (float b : levels) {
          if (r != g || g != b) {
            colours.add(new float[] {r, g, b});
          }
        }
      }
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < colours.size(); i++) {
      int width = random.nextInt(200, 400);
      int height = random.nextInt(200, 400);
      int boxWidth = random.nextInt(width / 4, width * 6 / 10);
      int boxHeight = random.nextInt(height / 4, height * 6 / 10);
      int left = random.nextInt(4, width - boxWidth - 4);
      int top = random.nextInt(4, height - boxHeight - 4);
      byte[] rgb = new byte[3 * width * height];
      for (int y = top; y < top + boxHeight; y++) {
        for (int x = left; x < left + boxWidth; x++) {
          for (int c = 0; c < 3; c++) {
            rgb[(y * width + x) * 3 + c] = (byte) Math.round(colours.get(i)[c] * 255);
          }
        }
      }
      pictures.add(new ByteImage(width, height, rgb));
      labels.add(
          Label.ofEdges(
              i,
              left / (double) width,
              top / (double) height,
              (left + boxWidth) / (double) width,
              (top + boxHeight) / (double) height));
    }
  }

  @Override
  public int size() {
    return pictures.size();
  }

  @Override
  public ByteImage picture(int index) {
    asked.add(index);
    return pictures.get(index);
  }

  @Override
  public List<Label> labels(int index) {
    return List.of(labels.get(index));
  }

  /**
   * Extents of a picture's colour in pixels: left, top, right, bottom; null where there is none.
   */
  double[] find(LabelledImage made, int index) {
    float[] c = colours.get(index);
    float[] rgb = made.image().rgb();
    int width = made.image().width();
    int left = Integer.MAX_VALUE;
    int top = Integer.MAX_VALUE;
    int right = -1;
    int bottom = -1;
    float square = c[0] * c[0] + c[1] * c[1] + c[2] * c[2];
    for (int i = 0; i < rgb.length; i += 3) {
      float share = (rgb[i] * c[0] + rgb[i + 1] * c[1] + rgb[i + 2] * c[2]) / square;
      float off = 0;
      for (int k = 0; k < 3; k++) {
        off = Math.max(off, Math.abs(rgb[i + k] - share * c[k]));
      }
      // More than half way from black to the colour, and no mixture with another.
      if (share > 0.5f && off < 0.02f) {
        left = Math.min(left, i / 3 % width);
        right = Math.max(right, i / 3 % width + 1);
        top = Math.min(top, i / 3 / width);
        bottom = Math.max(bottom, i / 3 / width + 1);
      }
    }
    return right < 0 ? null : new double[] {left, top, right, bottom};
  }
}
