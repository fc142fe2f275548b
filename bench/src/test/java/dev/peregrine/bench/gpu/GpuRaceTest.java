package dev.peregrine.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuRaceTest {
  @TempDir private Path folder;

  /** The whole command on the CPU, beside a Python that is not there. */
  @Test
  void measuresOurSideAloneWherePyTorchIsMissing() throws IOException {
    String table =
        GpuRace.run(
            "devices=cpu",
            "nets=yolov4-tiny@64",
            "batches=1,2",
            "training=2",
            "rounds=1",
            "slice=1",
            "slowest=3",
            "python=" + folder.resolve("no-python"),
            "out=" + folder);
    assertThat(table)
        .contains("no-python cannot be started")
        .contains("our side is measured alone")
        .containsPattern("\\| yolov4-tiny@64 \\| inference \\| 2 \\| peregrine cpu \\| [0-9.]+ \\|")
        .containsPattern("\\| yolov4-tiny@64 \\| training \\| 2 \\| peregrine cpu \\| [0-9.]+ \\|")
        .containsPattern("[0-9.]+ % of peak  .*conv2d");
    assertThat(Files.readString(folder.resolve("gpu.md"))).isEqualTo(table);
    assertThat(Files.readString(folder.resolve("gpu.json"))).contains("\"batch\":2");
  }

  /** Another program in the place of PyTorch's, which fails as that does where it is missing. */
  @Test
  void saysInOneSentenceWhatThePeerAnswers() throws IOException {
    Path python = folder.resolve("python.sh");
    Files.writeString(python, "#!/bin/sh\nprintf 'error\\tPyTorch is not installed\\n'\nexit 3\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();
    assertThatThrownBy(() -> new TorchProcess(python.toString(), folder))
        .isInstanceOf(TorchProcess.Failure.class)
        .hasMessage("PyTorch is not installed");
  }

  @Test
  void differencesAreSharesOfTheLargestNumber() {
    assertThat(GpuRace.difference(new float[] {1, 9}, new float[] {1, 10})).isEqualTo(0.1);
    assertThat(GpuRace.difference(new float[] {Float.NaN}, new float[] {1})).isInfinite();
    assertThat(GpuRace.difference(new float[] {1}, new float[] {1, 2})).isInfinite();
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> GpuRace.run("net=yolov4-tiny@64"))
        .hasMessageContaining("'net=yolov4-tiny@64' is no setting");
    assertThatThrownBy(
            () -> GpuRace.run("devices=cpu", "nets=yolov4-tiny", "python=" + folder.resolve("no")))
        .hasMessageContaining("such as yolov4-tiny@416");
  }
}
