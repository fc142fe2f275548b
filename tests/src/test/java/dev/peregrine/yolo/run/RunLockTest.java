package dev.peregrine.yolo.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two trainings never write into one folder. */
class RunLockTest {
  @TempDir Path folder;

  @Test
  void aRunKeepsOthersOutUntilItEnds() {
    Path run = folder.resolve("run");
    try (RunLock _ = RunLock.of(run, "weights")) {
      assertThat(run.resolve("weights")).isDirectory();
      refused(run, "process " + ProcessHandle.current().pid() + " since 2");
    }
    assertThat(run.toFile().list()).containsExactly("weights");
    RunLock.of(run).close();
  }

  @Test
  void anotherProcessIsNamedAndItsEndFreesTheFolder() throws IOException, InterruptedException {
    Process other =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Holder.class.getName(),
                    folder.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(other.getInputStream().read()).as("it holds the lock").isEqualTo('h');
    refused(folder, "process " + other.pid() + " since 2");
    other.destroyForcibly().waitFor();
    assertThat(folder.resolve("run.lock")).as("what a killed run leaves").exists();
    RunLock.of(folder).close();
    assertThat(folder.resolve("run.lock")).doesNotExist();
  }

  private static void refused(Path run, String other) {
    assertThatThrownBy(() -> RunLock.of(run))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(run + ": another run trains into this folder (" + other)
        .hasMessageEndingWith("or begin a run of its own folder with name= or out=");
  }

  @Test
  void aFolderThatCannotBeMadeIsToldSo() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertThatThrownBy(() -> RunLock.of(file.resolve("run")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("the run's folder cannot be made");
  }

  /** Holds the lock until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      try (RunLock _ = RunLock.of(Path.of(arguments[0]))) {
        System.out.write('h');
        System.out.flush();
        int end = System.in.read();
        System.exit(end);
      }
    }
  }
}
