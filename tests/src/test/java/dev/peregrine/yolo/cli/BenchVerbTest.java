package dev.peregrine.yolo.cli;

import org.junit.jupiter.api.Test;

/** The verb itself; what it starts is tested where the benchmarks are. */
class BenchVerbTest {
  @Test
  void aWrongCallIsRefusedBeforeAnythingStarts() {
    Cli.run("bench", "Peak", "forks=0").refuses("forks=0 is wrong");
    Cli.run("bench", "Peak", "pattern=Layer").refuses("pattern= is given twice");
    Cli.run("bench", "Peak", "Layer").refuses("'Layer' is no setting");
    Cli.run("bench", "Peak", "comapre=a.json").refuses("did you mean 'compare'");
  }
}
