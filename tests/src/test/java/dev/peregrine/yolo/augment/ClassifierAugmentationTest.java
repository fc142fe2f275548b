package dev.peregrine.yolo.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.augment.ClassifiedImage.Share;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures of one grey each: the greys of a mixture tell its shares. */
class ClassifierAugmentationTest {
  private static final int CLASSES = 5;

  /** Class c is 50 c + 20 of 255 everywhere. */
  private static final PictureSource SOURCE =
      new PictureSource() {
        @Override
        public int size() {
          return CLASSES;
        }

        @Override
        public ByteImage picture(int index) {
          byte[] rgb = new byte[3 * 90 * 70];
          Arrays.fill(rgb, (byte) (50 * index + 20));
          return new ByteImage(90, 70, rgb);
        }

        @Override
        public List<Label> labels(int index) {
          return List.of(new Label(index, .5, .5, 1, 1));
        }
      };

  private static ClassifierChanges still(int side) {
    return new ClassifierChanges(side, side, 0, 1, false, 0, 1, 1, 0, 0, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 0", "0, 1, 0", "0, 0, 1", ".4, .3, .3"})
  void sharesAreTheAreas(double mosaic, double cutmix, double mixup) {
    ClassifierChanges settings =
        new ClassifierChanges(20, 60, 30, .7, true, 0, 1, 1, 0, mosaic, cutmix, mixup);
    ClassifierAugmentation augmentation = new ClassifierAugmentation(settings);
    for (int seed = 0; seed < 30; seed++) {
      ClassifiedImage made =
          augmentation.make(SOURCE, seed % CLASSES, 40, 30, new SplittableRandom(seed));
      assertThat(made.classes().getFirst().classIndex()).isEqualTo(seed % CLASSES);
      double sum = made.classes().stream().mapToDouble(Share::part).sum();
      assertThat(sum).isCloseTo(1, within(1e-9));
      double told =
          made.classes().stream().mapToDouble(s -> s.part() * (50 * s.classIndex() + 20)).sum();
      double shown = 0;
      for (float value : made.image().rgb()) {
        shown += 255 * value / made.image().rgb().length;
      }
      assertThat(shown).isCloseTo(told, within(1e-3));
      assertThat(augmentation.make(SOURCE, seed % CLASSES, 40, 30, new SplittableRandom(seed)))
          .usingRecursiveComparison()
          .isEqualTo(made);
    }
  }

  /** A picture of its own extents comes back as it is, and a turn by 180 degrees reverses it. */
  @Test
  void geometry() {
    byte[] rgb = new byte[3 * 24 * 24];
    new SplittableRandom(1).nextBytes(rgb);
    ByteImage picture = new ByteImage(24, 24, rgb);
    PictureSource source =
        new PictureSource() {
          @Override
          public int size() {
            return 1;
          }

          @Override
          public ByteImage picture(int index) {
            return picture;
          }

          @Override
          public List<Label> labels(int index) {
            return List.of(new Label(3, .5, .5, 1, 1));
          }
        };
    ClassifiedImage made =
        new ClassifierAugmentation(still(24)).make(source, 0, 24, 24, new SplittableRandom(2));
    assertThat(made.image().rgb()).containsExactly(picture.toImage().rgb(), within(1e-5f));
    assertThat(made.classes()).containsExactly(new Share(3, 1));
  }

  @Test
  void settingsAreChecked() {
    assertThat(ClassifierChanges.plain(256).minCrop()).isEqualTo(128);
    assertThat(ClassifierChanges.plain(256).maxCrop()).isEqualTo(448);
    assertThatThrownBy(() -> ClassifierChanges.plain(64).mixing(.5, .5, .5))
        .hasMessageContaining("sum to at most 1");
    assertThatThrownBy(() -> still(0)).hasMessageContaining("min_crop must be between");
  }
}
