package dev.peregrine.yolo.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.architecture.Sources;
import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of settings against the records that they describe. */
class SettingsTest {
  @Test
  void everySettingIsChangedByItsName() {
    for (Setting row : TorchSettings.SETTINGS) {
      check(row, key -> TorchSettings.NONE.with(key, row.most()).get(key));
      assertThat(TorchSettings.NONE.with(row.key(), row.most())).isNotEqualTo(TorchSettings.NONE);
      assertThatThrownBy(() -> TorchSettings.NONE.with(row.key(), row.most() + 1))
          .hasMessageContaining("augmentation: " + row.key() + " must be between");
    }
    for (Setting row : DarknetSettings.SETTINGS) {
      check(row, key -> DarknetSettings.NONE.with(key, row.most()).get(key));
      assertThatThrownBy(() -> DarknetSettings.NONE.with(row.key(), row.least() - 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (Setting row : Effects.SETTINGS) {
      check(row, key -> Effects.NONE.with(key, row.most()).get(key));
      check(row, key -> TorchSettings.CSP.with(key, row.most()).get(key));
      check(row, key -> DarknetSettings.V4.with(key, row.most()).effects().get(key));
    }
  }

  private static void check(Setting row, ToDoubleFunction<String> changed) {
    assertThat(changed.applyAsDouble(row.key())).as(row.key()).isEqualTo(row.most());
    assertThat(row.meaning()).isNotBlank().doesNotEndWith(".");
  }

  /** Changing one by its name changes the component of that name. */
  @Test
  void namesMeanTheirComponents() {
    TorchSettings t = TorchSettings.NONE;
    assertThat(t.with("hsv_h", .1).hsvH()).isEqualTo(.1);
    assertThat(t.with("perspective", .001).perspective()).isEqualTo(.001);
    assertThat(t.with("flipud", .3).flipUpDown()).isEqualTo(.3);
    assertThat(t.with("moving_center", 1).movingCentre()).isTrue();
    assertThat(t.with("close_mosaic", 7).closeMosaic()).isEqualTo(7);
    DarknetSettings d = DarknetSettings.NONE;
    assertThat(d.with("exposure", 2).exposure()).isEqualTo(2);
    assertThat(d.with("gaussian_noise", 9).gaussianNoise()).isEqualTo(9);
    assertThat(d.with("letter_box", 1).letterBox()).isTrue();
    assertThat(d.with("mosaic_bound", 0).mosaicBound()).isFalse();
    assertThat(d.with("grid_mask", .8).effects().gridMask()).isEqualTo(.8);
  }

  /** The published numbers: hyp.scratch and hyp.finetune of yolov4-large, and the cfgs. */
  @Test
  void recipesAreThePublishedOnes() {
    assertThat(numbers(TorchSettings.SETTINGS, TorchSettings.SCRATCH::get))
        .containsExactly(.015, .7, .4, 0, .5, .5, 0, 0, 0, .5, 1, 0, 0, 0, 0, 0);
    assertThat(numbers(TorchSettings.SETTINGS, TorchSettings.FINETUNE::get))
        .containsExactly(.015, .7, .4, 0, .5, .8, 0, 0, 0, .5, 1, 0, 0, .2, 0, 0);
    assertThat(TorchSettings.CSP.scale()).isEqualTo(.9);
    assertThat(numbers(DarknetSettings.SETTINGS, DarknetSettings.TINY::get))
        .containsExactly(.3, 1.5, 1, .1, 1.5, 1.5, 0, 0, 0, 1, 0, 0, 0, 200, 0);
    assertThat(TorchSettings.SCRATCH.effects()).isEqualTo(Effects.NONE);
    assertThat(DarknetSettings.TINY.effects()).isEqualTo(Effects.NONE);
  }

  private static double[] numbers(List<Setting> table, ToDoubleFunction<String> of) {
    return table.stream().mapToDouble(row -> of.applyAsDouble(row.key())).toArray();
  }

  @Test
  void wrongNamesAndValuesAreTold() {
    assertThatThrownBy(() -> TorchSettings.NONE.with("jitter", .1))
        .hasMessageContaining("there is no setting 'jitter'; there are hsv_h, hsv_s,")
        .hasMessageContaining("grid_mask");
    assertThatThrownBy(() -> DarknetSettings.NONE.get("degrees"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DarknetSettings.V4.with("mosaic", 2))
        .hasMessageContaining("mosaic must be between 0.0 and 1.0 but is 2.0");
    assertThatThrownBy(() -> TorchSettings.NONE.with("scale", Double.NaN))
        .hasMessageContaining("scale");
  }

  /** The page on training pictures has a row for every key, and none for others. */
  @Test
  void thePageListsEveryKey() throws IOException {
    Set<String> shown = new TreeSet<>();
    for (String line : Files.readAllLines(Sources.root().resolve("docs/augmentation.md"))) {
      if (line.startsWith("| `") && !line.startsWith("| `scaled`") && !line.contains("a label")) {
        Matcher key = Pattern.compile("`([a-z_0-9]+)`").matcher(line.split("\\|")[1]);
        while (key.find()) {
          shown.add(key.group(1));
        }
      }
    }
    shown.remove("darknet");
    shown.add("close_mosaic"); // told in the text
    Set<String> keys = new TreeSet<>();
    Stream.of(TorchSettings.SETTINGS, DarknetSettings.SETTINGS, Effects.SETTINGS)
        .forEach(table -> table.forEach(row -> keys.add(row.key())));
    assertThat(shown).isEqualTo(keys);
  }
}
