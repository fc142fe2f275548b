package dev.peregrine.yolo.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.image.Axis;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Resampler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingSamplerTest {
  private static final DarknetSettings BUSY =
      DarknetSettings.TINY
          .with("mosaic", .4)
          .with("mixup", .3)
          .with("cutmix", .5)
          .with("blur", 4)
          .with("gaussian_noise", 20);
  private static final TorchSettings TURNING =
      TorchSettings.CSP
          .with("degrees", 10)
          .with("shear", 5)
          .with("perspective", .001)
          .with("flipud", .1)
          .with("mosaic", .7)
          .with("mosaic9", .3)
          .with("mixup", .3)
          .with("cutmix", .5);

  @TempDir Path folder;

  static List<Augmentation> augmentations() {
    TorchSettings effects = TorchSettings.NONE;
    for (Setting setting : Effects.SETTINGS) {
      effects = effects.with(setting.key(), Math.min(.6, setting.most()));
    }
    return List.of(
        new DarknetAugmentation(BUSY),
        new TorchAugmentation(TURNING),
        new TorchAugmentation(effects));
  }

  @ParameterizedTest
  @MethodSource("augmentations")
  void sameNumbersGiveTheSameBitsOnAnyThread(Augmentation augmentation) {
    PictureSource source = noise(12);
    TrainingSampler sampler = new TrainingSampler(source, augmentation, 42);
    List<LabelledImage> inOrder =
        IntStream.range(0, 12).mapToObj(i -> sampler.sample(3, i, 64, 96)).toList();
    List<LabelledImage> parallel =
        IntStream.range(0, 12).parallel().mapToObj(i -> sampler.sample(3, i, 64, 96)).toList();
    for (int i = 0; i < 12; i++) {
      assertThat(parallel.get(i).image().rgb()).isEqualTo(inOrder.get(i).image().rgb());
      assertThat(parallel.get(i).labels()).isEqualTo(inOrder.get(i).labels());
      assertThat(inOrder.get(i).image().width()).isEqualTo(64);
      assertThat(inOrder.get(i).image().height()).isEqualTo(96);
      assertThat(sampler.sample(4, i, 64, 96).image().rgb())
          .isNotEqualTo(inOrder.get(i).image().rgb());
      assertThat(new TrainingSampler(source, augmentation, 43).sample(3, i, 64, 96).image().rgb())
          .isNotEqualTo(inOrder.get(i).image().rgb());
    }
  }

  @ParameterizedTest
  @MethodSource("augmentations")
  void everythingStaysInRange(Augmentation augmentation) {
    TrainingSampler sampler = new TrainingSampler(noise(12), augmentation, 1);
    int labels = 0;
    for (int i = 0; i < 120; i++) {
      LabelledImage made = sampler.sample(i, i % 12, 48, 32);
      for (float value : made.image().rgb()) {
        assertThat(value).isBetween(-1e-6f, 1 + 1e-6f);
      }
      for (Label label : made.labels()) {
        assertThat(label.left()).isGreaterThan(-1e-9);
        assertThat(label.bottom()).isLessThan(1 + 1e-9);
        assertThat(label.width() * 48).isGreaterThan(1 - 1e-9);
        assertThat(label.height() * 32).isGreaterThan(1 - 1e-9);
        labels++;
      }
    }
    assertThat(labels).isGreaterThan(200);
  }

  @Test
  void stillSettingsOnlyChangeTheExtents() {
    PictureSource source = noise(2);
    LabelledImage made =
        new TrainingSampler(source, new DarknetAugmentation(DarknetSettings.NONE), 1)
            .sample(0, 1, 32, 32);
    ByteImage picture = source.picture(1);
    Image expected =
        Resampler.resample(
            picture,
            Axis.halfPixel(picture.width(), 32),
            Axis.halfPixel(picture.height(), 32),
            0,
            0,
            0);
    assertThat(made.image().rgb()).isEqualTo(expected.rgb());
    for (int i = 0; i < made.labels().size(); i++) {
      Label label = made.labels().get(i);
      assertThat(label.centerX()).isCloseTo(source.labels(1).get(i).centerX(), within(1e-12));
      assertThat(label.height()).isCloseTo(source.labels(1).get(i).height(), within(1e-12));
    }
  }

  @Test
  void labelsAreLimited() {
    DarknetSettings few = DarknetSettings.NONE.with("max_boxes", 2);
    TrainingSampler sampler = new TrainingSampler(noise(1), new DarknetAugmentation(few), 1);
    assertThat(sampler.sample(0, 0, 64, 64).labels()).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void mixupShowsBothPictures() {
    ByteImage black = new ByteImage(4, 4, new byte[48]);
    byte[] full = new byte[48];
    java.util.Arrays.fill(full, (byte) 255);
    ByteImage white = new ByteImage(4, 4, full);
    PictureSource source = source(List.of(black, white), List.of(new Label(0, .5, .5, .5, .5)));
    DarknetSettings mix = DarknetSettings.NONE.with("mixup", 1);
    TrainingSampler sampler = new TrainingSampler(source, new DarknetAugmentation(mix), 1);
    int grey = 0;
    for (int i = 0; i < 20; i++) {
      LabelledImage made = sampler.sample(i, 0, 8, 8);
      assertThat(made.labels()).hasSize(2);
      assertThat(made.image().rgb()[0]).isIn(0f, 0.5f);
      grey += made.image().rgb()[0] == 0.5f ? 1 : 0;
    }
    assertThat(grey).isBetween(3, 17);
  }

  @Test
  void cacheKeepsToItsBudget() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Path file = folder.resolve(i + ".png");
      Images.write(file, new Image(10, 10));
      samples.add(new Sample(file, List.of(new Label(0, .5, .5, .1, .1))));
    }
    PictureCache cache = new PictureCache(new DataSet(List.of("a"), samples), 2 * 300 + 10);
    IntStream.range(0, 40).parallel().forEach(i -> cache.picture(i % 5));
    assertThat(cache.bytes()).isBetween(300L, 600L);
    List<ByteImage> again = IntStream.range(0, 5).mapToObj(cache::picture).toList();
    long same = IntStream.range(0, 5).filter(i -> cache.picture(i) == again.get(i)).count();
    assertThat(same).isEqualTo(2);
    assertThat(cache.bytes()).isEqualTo(600);
    assertThat(cache.labels(3)).hasSize(1);
    assertThatThrownBy(() -> new PictureCache(new DataSet(List.of("a"), List.of()), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mosaicsEndWhenTheyAreTold() {
    PictureSource source = noise(8);
    TorchSettings settings = TorchSettings.CSP.with("close_mosaic", 2);
    TrainingSampler closing = new TrainingSampler(source, new TorchAugmentation(settings), 3, 10);
    TrainingSampler open = new TrainingSampler(source, new TorchAugmentation(settings), 3);
    TrainingSampler without =
        new TrainingSampler(source, new TorchAugmentation(settings.with("mosaic", 0)), 3);
    for (int epoch = 0; epoch < 10; epoch++) {
      TrainingSampler same = epoch < 8 ? open : without;
      assertThat(closing.sample(epoch, 1, 32, 32).image().rgb())
          .isEqualTo(same.sample(epoch, 1, 32, 32).image().rgb());
    }
    assertThat(DarknetSettings.V4.with("close_mosaic", 1).with("mixup", .2).during(9, 10))
        .isEqualTo(DarknetSettings.V4.with("close_mosaic", 1).with("mosaic", 0));
  }

  @Test
  void streamsOfNeighboursAreUnlike() {
    // Correlated streams would show as equal first draws or as a mean off the middle.
    double sum = 0;
    List<Double> first = new ArrayList<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      for (int i = 0; i < 50; i++) {
        double draw = Randomness.of(0, epoch, i).nextDouble();
        first.add(draw);
        sum += draw;
      }
    }
    assertThat(first).doesNotHaveDuplicates();
    assertThat(sum / 1000).isCloseTo(.5, within(.03));
    SplittableRandom random = Randomness.of(1, 2, 3);
    double beta = 0;
    double square = 0;
    for (int i = 0; i < 4000; i++) {
      double draw = Randomness.beta(random, 8);
      beta += draw / 4000;
      square += (draw - .5) * (draw - .5) / 4000;
    }
    // Beta(8, 8): mean 1/2, variance 1/(4 * 17)
    assertThat(beta).isCloseTo(.5, within(.01));
    assertThat(square).isCloseTo(1 / 68.0, within(.0015));
  }

  private static PictureSource noise(int count) {
    SplittableRandom random = new SplittableRandom(count);
    List<ByteImage> pictures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int width = random.nextInt(1, 90);
      int height = random.nextInt(1, 90);
      byte[] rgb = new byte[3 * width * height];
      random.nextBytes(rgb);
      pictures.add(new ByteImage(width, height, rgb));
    }
    return source(
        pictures,
        List.of(
            new Label(0, .3, .3, .2, .3),
            new Label(1, .6, .5, .7, .6),
            new Label(0, .9, .8, .2, .3)));
  }

  private static PictureSource source(List<ByteImage> pictures, List<Label> labels) {
    return new PictureSource() {
      @Override
      public int size() {
        return pictures.size();
      }

      @Override
      public ByteImage picture(int index) {
        return pictures.get(index);
      }

      @Override
      public List<Label> labels(int index) {
        return labels;
      }
    };
  }
}
