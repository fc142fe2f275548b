package dev.peregrine.yolo.recipe;

import static org.assertj.core.api.Assertions.assertThat;

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
}
