package dev.peregrine.yolo.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Initializer;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.WeightAverage;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.model.InputSize;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DarknetRecipeTest {
  private static final Course COURSE = new Course(InputSize.square(320), 32, 10, 100, 8, 5);

  private static DarknetRecipe recipe(double random, double dynamic) {
    return DarknetRecipe.of(
        Hyperparameters.of(Recipe.Kind.DARKNET)
            .with(Hyper.RANDOM, random)
            .with(Hyper.DYNAMIC_MINIBATCH, dynamic),
        DarknetSettings.TINY);
  }

  /** By hand from darknet's rule: 8 pictures at 480, the largest of random=1. */
  @Test
  void batchesGrowAsSizesShrink() {
    DarknetRecipe recipe = recipe(1, 1);
    TreeMap<Integer, Integer> bySide = new TreeMap<>();
    for (long i = 0; i < COURSE.iterations(); i++) {
      int side = recipe.size(COURSE, i).width();
      Integer before = bySide.put(side, recipe.batch(COURSE, i));
      assertThat(before).isIn(null, recipe.batch(COURSE, i));
    }
    assertThat(bySide).containsEntry(480, 8).containsEntry(448, 9).containsEntry(320, 14);
    assertThat(bySide.lastKey()).isEqualTo(480);
    // 8 * 480 * 480 / (256 * 256) = 28, of which four fifths are 22
    assertThat(bySide).containsEntry(256, 22);
    assertThat(recipe.batch(COURSE, 0)).isEqualTo(8);
  }

  @Test
  void batchesStayUnlessAskedFor() {
    assertThat(recipe(1, 0).batch(COURSE, 500)).isEqualTo(8);
    assertThat(recipe(0, 1).batch(COURSE, 500)).isEqualTo(8);
  }

  /** 60 pictures in batches of 6, three to a step of 14: four steps an epoch, not five. */
  @Test
  void theLateAverageSettlesBeforeTheEnd() {
    Course course = new Course(InputSize.square(320), 32, 20, 10, 6, 5);
    DarknetRecipe recipe =
        DarknetRecipe.of(
            Hyperparameters.of(Recipe.Kind.DARKNET)
                .with(Hyper.EMA_ALPHA, 0.9)
                .with(Hyper.NOMINAL_BATCH, 14),
            DarknetSettings.TINY);
    Accumulation accumulation = recipe.accumulation(course);
    WeightAverage average = recipe.average(course);
    Params params = Params.create(0);
    params.get("w", Params.Kind.WEIGHT, Shape.of(2), Initializer.ZEROS);
    int waiting = 0;
    int averaged = 0;
    for (int i = 0; i < course.iterations(); i++) {
      waiting += 6;
      if (accumulation.steps(i, waiting, i % 10 == 9)) {
        waiting = 0;
        average.update(params);
        averaged += average.state().isEmpty() ? 0 : 1;
      }
    }
    assertThat(average.updates()).isEqualTo(80);
    assertThat(averaged).as("from the 40th step to the 72nd, which takes it over").isEqualTo(32);
    assertThat(average.state()).isEmpty();
  }
}
