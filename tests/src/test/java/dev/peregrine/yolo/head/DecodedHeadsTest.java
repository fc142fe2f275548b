package dev.peregrine.yolo.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.image.Resize;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decoding by operations against decoding box by box. */
class DecodedHeadsTest {
  private static final List<HeadSpec.Anchor> ANCHORS =
      List.of(
          new HeadSpec.Anchor(10, 14), new HeadSpec.Anchor(23, 27), new HeadSpec.Anchor(37, 58));

  @ParameterizedTest
  @CsvSource({"1.05, false, false", "2, true, false", "1.05, false, true"})
  void boxesAreThoseOfTheDecoder(double scale, boolean newCoordinates, boolean gaussian) {
    HeadTraining training = HeadTraining.TINY;
    HeadSpec coarse =
        new HeadSpec(2, ANCHORS, List.of(1, 2), scale, newCoordinates, gaussian, training);
    HeadSpec fine = new HeadSpec(2, ANCHORS, List.of(0), scale, newCoordinates, gaussian, training);
    Tensor first = Arrays.uniform(Spec.f32(1, 2, 3, coarse.channels()), 3);
    Tensor second = Arrays.uniform(Spec.f32(1, 4, 6, fine.channels()), 4);
    Tensor boxes = DecodedHeads.of(List.of(coarse, fine), List.of(first, second), 64, 96);
    assertThat(boxes.shape()).isEqualTo(Shape.of(1, 2 * 6 + 24, 7));
    TreeMap<Float, float[]> byScore = new TreeMap<>();
    float[] rows = boxes.floats();
    for (int at = 0; at < rows.length; at += 7) {
      for (int c = 0; c < 2; c++) {
        byScore.put(
            rows[at + 4] * rows[at + 5 + c],
            new float[] {rows[at], rows[at + 1], rows[at + 2], rows[at + 3], c});
      }
    }
    Candidates candidates = new Candidates();
    var placement = Resize.STRETCH.placement(96, 64, 96, 64);
    new HeadDecoder(coarse, 2, 3).decode(first.floats(), 0, 0, placement, candidates);
    new HeadDecoder(fine, 4, 6).decode(second.floats(), 0, 0, placement, candidates);
    assertThat(candidates.size()).isEqualTo(byScore.size()).isEqualTo(2 * 36);
    for (int i = 0; i < candidates.size(); i++) {
      float score = candidates.scores()[i];
      float near = byScore.ceilingKey(score - 1e-6f);
      assertThat(near).isCloseTo(score, within(1e-5f));
      float[] box = byScore.get(near);
      float[] places = candidates.boxes();
      assertThat(box[0] / 96).isCloseTo(places[4 * i], within(1e-5f));
      assertThat(box[1] / 64).isCloseTo(places[4 * i + 1], within(1e-5f));
      assertThat(box[2] / 96).isCloseTo(places[4 * i + 2], within(1e-5f));
      assertThat(box[3] / 64).isCloseTo(places[4 * i + 3], within(1e-5f));
      assertThat((int) box[4]).isEqualTo(candidates.classes()[i]);
    }
  }
}
