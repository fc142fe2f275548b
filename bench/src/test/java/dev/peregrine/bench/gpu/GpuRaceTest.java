package dev.peregrine.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.opencl.EmulatedCores;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.testkit.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuRaceTest {
  @TempDir private Path folder;

  /** The whole command on the CPU, beside a Python that is not there. */
  @Test
  void measuresOurSideAloneWherePyTorchIsMissing() throws IOException {
    String table =
        GpuRace.run(
            "devices=cpu,opencl:77@tf32",
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
        .contains("peregrine opencl:77@tf32: left out: ")
        .contains("peregrine cpu at 1.0 of the speed of torch fp32: open")
        .containsPattern("\\| yolov4-tiny@64 \\| inference \\| 2 \\| peregrine cpu \\| [0-9.]+ \\|")
        .containsPattern("\\| yolov4-tiny@64 \\| training \\| 2 \\| peregrine cpu \\| [0-9.]+ \\|")
        .containsPattern("[0-9.]+ % of peak  .*conv2d");
    assertThat(Files.readString(folder.resolve("gpu.md"))).isEqualTo(table);
    assertThat(Files.readString(folder.resolve("gpu.json"))).contains("\"batch\":2");
  }

  /**
   * The sides of tensor cores, whose instruction ordinary work items compute: their heads agree
   * with those of f32, each is timed, and its kernels have a share of the instruction's peak.
   */
  @Test
  void racesTensorCores() throws IOException {
    TestDevices.openCl();
    String table =
        GpuRace.run(
            name -> name.contains("@") ? EmulatedCores.open(name) : Devices.open(name),
            "devices=opencl,emulated@tf32,emulated@bf16,emulated@fp16",
            "nets=yolov4-tiny@32",
            "batches=1",
            "training=0",
            "rounds=1",
            "slice=1",
            "slowest=30",
            "python=" + folder.resolve("no-python"),
            "out=" + folder);
    String share = "(?!0\\.0 )[0-9.]+ % of tensor cores  ";
    for (String precision : List.of("tf32", "bf16", "fp16")) {
      String side = "peregrine emulated@" + precision;
      assertThat(table)
          .containsPattern("peak of " + side + ", tensor cores: [0-9,]+ GFLOP/s")
          .contains("yolov4-tiny@32, " + side + ": agrees")
          .containsPattern("\\| inference \\| 1 \\| " + side + " \\| [0-9.]+ \\|")
          .containsPattern(share + "conv2d.* " + precision)
          .contains(side + " at 0.5 of the speed of torch fp16: open");
    }
    assertThat(table)
        .containsPattern(share + "conv2d implicit, [0-9]+ steps")
        .containsPattern("of peak {26}max_pool");
    assertThat(table.substring(0, table.indexOf("emulated@tf32, then")))
        .as("the side of f32")
        .doesNotContain("% of tensor cores");
    assertThat(Files.readString(folder.resolve("gpu.json")))
        .containsPattern("\"percent_of_tensor_cores\":[0-9.]+");
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

  private static Report.Row row(String side, Side.Kind kind, int batch, double milliseconds) {
    return new Report.Row("net@64", kind, batch, side, milliseconds, 1e9, "");
  }

  @Test
  void goalsAreHeldAgainstTheSameRun() {
    assertThat(
            Goals.of(
                List.of(
                    row("peregrine opencl", Side.Kind.INFERENCE, 1, 10),
                    row("torch fp32", Side.Kind.INFERENCE, 1, 9),
                    row("peregrine opencl", Side.Kind.INFERENCE, 8, 10),
                    row("torch fp32", Side.Kind.INFERENCE, 8, 7),
                    row("peregrine opencl:auto@bf16", Side.Kind.TRAINING, 8, 10),
                    row("torch fp16", Side.Kind.TRAINING, 8, 4),
                    row("torch fp32", Side.Kind.TRAINING, 8, 20),
                    row("peregrine opencl", Side.Kind.TRAINING, 2, 10))))
        .containsExactly(
            "goal: net@64, inference of 1, peregrine opencl at 1.0 of the speed of torch fp32:"
                + " MISSED (0.90)",
            "goal: net@64, inference of 8, peregrine opencl at 0.6 of the speed of torch fp32: met"
                + " (0.70)",
            "goal: net@64, training of 8, peregrine opencl:auto@bf16 at 0.5 of the speed of torch"
                + " fp16: MISSED (0.40)",
            "goal: net@64, training of 2, peregrine opencl at 0.6 of the speed of torch fp32:"
                + " open, one of them was not measured");
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
