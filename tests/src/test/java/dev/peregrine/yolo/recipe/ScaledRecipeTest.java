package dev.peregrine.yolo.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.optim.Schedule;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.yolo.augment.TorchAugmentation;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.model.InputSize;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ScaledRecipeTest {
  private static final int BATCHES = 20;

  private static ScaledRecipe recipe(boolean multiScale, int firstStage) {
    return new ScaledRecipe(
        Hyperparameters.of(Recipe.Kind.SCALED),
        TorchSettings.SCRATCH,
        IouLoss.CIOU,
        multiScale,
        firstStage,
        Method.AUTO);
  }

  private static double share(int epoch, int epochs) {
    return (1 + Math.cos(Math.PI * epoch / epochs)) / 2 * 0.8 + 0.2;
  }

  /**
   * The published run of 300 epochs was ended after 299 of them and taken up as one of 450. A rate
   * is that of the epoch before it, as in the published loop.
   */
  @Test
  void theLargeNetworksAreTrainedInTwoStages() {
    Course course = new Course(InputSize.square(896), 64, 450, BATCHES, 64, 0);
    ScaledRecipe recipe = recipe(false, 300);
    Schedule schedule = recipe.schedule(course);
    for (int epoch = 100; epoch < 450; epoch++) {
      StepSize first = schedule.at((long) epoch * BATCHES);
      double expected = 0.01 * share(epoch - 1, epoch < 299 ? 300 : 450);
      assertThat(first.rate()).as("epoch %d", epoch).isCloseTo(expected, within(1e-12));
      assertThat(schedule.at((long) epoch * BATCHES + BATCHES - 1)).isEqualTo(first);
    }
    TorchSettings one = ((TorchAugmentation) recipe.augmentation(298)).settings();
    TorchSettings two = ((TorchAugmentation) recipe.augmentation(299)).settings();
    assertThat(one).isEqualTo(TorchSettings.SCRATCH);
    assertThat(two.scale()).isEqualTo(0.8);
    assertThat(two.mixup()).isEqualTo(0.2);
    assertThat(two.with("scale", one.scale()).with("mixup", one.mixup())).isEqualTo(one);
  }

  /** Whole numbers from 320 to 991, rounded down to multiples of 32: each of 21 sizes alike. */
  @Test
  void sizesAreDrawnFromHalfToOneAndAHalf() {
    Course course = new Course(InputSize.square(640), 32, 100, 100, 16, 7);
    ScaledRecipe recipe = recipe(true, 0);
    TreeMap<Integer, Integer> drawn = new TreeMap<>();
    for (long i = 0; i < course.iterations(); i++) {
      InputSize size = recipe.size(course, i);
      assertThat(size.height()).isEqualTo(size.width());
      assertThat(recipe.size(course, i)).isEqualTo(size);
      drawn.merge(size.width(), 1, Integer::sum);
    }
    assertThat(drawn).hasSize(21);
    assertThat(drawn.firstKey()).isEqualTo(320);
    assertThat(drawn.lastKey()).isEqualTo(960);
    // 10,000 draws: 476 of each, five deviations of 21 either way.
    assertThat(drawn.values()).allSatisfy(count -> assertThat(count).isBetween(370, 582));
    assertThat(recipe(false, 0).size(course, 3)).isEqualTo(course.size());
  }

  /** Sides keep their proportion, each rounded up to a multiple of the stride. */
  @Test
  void sizesKeepTheirProportions() {
    Course course = new Course(new InputSize(352, 640), 32, 10, 100, 16, 7);
    ScaledRecipe recipe = recipe(true, 0);
    for (long i = 0; i < course.iterations(); i++) {
      InputSize size = recipe.size(course, i);
      int height = (int) Math.ceil(352 * (size.width() / 640.0) / 32) * 32;
      assertThat(size.height()).isEqualTo(height);
    }
  }
}
