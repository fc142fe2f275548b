package dev.peregrine.yolo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The verbs that look at the clock: {@code profile} and {@code benchmark}. */
class SpeedVerbsTest {
  @TempDir Path folder;

  @Test
  void aProfileTellsEveryStep() {
    Path json = folder.resolve("profile.json");
    String text =
        Cli.run(
                "profile",
                "model=" + Cli.smallCfg(folder),
                "weights=random",
                "batch=2",
                "runs=3",
                "threads=1",
                "sort=time",
                "json=" + json)
            .ok()
            .out();
    assertThat(text).contains("1 thread", "% of peak", "conv2d direct", "conv2d matrix", "#");
    JsonNode all = JsonMapper.shared().readTree(json.toFile());
    double gflop = 2 * 2e-9 * (216 * 512 + 864 * 128 + 168 * 128);
    assertThat(all.get("gflop").asDouble()).isCloseTo(gflop, within(1e-12));
    assertThat(all.get("peak_gflops").asDouble()).isPositive();
    double milliseconds = 0;
    for (JsonNode step : all.get("steps")) {
      milliseconds += step.get("ms").asDouble();
      assertThat(step.get("percent_of_peak").asDouble())
          .isCloseTo(
              100 * step.get("gflops").asDouble() / all.get("peak_gflops").asDouble(),
              within(1e-6));
    }
    assertThat(milliseconds).isPositive().isCloseTo(all.get("ms").asDouble(), within(1e-6));
    assertThat(all.get("steps").get(0).get("output").asString()).isEqualTo("[2, 16, 32, 8]");
  }

  @Test
  void theReferenceDeviceKnowsNoPeak() {
    Path json = folder.resolve("profile.json");
    Cli.run(
            "profile",
            "model=" + Cli.smallCfg(folder),
            "weights=" + Cli.smallWeights(folder),
            "device=reference",
            "runs=1",
            "json=" + json)
        .ok();
    JsonNode all = JsonMapper.shared().readTree(json.toFile());
    assertThat(all.has("peak_gflops")).isFalse();
    assertThat(all.get("steps").get(0).has("percent_of_peak")).isFalse();
  }

  @Test
  void aProfileIsDrawnWithABarForEachStep() {
    Path chart = folder.resolve("profile.png");
    Path json = folder.resolve("profile.json");
    Cli.run(
            "profile",
            "model=" + Cli.smallCfg(folder),
            "weights=" + Cli.smallWeights(folder),
            "runs=1",
            "chart=" + chart,
            "json=" + json)
        .ok();
    JsonNode all = JsonMapper.shared().readTree(json.toFile());
    ByteImage picture = Images.readBytes(chart);
    assertThat(picture.width()).isEqualTo(1100);
    int rows = all.get("steps").size() + all.get("kernels").size();
    assertThat(picture.height()).isEqualTo((rows + 3) * 19 + 28);
    byte[] rgb = picture.rgb();
    int longest = 0;
    for (int y = 0; y < picture.height(); y++) {
      int run = 0;
      for (int x = 0; x < picture.width(); x++) {
        int at = 3 * (y * picture.width() + x);
        int colour = (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | (rgb[at + 2] & 0xff);
        run = colour == 0xffffff ? 0 : run + 1;
        longest = Math.max(longest, run);
      }
    }
    assertThat(longest).as("the slowest step's bar").isGreaterThan(400);
  }

  @Test
  void aBenchmarkTellsLatencyAndItsParts() {
    Path json = folder.resolve("benchmark.json");
    String text =
        Cli.run(
                "benchmark",
                "model=" + Cli.smallCfg(folder),
                "weights=" + Cli.smallWeights(folder),
                "source=" + Cli.picture(folder.resolve("a.png"), 40, 30),
                "imgsz=64x96",
                "batch=2",
                "runs=7",
                "json=" + json)
            .ok()
            .out();
    assertThat(text).contains("64x96 batch 2: median", "preprocessing", "suppression");
    JsonNode all = JsonMapper.shared().readTree(json.toFile());
    double p10 = all.get("p10_ms").asDouble();
    double median = all.get("median_ms").asDouble();
    assertThat(p10).isPositive();
    assertThat(median).isBetween(p10, all.get("p90_ms").asDouble());
    assertThat(all.get("p95_ms").asDouble()).isGreaterThanOrEqualTo(all.get("p90_ms").asDouble());
    assertThat(all.get("images_per_second").asDouble()).isPositive();
    // 64 x 96 pixels are three times as many as the small network's own
    double gflop = 3 * 2e-9 * (216 * 512 + 864 * 128 + 168 * 128);
    assertThat(all.get("gflops").asDouble() * all.get("forward_ms").asDouble() / 1e3)
        .isCloseTo(gflop, within(1e-9));
    assertThat(all.get("preprocess_ms").asDouble()).isPositive();
    assertThat(all.get("decode_ms").asDouble()).isPositive();
    if (System.getProperty("os.name").equals("Linux")) {
      assertThat(all.get("peak_rss_mb").asDouble()).isGreaterThan(20);
    }
  }

  @Test
  void numbersAreRandomOnlyWhereTheCallSaysSo() {
    String model = "model=" + Cli.smallCfg(folder);
    Cli.run("benchmark", model).refuses("weights= is missing");
    Cli.run("benchmark", model, "weights=random", "device=cpu", "tune=true")
        .refuses("tiles are tuned on OpenCL devices alone");
    Cli.run("profile", model).refuses("weights= is missing");
    Cli.run(
            "predict",
            model,
            "weights=random",
            "source=" + Cli.picture(folder.resolve("a.png"), 8, 8))
        .refuses("random: there is no such weights file");
    assertThat(Cli.run("benchmark", model, "weights=random", "runs=1").ok().out())
        .contains("32x64 batch 1");
  }
}
