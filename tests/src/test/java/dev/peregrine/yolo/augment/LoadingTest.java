package dev.peregrine.yolo.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.data.Source;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.data.check.Plants;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From picture files to batches, on threads, with a bounded cache between. */
class LoadingTest {
  private static final int PICTURE_BYTES = 48 * 32 * 3;

  @TempDir Path folder;

  private DataSet data() {
    Plants plants = new Plants(folder);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      Path image = plants.picture("images/" + i + ".png", 48, 32, null);
      samples.add(new Sample(image, List.of(new Label(0, .5, .5, .5, .5))));
    }
    return new DataSet(List.of("a"), samples);
  }

  private static Source<LabelledImage> source(PictureCache cache) {
    TrainingSampler sampler =
        new TrainingSampler(
            cache, new DarknetAugmentation(DarknetSettings.TINY.with("mosaic", .5)), 5);
    return new Source<>() {
      @Override
      public int size() {
        return cache.size();
      }

      @Override
      public LabelledImage get(int index, long epoch) {
        return sampler.sample(epoch, index, 32, 32);
      }

      @Override
      public String name(int index) {
        return cache.name(index);
      }
    };
  }

  private static List<float[]> pixels(DataSet data, long budget, int threads) {
    PictureCache cache = new PictureCache(data, budget);
    List<float[]> pixels = new ArrayList<>();
    try (DataLoader<LabelledImage> loader = new DataLoader<>(source(cache), 3, true, 7, threads)) {
      for (int epoch = 0; epoch < 2; epoch++) {
        for (List<LabelledImage> batch : loader.epoch(epoch, 0)) {
          batch.forEach(example -> pixels.add(example.image().rgb()));
        }
      }
    }
    assertThat(cache.bytes()).isLessThanOrEqualTo(budget);
    return pixels;
  }

  @ParameterizedTest(name = "{1} threads, cache of {0} pictures")
  @CsvSource({"0, 1", "0, 2", "4, 2", "4, 3", "20, 2", "20, 3"})
  void threadsAndCacheDoNotChangeABit(int pictures, int threads) {
    DataSet data = data();
    List<float[]> expected = pixels(data, 20L * PICTURE_BYTES, 1);
    List<float[]> actual = pixels(data, (long) pictures * PICTURE_BYTES, threads);
    assertThat(actual).hasSize(22);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).isEqualTo(expected.get(i));
    }
  }

  @Test
  void aPictureThatCannotBeDecodedIsNamed() {
    DataSet data = data();
    new Plants(folder).scratch("images/4.png");
    PictureCache cache = new PictureCache(data, 1 << 20);
    try (DataLoader<LabelledImage> loader = new DataLoader<>(source(cache), 3, true, 7, 2)) {
      assertThatThrownBy(() -> loader.epoch(0, 0).forEach(_ -> {}))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("images/4.png is a damaged PNG")
          .satisfies(thrown ->
              assertThat(thrown.getSuppressed()[0].getMessage())
                  .startsWith("loader: while making " + folder)
                  .contains(" for batch "));
    }
  }
}
