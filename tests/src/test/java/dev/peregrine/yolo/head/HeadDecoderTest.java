package dev.peregrine.yolo.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Placement;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Boxes from numbers, computed by hand from the formulas. */
class HeadDecoderTest {
  private static final Offset<Float> NEAR = within(1e-6f);

  private static HeadSpec spec(
      int classes, List<Integer> mask, double scaleXy, boolean newCoordinates) {
    List<Anchor> anchors =
        List.of(new Anchor(10, 14), new Anchor(23, 27), new Anchor(37, 58), new Anchor(81, 82));
    return new HeadSpec(classes, anchors, mask, scaleXy, newCoordinates, HeadTraining.TINY);
  }

  /** A head in which nothing is likely. */
  private static float[] unlikely(HeadDecoder decoder, int images) {
    HeadSpec spec = decoder.spec();
    float[] head = new float[images * decoder.height() * decoder.width() * spec.channels()];
    for (int at = 4; at < head.length; at += spec.entries()) {
      head[at] = spec.newCoordinates() ? 0 : -30;
    }
    return head;
  }

  private static void put(
      HeadDecoder decoder, float[] head, int image, int row, int column, int anchor, float... z) {
    int cell = (image * decoder.height() + row) * decoder.width() + column;
    int at = cell * decoder.spec().channels() + anchor * decoder.spec().entries();
    System.arraycopy(z, 0, head, at, z.length);
  }

  private static Candidates decode(HeadDecoder decoder, float[] head, double threshold) {
    Candidates found = new Candidates();
    decoder.decode(head, 0, (float) threshold, Placement.stretch(960, 320, 96, 64), found);
    return found;
  }

  @Test
  void exponentialSizesAndStretchedCentres() {
    HeadDecoder decoder = new HeadDecoder(spec(2, List.of(1), 1.05, false), 2, 3);
    float[] head = unlikely(decoder, 1);
    put(decoder, head, 0, 1, 2, 0, .5f, -.25f, .3f, -.2f, 2, 1, -3);
    Candidates found = decode(decoder, head, .04);
    // x (2 + 1.05 s(0.5) - 0.025) / 3, y (1 + 1.05 s(-0.25) - 0.025) / 2, w e^0.3 23 / 96,
    // h e^-0.2 27 / 64, scores s(2) s(1) and s(2) s(-3)
    assertThat(found.boxes())
        .containsExactly(
            new float[] {
              .8761941f, .7173573f, .3234037f, .3454020f, .8761941f, .7173573f, .3234037f, .3454020f
            },
            NEAR);
    assertThat(found.scores()).containsExactly(new float[] {.6439143f, .0417726f}, NEAR);
    assertThat(found.classes()).containsExactly(0, 1);
    assertThat(decode(decoder, head, .05).classes()).containsExactly(0);
    assertThat(decode(decoder, head, .65).size()).isZero();
    assertThat(decode(decoder, head, .9).size()).isZero();
  }

  @Test
  void newCoordinatesAreProbabilitiesAlready() {
    HeadDecoder decoder = new HeadDecoder(spec(1, List.of(0), 2, true), 2, 3);
    float[] head = unlikely(decoder, 1);
    put(decoder, head, 0, 0, 1, 0, .6f, .3f, .5f, .25f, .9f, .8f);
    Candidates found = decode(decoder, head, .5);
    // x (1 + 2 * 0.6 - 0.5) / 3, y (0 + 2 * 0.3 - 0.5) / 2, w (2 * 0.5)^2 10 / 96,
    // h (2 * 0.25)^2 14 / 64
    assertThat(found.boxes())
        .containsExactly(new float[] {1.7f / 3, .05f, 10f / 96, 3.5f / 64}, NEAR);
    assertThat(found.scores()).containsExactly(new float[] {.72f}, NEAR);
  }

  /** Each number of the box is followed by its spread, whose mean lowers the score. */
  @Test
  void unsureBoxesScoreLess() {
    List<Anchor> anchors = spec(1, List.of(0), 1, false).anchors();
    HeadSpec spec = new HeadSpec(1, anchors, List.of(0), 1.05, false, true, HeadTraining.TINY);
    HeadDecoder decoder = new HeadDecoder(spec, 2, 3);
    float[] head = new float[6 * spec.channels()];
    for (int at = 8; at < head.length; at += spec.entries()) {
      head[at] = -30;
    }
    put(decoder, head, 0, 1, 2, 0, .5f, -3, -.25f, -2, .3f, -1, -.2f, 1, 2, 1);
    Candidates found = decode(decoder, head, .04);
    // the box as above, with the first anchor; s(2) s(1) (1 - (s(-3) + s(-2) + s(-1) + s(1)) / 4)
    assertThat(found.boxes())
        .containsExactly(
            new float[] {.8761941f, .7173573f, 1.3498588f * 10 / 96, .8187308f * 14 / 64}, NEAR);
    float unsure = (.04742587f + .11920292f + .26894142f + .73105858f) / 4;
    assertThat(found.scores()).containsExactly(new float[] {.6439143f * (1 - unsure)}, NEAR);
    assertThat(decode(decoder, head, .5).size()).isZero();
  }

  /** With scale 2 a centre reaches half a cell beyond its own; with 1 it stays inside. */
  @Test
  void scaleSaysHowFarACentreMayGo() {
    for (double scale : new double[] {1, 1.05, 1.2, 2}) {
      HeadDecoder decoder = new HeadDecoder(spec(1, List.of(0), scale, false), 1, 4);
      float[] head = unlikely(decoder, 1);
      put(decoder, head, 0, 0, 1, 0, 40, -40, 0, 0, 9, 9);
      float[] box = decode(decoder, head, .5).boxes();
      assertThat(box[0]).isCloseTo((float) ((1 + (scale + 1) / 2) / 4), NEAR);
      assertThat(box[1]).isCloseTo((float) (-(scale - 1) / 2), NEAR);
    }
  }

  @Test
  void anchorsComeInTheOrderOfTheMaskAndPicturesInTheOrderOfTheBatch() {
    for (List<Integer> mask : List.of(List.of(2, 3, 0, 1), List.of(3, 0, 2), List.of(1))) {
      HeadDecoder decoder = new HeadDecoder(spec(1, mask, 2, true), 2, 2);
      float[] head = unlikely(decoder, 2);
      for (int anchor = 0; anchor < mask.size(); anchor++) {
        put(decoder, head, 1, 0, 1, anchor, .5f, .5f, .5f, .5f, .9f, .9f);
        put(decoder, head, 1, 1, 0, anchor, .5f, .5f, .5f, .5f, .9f, .9f);
      }
      assertThat(decode(decoder, head, .5).size()).as("first picture").isZero();
      Candidates found = new Candidates();
      decoder.decode(head, 1, .5f, Placement.stretch(64, 64, 64, 64), found);
      assertThat(found.size()).isEqualTo(2 * mask.size());
      for (int i = 0; i < found.size(); i++) {
        Anchor anchor = decoder.spec().anchors().get(mask.get(i % mask.size()));
        float column = i < mask.size() ? .75f : .25f;
        float[] box = found.boxes();
        assertThat(box[4 * i]).isCloseTo(column, NEAR);
        assertThat(box[4 * i + 1]).isCloseTo(1 - column, NEAR);
        assertThat(box[4 * i + 2]).isCloseTo((float) anchor.width() / 64, NEAR);
        assertThat(box[4 * i + 3]).isCloseTo((float) anchor.height() / 64, NEAR);
      }
    }
  }

  @Test
  void bordersOfALetterboxAreTakenOff() {
    HeadDecoder decoder = new HeadDecoder(spec(1, List.of(0), 2, true), 2, 2);
    float[] head = unlikely(decoder, 1);
    put(decoder, head, 0, 0, 0, 0, .5f, .5f, .5f, .5f, .9f, .9f);
    Candidates found = new Candidates();
    // 100 x 50 pixels in 64 x 64: scale 0.64, 32 rows between borders of 16.
    decoder.decode(head, 0, .5f, Placement.letterbox(100, 50, 64, 64), found);
    assertThat(found.boxes()).containsExactly(new float[] {16 / 64f, 0, 10 / 64f, 14 / 32f}, NEAR);
  }

  @Test
  void numbersOfADivergedNetworkGiveNoBoxes() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1e9f}) {
      for (int entry : new int[] {2, 3}) {
        HeadDecoder decoder = new HeadDecoder(spec(1, List.of(0), 1, false), 1, 1);
        float[] z = {0, 0, 0, 0, 9, 9};
        assertThat(decode(decoder, z, .5).size()).isOne();
        z[entry] = bad;
        assertThat(decode(decoder, z, .5).size()).isZero();
      }
    }
    HeadDecoder decoder = new HeadDecoder(spec(1, List.of(0), 1, false), 1, 1);
    float[] all = new float[6];
    for (int entry : IntStream.of(0, 1, 4, 5).toArray()) {
      System.arraycopy(new float[] {0, 0, 0, 0, 9, 9}, 0, all, 0, 6);
      all[entry] = Float.NaN;
      assertThat(decode(decoder, all, .5).size()).isZero();
    }
    // With new coordinates, a cfg without a logistic function before its head may give anything.
    HeadDecoder bare = new HeadDecoder(spec(1, List.of(0), 2, true), 1, 1);
    float endless = Float.POSITIVE_INFINITY;
    assertThat(decode(bare, new float[] {.5f, .5f, .5f, .5f, 1, 1}, .5).size()).isOne();
    assertThat(decode(bare, new float[] {.5f, .5f, .5f, .5f, endless, 1}, .5).size()).isZero();
  }

  @Test
  void mirroringExchangesLeftAndRightOfTheLastBoxes() {
    Candidates found = new Candidates();
    found.add(.25f, .5f, .1f, .2f, .9f, 0);
    found.add(.25f, .5f, .1f, .2f, .9f, 0);
    found.mirror(1);
    assertThat(found.boxes()).containsExactly(.25f, .5f, .1f, .2f, .75f, .5f, .1f, .2f);
  }
}
