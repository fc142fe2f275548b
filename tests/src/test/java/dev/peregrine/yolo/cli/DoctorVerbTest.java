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
        .contains("java", "lanes", "threads", "speed", "memory", "folder");
    assertThat(call.out()).containsPattern("(?m)^opencl(:0)? ").contains("GFLOP/s", "-bit lanes");
    assertThat(call.status()).isEqualTo(call.out().contains("FAULT") ? 1 : 0);
  }
}
