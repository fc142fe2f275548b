package dev.peregrine.yolo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.cli.Cli;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./yolo scaling}. */
class ScalingVerbTest {
  @TempDir Path folder;

  private JsonNode json() {
    return JsonMapper.shared().readTree(folder.resolve("scaling.json").toFile());
  }

  private Cli scaling(String... settings) {
    String[] all = new String[settings.length + 2];
    all[0] = "scaling";
    all[1] = "json=" + folder.resolve("scaling.json");
    System.arraycopy(settings, 0, all, 2, settings.length);
    return Cli.run(all);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void aTable(int number) {
    String text = scaling("table=" + number).ok().out();
    assertThat(text).startsWith("Table " + number + ": ").contains("note: ");
    JsonNode all = json();
    assertThat(all.get("table").asInt()).isEqualTo(number);
    assertThat(all.get("rows").get(0).size()).isEqualTo(all.get("columns").size());
    assertThat(all.get("notes").size()).isPositive();
  }

  @Test
  void aTableAtOtherSizes() {
    assertThat(scaling("table=1", "map=10", "channels=100", "layers=3").ok().out())
        .contains("5 w h k b^2", "15,000,000");
  }

  @Test
  void aSearchByOperations() {
    assertThat(scaling("flops=50").ok().out()).contains("to train:", "GFLOP");
    JsonNode best = json().get("best");
    assertThat(best.get("cost").asDouble()).isLessThanOrEqualTo(50);
    assertThat(best.get("bflops").asDouble()).isCloseTo(best.get("cost").asDouble(), within(1e-9));
    assertThat(best.get("size").asInt()).isBetween(256, 384);
  }

  @Test
  void theLayersOfANetwork() {
    Path cfg = Cli.smallCfg(folder); // 64 x 32 pixels: 3x3/2 of 8, 3x3/2 of 12, 1x1 of 14
    assertThat(scaling("model=" + cfg).ok().out()).contains("the heads see 7 pixels");
    JsonNode layers = json().get("layers");
    assertThat(layers.size()).isEqualTo(3);
    assertThat(layers.get(1).get("receptive_field").asInt()).isEqualTo(7);
    assertThat(layers.get(0).get("multiply_adds").asLong()).isEqualTo(512 * 27 * 8);
    assertThat(layers.get(0).get("cio").asLong()).isEqualTo(2048 * 3 + 512 * 8);
    assertThat(layers.get(0).get("mac").asLong()).isEqualTo(2048 * 3 + 512 * 8 + 27 * 8);
  }

  @Test
  void wrongCallsAreRefused() {
    scaling().refuses("one of table=, latency=, flops= and model=");
    scaling("table=1", "flops=3").refuses("one of table=");
    scaling("table=8").refuses("table=8 is wrong: it must be between 1 and 7");
    scaling("flops=0.0001").refuses("no network fits a budget of 0.0001000 GFLOP");
    scaling("latency=0").refuses("must be above 0");
  }
}
