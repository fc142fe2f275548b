package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.recipe.DarknetRecipe;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"darknet", "darknet-late", "scaled", "scaled-adamw"})
  void aKilledRunGoesOnWithTheSameBits(String recipe) throws Exception {
    Path data = new ShapesDataSet(14, 4, 64, 3).write(folder.resolve("data"));
    TreeMap<Integer, String> whole =
        losses(start(data, folder.resolve("whole"), "cpu:2", recipe), Integer.MAX_VALUE);
    assertThat(whole).hasSize(4 * KillableRun.EPOCHS);

    // Killed in the middle of the second epoch; the checkpoint may be a step behind the last
    // printed loss.
    Path killed = folder.resolve("killed");
    TreeMap<Integer, String> before = losses(start(data, killed, "cpu:2", recipe), 6);
    TreeMap<Integer, String> after =
        losses(start(data, killed, "cpu:1", recipe, "resume"), Integer.MAX_VALUE);
    assertThat(after.firstKey()).as("resumes within the second epoch").isBetween(5, 8);
    assertThat(after.lastKey()).isEqualTo(4 * KillableRun.EPOCHS);
    before.forEach((iteration, bits) ->
        assertThat(bits).as("loss %d before the kill", iteration).isEqualTo(whole.get(iteration)));
    after.forEach((iteration, bits) ->
        assertThat(bits).as("loss %d after it", iteration).isEqualTo(whole.get(iteration)));

    Safetensors one = Safetensors.read(TrainingRun.checkpoint(folder.resolve("whole")));
    Safetensors other = Safetensors.read(TrainingRun.checkpoint(killed));
    assertThat(other.arrays().keySet()).isEqualTo(one.arrays().keySet());
    one.arrays()
        .forEach((name, array) ->
            assertThat((float[]) other.arrays().get(name).values())
                .as(name)
                .containsExactly((float[]) array.values()));
    assertThat(withoutTime(killed)).isEqualTo(withoutTime(folder.resolve("whole")));
  }

  @Test
  void refusesACheckpointCutInHalf() throws IOException {
    Path data = new ShapesDataSet(4, 2, 64, 3).write(folder.resolve("data"));
    Path run = folder.resolve("run");
    KillableRun.run(data, run, "cpu", DarknetRecipe.usual(), new Listener() {}).start();
    Path checkpoint = TrainingRun.checkpoint(run);
    byte[] bytes = Files.readAllBytes(checkpoint);
    Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length / 2));
    TrainingRun again = KillableRun.run(data, run, "cpu", DarknetRecipe.usual(), new Listener() {});
    assertThatThrownBy(() -> again.resume(checkpoint))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(checkpoint.toString())
        .hasMessageContaining("cut");
    assertThat(Files.size(checkpoint)).as("left as it was").isEqualTo(bytes.length / 2);
  }

  private static List<String> withoutTime(Path run) throws IOException {
    return Files.readAllLines(run.resolve("results.csv")).stream()
        .map(line -> line.replaceFirst(",[^,]*,[^,]*,", ","))
        .toList();
  }

  private Process start(Path data, Path run, String... rest) throws IOException {
    return KillableRun.start(folder.resolve("errors.txt"), data, run, rest);
  }

  /** Collects losses; kills the process, as with kill -9, once an iteration is printed. */
  private TreeMap<Integer, String> losses(Process process, int killAt) throws Exception {
    TreeMap<Integer, String> losses = new TreeMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        if (words[0].equals("loss")) {
          losses.put(Integer.parseInt(words[1]), words[2]);
          if (losses.lastKey() >= killAt) {
            process.toHandle().destroyForcibly();
          }
        }
      }
    }
    int status = process.waitFor();
    if (killAt == Integer.MAX_VALUE) {
      assertThat(status).as(Files.readString(folder.resolve("errors.txt"))).isZero();
    }
    return losses;
  }
}
