package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the machine offers. */
class DoctorVerbTest {
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
}
