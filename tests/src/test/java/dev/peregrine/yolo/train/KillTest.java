package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.WholeFile;
import dev.peregrine.yolo.demo.ShapesDataSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs that are killed twenty times, as with kill -9, and resumed each time on another number of
 * threads, end with the bits of those that were not.
 *
 * <p>One has multi-scale, gradients that wait, weighted pictures, parts of batches, the average and
 * a schedule of two stages; the other mosaics, random sizes, and rollbacks, since its rate is a
 * hundred times too high. Both run out of patience, whose count goes on after each kill.
 */
class KillTest {
  private static final int KILLS = 10;

  /** A run that is soon killed is not worth the second compiler; its bits are the same without. */
  private static final List<String> BRIEFLY = List.of("-XX:TieredStopAtLevel=1");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"often-diverging, 1", "often-scaled, 0"})
  void aRunThatIsKilledOftenEndsWithTheSameBits(String recipe, int rollbacks) throws Exception {
    Path data = new ShapesDataSet(30, 2, 64, 3).write(folder.resolve("data"));
    Path whole = folder.resolve("whole");
    Process uninterrupted =
        start(List.of(), data, whole, "cpu:2", recipe); // beside those that are killed

    Path killed = folder.resolve("killed");
    SplittableRandom random = new SplittableRandom(rollbacks);
    int cut = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start(BRIEFLY, data, killed, "cpu:" + (1 + kill % 3), recipe);
      boolean whileSaving = kill % 3 == 2;
      int losses = whileSaving ? 1 : random.nextInt(4);
      awaitLosses(process, losses);
      if (whileSaving) {
        awaitWriting(process, killed);
      } else {
        Thread.sleep(random.nextInt(losses == 0 ? 1000 : 40)); // 0: while it starts
      }
      assertThat(process.isAlive()).as("alive before kill %d", kill).isTrue();
      process.toHandle().destroyForcibly();
      process.waitFor();
      cut += Files.exists(beside(killed)) ? 1 : 0;
    }
    assertThat(cut).as("kills that left half a checkpoint").isPositive();
    assertThat(start(List.of(), data, killed, "cpu:1", recipe).waitFor())
        .as(errors(killed))
        .isZero();
    assertThat(uninterrupted.waitFor()).as(errors(whole)).isZero();

    Safetensors one = Safetensors.read(TrainingRun.checkpoint(whole));
    Safetensors other = Safetensors.read(TrainingRun.checkpoint(killed));
    assertThat(other.metadata()).isEqualTo(one.metadata());
    assertThat(one.metadata().get("ended"))
        .startsWith("stopped early after epoch ")
        .contains("(patience=" + KillableRun.PATIENCE + ")");
    assertThat(one.metadata().get("rollbacks").isEmpty()).isEqualTo(rollbacks == 0);
    assertThat(other.arrays().keySet()).isEqualTo(one.arrays().keySet());
    one.arrays()
        .forEach((name, array) ->
            assertThat((float[]) other.arrays().get(name).values())
                .as(name)
                .containsExactly((float[]) array.values()));
    assertThat(withoutTimes(killed)).isEqualTo(withoutTimes(whole));
  }

  private static Path beside(Path run) {
    return WholeFile.beside(TrainingRun.checkpoint(run));
  }

  private static void awaitLosses(Process process, int count) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (int seen = 0; seen < count; ) {
      String line = lines.readLine();
      if (line == null) {
        return;
      }
      seen += line.startsWith("loss ") ? 1 : 0;
    }
  }

  private static void awaitWriting(Process process, Path run) {
    while (process.isAlive() && !Files.exists(beside(run))) {
      LockSupport.parkNanos(100_000);
    }
  }

  private static List<String> withoutTimes(Path run) throws IOException {
    return Files.readAllLines(run.resolve("results.csv")).stream()
        .map(line -> line.replaceFirst(",[^,]*,[^,]*,", ","))
        .toList();
  }

  private static Path errorsOf(Path run) {
    return run.resolveSibling(run.getFileName() + "-errors.txt");
  }

  private static String errors(Path run) throws IOException {
    Path file = errorsOf(run);
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private static Process start(
      List<String> options, Path data, Path run, String device, String recipe) throws IOException {
    Path errors = errorsOf(run);
    return Files.exists(TrainingRun.checkpoint(run))
        ? KillableRun.start(errors, options, data, run, device, recipe, "resume")
        : KillableRun.start(errors, options, data, run, device, recipe);
  }
}
