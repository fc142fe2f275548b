package dev.peregrine.yolo.augment.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each effect does to pixels and labels. */
class EffectsTest {
  private static final int WIDTH = 61;
  private static final int HEIGHT = 47;

  static Image noisy(int width, int height, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Image image = new Image(width, height);
    for (int i = 0; i < image.rgb().length; i++) {
      image.rgb()[i] = (float) random.nextDouble();
    }
    return image;
  }

  private static Image copy(Image image) {
    return new Image(image.width(), image.height(), image.rgb().clone());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "brightness",
        "contrast",
        "gaussian_blur",
        "median_blur",
        "noise",
        "cutout",
        "cutouts",
        "random_erase",
        "hide_and_seek",
        "grid_mask"
      })
  void eachChangesPicturesAndDependsOnItsStreamAlone(String key) {
    Effects effects = Effects.NONE.with(key, 1);
    int changed = 0;
    for (int seed = 0; seed < 20; seed++) {
      Image a = noisy(WIDTH, HEIGHT, 1);
      Image b = noisy(WIDTH, HEIGHT, 1);
      List<Label> labels = grid();
      List<Label> left = effects.apply(a, labels, new SplittableRandom(seed));
      assertThat(effects.apply(b, labels, new SplittableRandom(seed))).isEqualTo(left);
      assertThat(a.rgb()).isEqualTo(b.rgb());
      assertThat(labels).containsAll(left);
      for (float value : a.rgb()) {
        assertThat(value).isBetween(0f, 1.000001f);
      }
      changed += Arrays.equals(a.rgb(), noisy(WIDTH, HEIGHT, 1).rgb()) ? 0 : 1;
    }
    assertThat(changed).isGreaterThan(9);
    Image still = noisy(WIDTH, HEIGHT, 1);
    assertThat(Effects.NONE.apply(still, grid(), new SplittableRandom(1))).isEqualTo(grid());
    assertThat(still.rgb()).isEqualTo(noisy(WIDTH, HEIGHT, 1).rgb());
  }

  @Test
  void blurIsTheWeightedMeanAroundAPixel() {
    double sigma = 1.4;
    int radius = (int) Math.ceil(3 * sigma);
    Image before = noisy(20, 13, 4);
    Image after = copy(before);
    Blur.gaussian(after, 3, 2, 17, 12, sigma);
    for (int y = 0; y < 13; y++) {
      for (int x = 0; x < 20; x++) {
        boolean inside = x >= 3 && x < 17 && y >= 2 && y < 12;
        for (int c = 0; c < 3; c++) {
          double sum = 0;
          double weights = 0;
          for (int dy = -radius; dy <= radius; dy++) {
            for (int dx = -radius; dx <= radius; dx++) {
              double w = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
              int px = Math.clamp(x + dx, 3, 16);
              int py = Math.clamp(y + dy, 2, 11);
              sum += w * before.rgb()[(py * 20 + px) * 3 + c];
              weights += w;
            }
          }
          float wanted = inside ? (float) (sum / weights) : before.rgb()[(y * 20 + x) * 3 + c];
          assertThat(after.rgb()[(y * 20 + x) * 3 + c]).isCloseTo(wanted, within(2e-6f));
        }
      }
    }
    // OpenCV's rule for a kernel of 17.
    assertThat(Blur.sigma(17)).isCloseTo(2.9, within(1e-12));
  }

  @Test
  void medianIsTheFifthOfNine() {
    Image before = noisy(9, 7, 5);
    Image after = copy(before);
    Blur.median(after);
    for (int y = 0; y < 7; y++) {
      for (int x = 0; x < 9; x++) {
        for (int c = 0; c < 3; c++) {
          List<Float> nine = new ArrayList<>();
          for (int k = 0; k < 9; k++) {
            int px = Math.clamp(x + k % 3 - 1, 0, 8);
            int py = Math.clamp(y + k / 3 - 1, 0, 6);
            nine.add(before.rgb()[(py * 9 + px) * 3 + c]);
          }
          nine.sort(null);
          assertThat(after.rgb()[(y * 9 + x) * 3 + c]).isEqualTo(nine.get(4));
        }
      }
    }
  }

  @Test
  void noiseIsNormal() {
    Image image = new Image(200, 100);
    Arrays.fill(image.rgb(), .5f);
    Noise.gaussian(image, 10, 20, 190, 90, .05, new SplittableRandom(3));
    double mean = 0;
    double square = 0;
    double fourth = 0;
    int beyond = 0;
    int count = 0;
    for (int i = 0; i < image.rgb().length; i++) {
      int x = i / 3 % 200;
      int y = i / 600;
      double off = (image.rgb()[i] - .5) / .05;
      if (x < 10 || x >= 190 || y < 20 || y >= 90) {
        assertThat(off).isZero();
        continue;
      }
      mean += off;
      square += off * off;
      fourth += off * off * off * off;
      beyond += Math.abs(off) > 1.96 ? 1 : 0;
      count++;
    }
    assertThat(mean / count).isCloseTo(0, within(.02));
    assertThat(square / count).isCloseTo(1, within(.03));
    assertThat(fourth / count).isCloseTo(3, within(.15));
    assertThat(beyond / (double) count).isCloseTo(.05, within(.005));
  }

  @Test
  void lightIsAFactorAroundTheMean() {
    Image before = noisy(30, 20, 6);
    double sum = 0;
    for (float value : before.rgb()) {
      sum += value;
    }
    double mean = sum / before.rgb().length;
    Image after = copy(before);
    Light.apply(after, 1.2f, .7f);
    for (int i = 0; i < before.rgb().length; i++) {
      double wanted = Math.clamp(1.2 * (mean + .7 * (before.rgb()[i] - mean)), 0, 1);
      assertThat((double) after.rgb()[i]).isCloseTo(wanted, within(1e-5));
    }
  }

  /** Twenty boxes side by side. */
  private static List<Label> grid() {
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int row = i / 5;
      labels.add(new Label(i, (i % 5 + .5) / 5, (row + .5) / 4, .2, .25));
    }
    return labels;
  }

  /** The part of a label's pixels that changed. */
  private static double changed(Image before, Image after, Label label) {
    int all = 0;
    int changed = 0;
    for (int y = (int) Math.round(label.top() * before.height());
        y < Math.round(label.bottom() * before.height());
        y++) {
      for (int x = (int) Math.round(label.left() * before.width());
          x < Math.round(label.right() * before.width());
          x++) {
        int i = (y * before.width() + x) * 3;
        all++;
        changed += before.rgb()[i] != after.rgb()[i] ? 1 : 0;
      }
    }
    return changed / (double) all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"cutout", "random_erase"})
  void mostlyHiddenLabelsGo(String key) {
    Effects effects = Effects.NONE.with(key, 1);
    int dropped = 0;
    int touched = 0;
    for (int seed = 0; seed < 30; seed++) {
      Image before = noisy(100, 80, 2);
      Image after = copy(before);
      List<Label> left = effects.apply(after, grid(), new SplittableRandom(seed));
      for (Label label : grid()) {
        double hidden = changed(before, after, label);
        if (Math.abs(hidden - .6) > .01) {
          assertThat(left.contains(label)).as("hidden %s", hidden).isEqualTo(hidden < .6);
        }
        dropped += hidden > .6 ? 1 : 0;
        touched += hidden > 0 && hidden < .6 ? 1 : 0;
      }
    }
    assertThat(dropped).isGreaterThan(20);
    assertThat(touched).isGreaterThan(20);
  }

  @Test
  void manyHolesDropOnlyWhatOneOfThemHides() {
    int dropped = 0;
    for (int seed = 0; seed < 30; seed++) {
      Image before = noisy(100, 80, 2);
      Image after = copy(before);
      List<Label> left = Holes.many(after, grid(), new SplittableRandom(seed));
      for (Label label : grid()) {
        if (!left.contains(label)) {
          assertThat(changed(before, after, label)).isGreaterThan(.58);
          dropped++;
        } else {
          assertThat(changed(before, after, label)).isLessThan(1);
        }
      }
    }
    assertThat(dropped).isGreaterThan(10);
  }

  @Test
  void holesHaveTheirExtents() {
    Label all = new Label(0, .5, .5, 1, 1);
    int whole = 0;
    for (int seed = 0; seed < 40; seed++) {
      Image before = noisy(100, 80, 2);
      Image square = copy(before);
      Holes.square(square, List.of(), new SplittableRandom(seed));
      double hidden = changed(before, square, all);
      assertThat(hidden).isBetween(.04, .2001);
      whole += hidden > .1999 ? 1 : 0;
      Image erased = copy(before);
      Holes.randomErase(erased, List.of(), new SplittableRandom(seed));
      assertThat(changed(before, erased, all)).isBetween(.018, .41);
    }
    assertThat(whole).isBetween(4, 25); // 100 x 80, a hole of 40: 60/100 * 41/80 of the centres
  }

  @Test
  void gridsHideTheirShare() {
    Label all = new Label(0, .5, .5, 1, 1);
    double seek = 0;
    int seeks = 0;
    double mask = 0;
    for (int seed = 0; seed < 60; seed++) {
      Image before = noisy(256, 192, 2);
      Image after = copy(before);
      Grids.hideAndSeek(after, new SplittableRandom(seed));
      double hidden = changed(before, after, all);
      if (hidden > 0) {
        seek += hidden;
        seeks++;
      }
      after = copy(before);
      Grids.gridMask(after, new SplittableRandom(seed));
      mask += changed(before, after, all);
    }
    assertThat(seeks).isBetween(38, 57); // four of five extents hide something
    assertThat(seek / seeks).isCloseTo(.5, within(.05));
    assertThat(mask / 60).isCloseTo(.16, within(.03));
  }

  @Test
  void gridMaskComesSlowly() {
    Effects effects = Effects.NONE.with("grid_mask", .8).with("noise", .1);
    assertThat(effects.during(0, 100).gridMask()).isZero();
    assertThat(effects.during(40, 100).gridMask()).isCloseTo(.4, within(1e-12));
    assertThat(effects.during(80, 100)).isEqualTo(effects);
    assertThat(effects.during(99, 100)).isEqualTo(effects);
    assertThat(effects.during(5, 0)).isEqualTo(effects);
    assertThat(effects.during(1, 100).noise()).isEqualTo(.1);
  }

  @Test
  void extremePicturesSurvive() {
    Effects all = Effects.NONE;
    for (Setting setting : Effects.SETTINGS) {
      all = all.with(setting.key(), setting.most());
    }
    for (int[] extents : new int[][] {{1, 1}, {2, 300}, {300, 1}, {3, 5}}) {
      Image image = noisy(extents[0], extents[1], 7);
      all.apply(image, grid(), new SplittableRandom(1));
      for (float value : image.rgb()) {
        assertThat(value).isBetween(0f, 1.000001f);
      }
    }
  }
}
