package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the machine offers. */
class DoctorVerbTest {
  @TempDir Path folder;

  @Test
  void everyPartIsTold() {
    Cli call = Cli.run("doctor");
    assertThat(call.err()).isEmpty();
    assertThat(call.out().lines().map(line -> line.split(" ", 2)[0]))
        .contains("java", "lanes", "threads", "speed", "peak", "bandwidth", "memory", "folder");
    assertThat(call.out())
        .containsPattern("(?m)^opencl(:0)? ")
        .contains("GFLOP/s", "-bit lanes", "GiB free");
    assertThat(call.out())
        .containsPattern("(?m)^peak +[1-9]\\d* GFLOP/s")
        .containsPattern("(?m)^bandwidth +\\d+\\.\\d GB/s");
    if (call.out().contains("\nopencl:0 ")) {
      assertThat(call.out())
          .containsPattern("(?m)^tiles +(\\d+ shapes? measured on .*|chosen by .*tune=true)");
    }
    assertThat(call.out().lines().filter(line -> line.startsWith("FAULT")))
        .allMatch(line -> line.contains("; repair: "));
    assertThat(call.status()).isEqualTo(call.out().contains("FAULT") ? 1 : 0);
  }

  /** Java that was started by hand lacks a module; doctor says how, and the other verbs too. */
  @Test
  void javaWithoutTheVectorApiIsToldHowToStart() throws IOException, InterruptedException {
    assertThat(withoutVectors("doctor"))
        .contains("FAULT     the Vector API is not there (", "add --add-modules", "memory", "FAULT")
        .endsWith("see the lines marked FAULT\n");
    assertThat(withoutVectors("predict", "source=" + picture()))
        .contains("yolo: the Vector API is not there: start with ./yolo, or add --add-modules");
  }

  private String picture() {
    return Cli.picture(folder.resolve("a.png"), 8, 8).toString();
  }

  private static String withoutVectors(String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx500m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    command.add("device=cpu");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isEqualTo(1);
    return printed;
  }
}
