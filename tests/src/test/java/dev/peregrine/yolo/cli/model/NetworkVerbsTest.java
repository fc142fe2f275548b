package dev.peregrine.yolo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.testkit.LayerTable;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The verbs that look into a network: {@code summary} and {@code layers}. */
class NetworkVerbsTest {
  @TempDir Path folder;

  private JsonNode summary(String model) {
    Path file = folder.resolve("summary.json");
    Cli.run("summary", "model=" + model, "json=" + file).ok();
    return JsonMapper.shared().readTree(file.toFile());
  }

  @Test
  void summaryCountsByHand() {
    JsonNode all = summary(Cli.smallCfg(folder).toString());
    // 8 filters 3x3x3, 12 filters 3x3x8, both with scale and bias; 14 filters 1x1x12 with bias
    assertThat(all.get("parameters").asInt()).isEqualTo(216 + 16 + 864 + 24 + 168 + 14);
    assertThat(all.get("file_parameters").asInt()).isEqualTo(216 + 32 + 864 + 48 + 168 + 14);
    assertThat(all.get("bflops").asDouble())
        .isCloseTo(2e-9 * (216 * 512 + 864 * 128 + 168 * 128), within(1e-12));
    JsonNode second = all.get("layers").get(1);
    assertThat(second.get("type").asString()).isEqualTo("convolutional");
    assertThat(second.get("filters").asInt()).isEqualTo(12);
    assertThat(second.get("size").asInt()).isEqualTo(3);
    assertThat(second.get("stride").asInt()).isEqualTo(2);
    assertThat(second.get("input").toString()).isEqualTo("[16,32,8]");
    assertThat(second.get("output").toString()).isEqualTo("[8,16,12]");
    String text = Cli.run("summary", "model=" + folder.resolve("small.cfg")).ok().out();
    assertThat(text.lines().filter(line -> line.contains("convolutional")).toList())
        .hasSize(3)
        .last()
        .asString()
        .endsWith(" 7"); // the receptive field: 3, then 3 + 2 * 2
    assertThat(text)
        .contains("activations: arena", "memory of inference, 1 picture: weights 0.0 MiB, as")
        .containsPattern("memory of training, 16 pictures a step: weights, optimiser and average");
    JsonNode memory = all.get("memory_mib");
    assertThat(memory.get("inference").get("weights").asDouble())
        .as("norms are folded: filters and a bias each")
        .isCloseTo(4 * (216 + 8 + 864 + 12 + 168 + 14) / 1048576.0, within(1e-9));
    assertThat(memory.get("training").get("state").asDouble())
        .as("weights, momentum, average; statistics and their average")
        .isCloseTo(4 * (3 * 1302 + 2 * 40) / 1048576.0, within(1e-9));
  }

  /** Once each, however often the file is read. */
  @Test
  void oddKeysAreTold() {
    Path cfg =
        Cli.text(
            folder.resolve("odd.cfg"),
            Cli.SMALL_CFG.replaceFirst("\\[net]", "[net]\nmax_epochs=7\ncontrastive=1"));
    List<String> expected =
        List.of(
            "warning: "
                + cfg
                + ":3: contrastive in [net] is not followed: training goes without it",
            "warning: " + cfg + ":2: max_epochs in [net] has no effect here");
    assertThat(Cli.run("summary", "model=" + cfg).ok().err().lines().toList()).isEqualTo(expected);
    Cli export =
        Cli.run(
            "convert",
            "model=" + cfg,
            "weights=" + Cli.smallWeights(folder),
            "to=" + folder.resolve("odd.onnx"));
    assertThat(export.ok().err().lines().toList()).isEqualTo(expected);
  }

  @Test
  void summaryAdaptsACfg() {
    String model = "model=" + Cli.smallCfg(folder);
    String text = Cli.run("summary", model, "classes=7", "imgsz=64", "batch=1").ok().out();
    assertThat(text).contains("input 64x64 (height x width), 7 classes", "1 picture a step");
    Cli.run("summary", model, "anchors=1,2").refuses("takes 6");
    Cli.run("summary", "model=yolov4-p5-yaml", "classes=7").refuses("a yaml says nc:");
  }

  /** Bochkovskiy, Wang and Liao 2020, "YOLOv4", table 1: 950 K and 1058 K. */
  @ParameterizedTest
  @CsvSource({"csdarknet53, 950.9", "csresnext50, 1058.2"})
  void theAverageLayerIsAsLargeAsPublished(String name, String thousands) {
    Path cfg = Reference.require("cfg/cspnet/" + name + ".cfg");
    assertThat(Cli.run("summary", "model=" + cfg, "imgsz=512").ok().out())
        .contains("the average layer gives " + thousands + " K numbers");
  }

  @Test
  void summaryDrawsTheNetwork() throws IOException {
    Path cfg = Cli.smallCfg(folder);
    Path svg = folder.resolve("drawings/small.svg");
    Cli.run("summary", "model=" + cfg, "imgsz=64", "svg=" + svg).ok();
    assertThat(Files.readString(svg)).startsWith("<svg ").contains("64 x 64 x 3", "anchors</text>");
    Path yaml = folder.resolve("yaml.svg");
    Cli.run("summary", "model=yolov4-csp-yaml", "svg=" + yaml).ok();
    assertThat(Files.readString(yaml)).contains("SPPCSP", "20 x 20 x 512");
    Cli.run("summary", "model=" + cfg, "svg=" + folder).refuses("is a folder");
  }

  @Test
  void aClassifierHasATableToo() throws IOException {
    Path cfg = folder.resolve("classes.cfg");
    Files.writeString(
        cfg,
        "[net]\nwidth=8\nheight=8\nchannels=3\n[conv]\nfilters=4\nactivation=linear\n"
            + "[avgpool]\n[softmax]\n");
    assertThat(summary(cfg.toString()).get("parameters").asInt()).isEqualTo(16);
    assertThat(Cli.run("summary", "model=" + cfg, "imgsz=16x8").ok().out())
        .contains("classes: 3 layers, input 16x8 (height x width), output 1 x 1 x 4");
  }

  @Test
  void aYamlNetworkHasARowABlock() {
    JsonNode all = summary("yolov4-p5-yaml");
    assertThat(all.get("parameters").asInt()).isEqualTo(70_834_012);
    assertThat(all.get("bflops").asDouble()).isCloseTo(326.6, within(0.05));
    assertThat(all.get("rows").size()).isEqualTo(32);
    assertThat(all.get("rows").get(11).get("row").asString()).isEqualTo("[-1, 1, SPPCSP, [512]]");
    assertThat(all.get("rows").get(11).get("output").asString()).isEqualTo("28 x 28 x 512");
    assertThat(all.get("rows").get(11).get("parameters").asInt()).isEqualTo(7_610_368);
    assertThat(Cli.run("summary", "model=yolov4-p5-yaml@0.25x0.33", "imgsz=64").ok().out())
        .contains("yolov4-p5-yaml@0.25x0.33: 32 rows, input 64x64 (height x width), 80 classes");
  }

  @Test
  void aNetworkByNameIsItsCfg() {
    JsonNode all = summary("yolov4-tiny");
    assertThat(all.get("parameters").asInt()).isEqualTo(6_056_606);
    assertThat(all.get("file_parameters").asInt() * 4 + 20).isEqualTo(24_251_276);
    assertThat(all.get("layers").size()).isEqualTo(38);
    assertThat(all.get("bflops").asDouble()).isCloseTo(6.910, within(5e-4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4-tiny", "yolov4-tiny-3l", "yolov4", "yolov4-csp", "yolov3"})
  void totalsAreDarknets(String name) throws IOException {
    List<String> row =
        Files.readAllLines(Reference.require("oracles/layers/summary.tsv")).stream()
            .filter(line -> line.startsWith("darknet\t" + name + ".cfg\t"))
            .map(line -> List.of(line.split("\t", -1)))
            .findFirst()
            .orElseThrow();
    JsonNode all = summary(Reference.require("cfg/darknet/" + name + ".cfg").toString());
    assertThat(all.get("bflops").asDouble())
        .isCloseTo(Double.parseDouble(row.get(6)), within(6e-4));
    assertThat(all.get("parameters").asLong()).isEqualTo(Long.parseLong(row.get(7)));
    assertThat(all.get("file_parameters").asLong()).isEqualTo(Long.parseLong(row.get(8)));
    assertThat(all.get("layers").size()).isEqualTo(Integer.parseInt(row.get(5)));
  }

  @ParameterizedTest
  @CsvSource({"cpu, fp32, 1e-3", "reference, fp64, 2e-4"})
  void layersAreDarknets(String device, String precision, double headTolerance) throws IOException {
    Path weights = Reference.require("weights/yolov4-tiny-voc");
    Path tensor = Reference.require("oracles/tensors/yolov4-tiny-voc/dog.input.f32");
    Path tsv = folder.resolve("layers.tsv");
    Cli.run(
            "layers",
            "model=" + weights.resolve("yolov4-tiny-voc.cfg"),
            "weights=" + weights.resolve("yolov4-tiny-voc-h2oxi.weights"),
            "tensor=" + tensor,
            "device=" + device,
            "precision=" + precision,
            "tsv=" + tsv)
        .ok();
    Path oracle = tensor.resolveSibling("dog.layerstats.tsv");
    List<String> mine = Files.readAllLines(tsv);
    assertThat(mine.getFirst()).isEqualTo(Files.readAllLines(oracle).getFirst());
    assertThat(mine.get(1)).matches("0\t208\t208\t32(\t-?\\d\\.\\d{8}e[-+]\\d\\d){4}\t.*");
    List<LayerTable.Row> rows = LayerTable.read(tsv).rows();
    List<LayerTable.Row> expected = LayerTable.read(oracle).rows();
    assertThat(rows).hasSameSizeAs(expected);
    for (int i = 0; i < rows.size(); i++) {
      LayerTable.Row row = rows.get(i);
      LayerTable.Row other = expected.get(i);
      assertThat(List.of(row.width(), row.height(), row.channels()))
          .isEqualTo(List.of(other.width(), other.height(), other.channels()));
      double tolerance = 1e-3 * other.deviation();
      assertThat(row.mean()).as("layer %d", i).isCloseTo(other.mean(), within(tolerance));
      assertThat(row.deviation()).isCloseTo(other.deviation(), within(tolerance));
      boolean head = i == 29 || i == 36;
      for (int k = 0; k < other.first().size(); k++) {
        assertThat(row.first().get(k))
            .isCloseTo(other.first().get(k), within(head ? headTolerance : tolerance));
      }
    }
  }

  @Test
  void layersOfAPictureByAnyWayToNameTheNetwork() {
    Path picture = Cli.picture(folder.resolve("a.png"), 40, 40);
    String cfg = "model=" + Cli.smallCfg(folder);
    String weights = "weights=" + Cli.smallWeights(folder);
    Path map = folder.resolve("map.png");
    String table =
        Cli.run("layers", cfg, weights, "source=" + picture, "picture=" + map, "layer=1")
            .ok()
            .out();
    assertThat(table.lines().toList()).hasSize(5);
    assertThat(dev.peregrine.yolo.image.Images.read(map).width()).isEqualTo(64);
    Cli.run("layers", cfg, weights, "source=" + picture, "picture=" + map, "layer=9")
        .refuses("layer=9 is wrong: the layers are 0 to 3");
    Cli.run("layers", cfg, weights).refuses("give either source=PICTURE or tensor=FILE");
    Cli.run("layers", cfg, weights, "source=" + picture, "precision=fp64")
        .refuses("device=reference");
    Cli.run("layers", cfg, weights, "tensor=" + picture)
        .refuses("bytes, but the input 64 x 32 x 3");
  }
}
