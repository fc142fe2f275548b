package dev.peregrine.yolo.image;

/**
 * Bilinear resampling in two passes: along the rows first, then between rows.
 *
 * <p><b>Cost</b> each source row that is needed is stretched once; about 15 operations per new
 * value.
 */
public final class Resampler {
  /** Exact value of each byte. */
  private static final float[] UNIT = new float[256];

  static {
    for (int i = 0; i < 256; i++) {
      UNIT[i] = i / 255f;
    }
  }

  private Resampler() {}

  /**
   * Resamples a whole picture into a new one.
   *
   * @param source where the pixels come from
   * @param columns placement of the columns
   * @param rows placement of the rows
   * @param fill red, green, blue of what lies outside the source
   * @return a picture of {@code columns.length() x rows.length()} pixels
   */
  public static Image resample(Picture source, Axis columns, Axis rows, float... fill) {
    Image out = new Image(columns.length(), rows.length());
    into(out, 0, 0, source, columns, rows, fill);
    return out;
  }

  /**
   * Resamples into a rectangle of an existing picture.
   *
   * @param target written to
   * @param left first column of the rectangle
   * @param top first row of the rectangle
   * @param source where the pixels come from
   * @param columns placement of the columns; their number is the rectangle's width
   * @param rows placement of the rows; their number is the rectangle's height
   * @param fill red, green, blue of what lies outside the source
   */
  public static void into(
      Image target, int left, int top, Picture source, Axis columns, Axis rows, float... fill) {
    int width = columns.length();
    if (left < 0
        || top < 0
        || left + width > target.width()
        || top + rows.length() > target.height()) {
      throw new IllegalArgumentException(
          "a rectangle of %d x %d at (%d, %d) does not fit into %s"
              .formatted(width, rows.length(), left, top, target));
    }
    if (fill.length != 3) {
      throw new IllegalArgumentException("a fill colour has 3 values but got " + fill.length);
    }
    float[] out = target.rgb();
    RowCache cache = new RowCache(source, columns, fill);
    for (int i = 0; i < rows.length(); i++) {
      float[] a = cache.row(rows.low(i));
      float[] b = cache.row(rows.high(i));
      mix(a, b, rows.weight(i), out, ((top + i) * target.width() + left) * 3);
    }
  }

  private static void mix(float[] a, float[] b, float weight, float[] out, int at) {
    if (weight == 0) {
      System.arraycopy(a, 0, out, at, a.length);
      return;
    }
    float rest = 1 - weight;
    for (int i = 0; i < a.length; i++) {
      out[at + i] = rest * a[i] + weight * b[i];
    }
  }

  /** The two source rows used last, already stretched. */
  private static final class RowCache {
    private final Picture source;
    private final Axis columns;
    private final float[] fill;
    private final float[] outside;
    private float[] last;
    private float[] older;
    private int lastIndex = Integer.MIN_VALUE;
    private int olderIndex = Integer.MIN_VALUE;

    RowCache(Picture source, Axis columns, float[] fill) {
      this.source = source;
      this.columns = columns;
      this.fill = fill;
      this.outside = new float[columns.length() * 3];
      this.last = new float[outside.length];
      this.older = new float[outside.length];
      for (int i = 0; i < outside.length; i++) {
        outside[i] = fill[i % 3];
      }
    }

    float[] row(int index) {
      if (index < 0) {
        return outside;
      }
      if (index == lastIndex) {
        return last;
      }
      float[] row = older;
      older = last;
      last = row;
      boolean known = index == olderIndex;
      olderIndex = lastIndex;
      lastIndex = index;
      if (!known) {
        switch (source) {
          case Image image -> stretch(image.rgb(), index * image.width() * 3, row);
          case ByteImage image -> stretch(image.rgb(), index * image.width() * 3, row);
        }
      }
      return row;
    }

    private void stretch(float[] in, int at, float[] out) {
      for (int x = 0; x < columns.length(); x++) {
        int low = at + 3 * columns.low(x);
        int high = at + 3 * columns.high(x);
        if (low < at || high < at) {
          blend(x, low < at ? fill : pixel(in, low), high < at ? fill : pixel(in, high), out);
          continue;
        }
        float weight = columns.weight(x);
        float rest = 1 - weight;
        out[3 * x] = rest * in[low] + weight * in[high];
        out[3 * x + 1] = rest * in[low + 1] + weight * in[high + 1];
        out[3 * x + 2] = rest * in[low + 2] + weight * in[high + 2];
      }
    }

    private void stretch(byte[] in, int at, float[] out) {
      for (int x = 0; x < columns.length(); x++) {
        int low = at + 3 * columns.low(x);
        int high = at + 3 * columns.high(x);
        if (low < at || high < at) {
          blend(x, low < at ? fill : pixel(in, low), high < at ? fill : pixel(in, high), out);
          continue;
        }
        float weight = columns.weight(x);
        float rest = 1 - weight;
        out[3 * x] = rest * UNIT[in[low] & 0xff] + weight * UNIT[in[high] & 0xff];
        out[3 * x + 1] = rest * UNIT[in[low + 1] & 0xff] + weight * UNIT[in[high + 1] & 0xff];
        out[3 * x + 2] = rest * UNIT[in[low + 2] & 0xff] + weight * UNIT[in[high + 2] & 0xff];
      }
    }

    /** At the border of the source; rare. */
    private void blend(int x, float[] low, float[] high, float[] out) {
      float weight = columns.weight(x);
      for (int c = 0; c < 3; c++) {
        out[3 * x + c] = (1 - weight) * low[c] + weight * high[c];
      }
    }

    private static float[] pixel(float[] in, int at) {
      return new float[] {in[at], in[at + 1], in[at + 2]};
    }

    private static float[] pixel(byte[] in, int at) {
      return new float[] {UNIT[in[at] & 0xff], UNIT[in[at + 1] & 0xff], UNIT[in[at + 2] & 0xff]};
    }
  }
}
