package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.recipe.DarknetRecipe;
import dev.peregrine.yolo.recipe.Hyper;
import dev.peregrine.yolo.recipe.Hyperparameters;
import dev.peregrine.yolo.recipe.Recipe;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose pictures are altered by the network's own gradient. */
class AdversarialTrainingTest {
  @TempDir Path folder;

  @Test
  void altersTrainingButNotItsDeterminism() {
    Path data = new ShapesDataSet(14, 2, 64, 3).write(folder.resolve("data"));
    Map<String, String> plain = train(data, "plain", "cpu:1", 0);
    Map<String, String> altered = train(data, "altered", "cpu:1", 100);
    assertThat(altered.keySet()).isEqualTo(plain.keySet());
    assertThat(altered).isNotEqualTo(plain);
    assertThat(train(data, "again", "cpu:2", 100)).isEqualTo(altered);
  }

  private Map<String, String> train(Path data, String name, String device, double rate) {
    Recipe recipe =
        DarknetRecipe.of(
            Hyperparameters.of(Recipe.Kind.DARKNET).with(Hyper.ADVERSARIAL_LR, rate),
            DarknetSettings.TINY);
    Path run = folder.resolve(name);
    KillableRun.run(data, run, device, recipe, new Listener() {}).start();
    return Safetensors.read(TrainingRun.checkpoint(run)).arrays().entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> String.valueOf(Arrays.hashCode((float[]) entry.getValue().values()))));
  }
}
