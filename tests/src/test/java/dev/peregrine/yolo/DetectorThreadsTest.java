package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Detectors are used by several threads at once. */
class DetectorThreadsTest {
  private static final int THREADS = 4;

  private static Detector detector(long seed) {
    DetectionModel model = Models.named("yolov4-tiny", 3);
    // Untrained, it finds little, but that with certainty.
    return Detector.of(model, Models.initialize(model, seed))
        .names(List.of("a", "b", "c"))
        .size(new InputSize(64, 64))
        .confidence(1e-9);
  }

  private static Image noise(int seed) {
    Image image = new Image(90, 70);
    SplittableRandom random = new SplittableRandom(seed);
    float[] rgb = image.rgb();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (float) random.nextDouble();
    }
    return image;
  }

  @Test
  void oneDetectorAndSeveralGiveEachThreadWhatItWouldFindAlone() {
    Detector shared = detector(1);
    Detector other = detector(2);
    List<Image> images = IntStream.range(0, THREADS).mapToObj(i -> noise(i)).toList();
    List<List<Detection>> alone = images.stream().map(shared::detect).toList();
    List<List<Detection>> aloneElsewhere = images.stream().map(other::detect).toList();
    assertThat(alone).allSatisfy(found -> assertThat(found).isNotEmpty()).doesNotHaveDuplicates();
    IntStream.range(0, 3 * THREADS)
        .parallel()
        .forEach(i -> {
          int which = i % THREADS;
          assertThat(shared.detect(images.get(which))).isEqualTo(alone.get(which));
          assertThat(other.detect(images.get(which))).isEqualTo(aloneElsewhere.get(which));
        });
  }
}
