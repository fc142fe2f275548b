package dev.peregrine.yolo.image;

/**
 * The inverse cosine transform of 8 x 8 numbers, in whole numbers.
 *
 * <p>The rounding is that of the decoder that darknet reads pictures with (constants of twelve
 * bits, ten bits taken off between columns and rows), so that a detector sees the same picture here
 * to the last bit. The JDK's decoder has one bit more and now and then another grey level.
 *
 * <p><b>Source</b> C. Loeffler, A. Ligtenberg and G. Moschytz, 1989: eleven multiplications.
 */
final class JpegTransform {
  private static final int ONE = 4096;
  private static final int C2_6 = fixed(0.5411961f);
  private static final int C6_MINUS = fixed(-1.847759065f);
  private static final int C6_PLUS = fixed(0.765366865f);
  private static final int C3 = fixed(1.175875602f);
  private static final int ODD_7 = fixed(0.298631336f);
  private static final int ODD_5 = fixed(2.053119869f);
  private static final int ODD_3 = fixed(3.072711026f);
  private static final int ODD_1 = fixed(1.501321110f);
  private static final int PAIR_71 = fixed(-0.899976223f);
  private static final int PAIR_53 = fixed(-2.562915447f);
  private static final int PAIR_73 = fixed(-1.961570560f);
  private static final int PAIR_51 = fixed(-0.390180644f);

  private static final int COLUMN_SHIFT = 10;
  private static final int COLUMN_ROUND = 1 << COLUMN_SHIFT - 1;
  private static final int ROW_SHIFT = 17;

  /** Half a level, and the 128 by which samples are stored too low. */
  private static final int ROW_ROUND = (1 << ROW_SHIFT - 1) + (128 << ROW_SHIFT);

  private final int[] columns = new int[64];
  private final int[] row = new int[8];

  /** Rounds towards zero after adding a half, negative numbers too. */
  private static int fixed(float x) {
    return (int) (x * ONE + 0.5);
  }

  /**
   * Transforms a block.
   *
   * @param block 64 coefficients, row by row
   * @param plane where the samples go
   * @param from the first of them
   * @param stride samples from one row to the next
   */
  void apply(int[] block, byte[] plane, int from, int stride) {
    for (int i = 0; i < 8; i++) {
      int rest = block[8 + i] | block[16 + i] | block[24 + i] | block[32 + i];
      if ((rest | block[40 + i] | block[48 + i] | block[56 + i]) == 0) {
        int flat = block[i] * 4;
        for (int k = i; k < 64; k += 8) {
          columns[k] = flat;
        }
      } else {
        line(block, i, 8, COLUMN_ROUND, COLUMN_SHIFT, columns, i, 8);
      }
    }
    for (int i = 0; i < 8; i++) {
      line(columns, 8 * i, 1, ROW_ROUND, ROW_SHIFT, row, 0, 1);
      int to = from + i * stride;
      for (int k = 0; k < 8; k++) {
        plane[to + k] = (byte) Math.clamp(row[k], 0, 255);
      }
    }
  }

  private static void line(
      int[] in, int at, int step, int round, int shift, int[] out, int to, int outStep) {
    int low = in[at + 2 * step];
    int high = in[at + 6 * step];
    int shared = (low + high) * C2_6;
    int t2 = shared + high * C6_MINUS;
    int t3 = shared + low * C6_PLUS;
    int t0 = (in[at] + in[at + 4 * step]) * ONE;
    int t1 = (in[at] - in[at + 4 * step]) * ONE;
    int x0 = t0 + t3 + round;
    int x3 = t0 - t3 + round;
    int x1 = t1 + t2 + round;
    int x2 = t1 - t2 + round;

    int s7 = in[at + 7 * step];
    int s5 = in[at + 5 * step];
    int s3 = in[at + 3 * step];
    int s1 = in[at + step];
    int all = (s7 + s3 + s5 + s1) * C3;
    int p71 = all + (s7 + s1) * PAIR_71;
    int p53 = all + (s5 + s3) * PAIR_53;
    int p73 = (s7 + s3) * PAIR_73;
    int p51 = (s5 + s1) * PAIR_51;
    int y1 = s1 * ODD_1 + p71 + p51;
    int y3 = s3 * ODD_3 + p53 + p73;
    int y5 = s5 * ODD_5 + p53 + p51;
    int y7 = s7 * ODD_7 + p71 + p73;

    out[to] = x0 + y1 >> shift;
    out[to + 7 * outStep] = x0 - y1 >> shift;
    out[to + outStep] = x1 + y3 >> shift;
    out[to + 6 * outStep] = x1 - y3 >> shift;
    out[to + 2 * outStep] = x2 + y5 >> shift;
    out[to + 5 * outStep] = x2 - y5 >> shift;
    out[to + 3 * outStep] = x3 + y7 >> shift;
    out[to + 4 * outStep] = x3 - y7 >> shift;
  }
}
