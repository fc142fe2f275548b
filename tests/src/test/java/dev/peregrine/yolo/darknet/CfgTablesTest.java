package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares every cfg that can be read with the layer table that darknet prints for it. */
class CfgTablesTest {
  private static final Pattern ROW =
      Pattern.compile(
          "^ *(\\d+)"
              + " (conv|max|avg|scale|reorg|softmax|cost|contrastive|route|upsample|dropout|Shortcut"
              + "|yolo|\\[Gaussian_yolo])(?!\\w)(.*)");
  private static final Pattern OUTPUT =
      Pattern.compile("(?:->|outputs:) *(\\d+) *x *(\\d+) *x *(\\d+)(?: +([0-9.]+) BF)?");
  private static final Pattern CONVOLUTION =
      Pattern.compile(" *(\\d+)(?:/ *(\\d+))? +(\\d+) x *\\d+/ *(\\d+) .*");
  private static final Pattern SOURCES = Pattern.compile("(?: Layer:|^) *([0-9, ]+).*");
  private static final Map<String, String> KINDS =
      Map.of("conv", "convolutional", "max", "maxpool", "Shortcut", "shortcut", "reorg", "reorg3d");

  /** The cfgs that cannot be read, and why; networks of other families all of them. */
  private static final Map<String, String> UNSUPPORTED =
      Map.of(
          "darknet/darknet53_448_xnor.cfg", "xnor",
          "darknet/yolov3-tiny_xnor.cfg", "xnor",
          "darknet/yolov2-tiny-voc.cfg", "region",
          "darknet/yolov2-tiny.cfg", "region",
          "darknet/yolov2.cfg", "reorg",
          "darknet/yolov3-tiny_occlusion_track.cfg", "track");

  /** The cfgs that darknet refuses as well. */
  private static final Map<String, String> REFUSED_BY_DARKNET =
      Map.of(
          "pytorch_yolov4/yolov4-tiny.cfg", "route_lhalf",
          "cspnet/resnet10.cfg", "[shortcut] adds",
          "cspnet/resnet50.cfg", "[shortcut] adds",
          "cspnet/resnext50.cfg", "[shortcut] adds");

  private record Summary(String dir, String cfg, String[] fields) {
    String name() {
      return dir + "/" + cfg;
    }
  }

  private static List<Summary> summaries() throws IOException {
    Path file = Reference.require("oracles/layers/summary.tsv");
    return Files.readAllLines(file).stream()
        .skip(1)
        .map(line -> line.split("\t", -1))
        .map(fields -> new Summary(fields[0], fields[1], fields))
        .toList();
  }

  @Test
  void everySupportedCfgHasDarknetsTable() throws IOException {
    Map<String, String> refused = new TreeMap<>();
    int compared = 0;
    for (Summary summary : summaries()) {
      CfgFile cfg;
      try {
        cfg = CfgFile.read(Reference.require("cfg/" + summary.name()));
      } catch (FormatException unsupported) {
        refused.put(summary.name(), reason(unsupported));
        continue;
      }
      assertThat(cfg.layers()).as(summary.name()).hasSize(Integer.parseInt(summary.fields[5]));
      assertThat(cfg.parameters()).as(summary.name()).isEqualTo(number(summary.fields[7]));
      assertThat(cfg.storedFloats()).as(summary.name()).isEqualTo(number(summary.fields[8]));
      // darknet sums in single precision
      assertThat(cfg.bflops())
          .as(summary.name())
          .isCloseTo(Double.parseDouble(summary.fields[6]), within(2e-3));
      compareTable(summary, cfg);
      traceIt(summary, cfg);
      compared++;
    }
    Map<String, String> expected = new TreeMap<>(UNSUPPORTED);
    expected.putAll(REFUSED_BY_DARKNET);
    assertThat(refused).isEqualTo(expected);
    assertThat(compared).isEqualTo(100 - expected.size());
  }

  @Test
  void whatDarknetRefusesHasNoTable() {
    for (String name : REFUSED_BY_DARKNET.keySet()) {
      assertThat(Reference.require("oracles/layers"))
          .isDirectoryNotContaining("glob:**/" + name.replaceAll("\\.cfg$", ".txt"));
    }
  }

  /** The network itself has the extents and the parameters that its layers claim. */
  private static void traceIt(Summary summary, CfgFile cfg) {
    FeatureMap in = cfg.net().input();
    Params params = Params.symbolic();
    CfgNetwork network = new CfgNetwork(cfg);
    Tracer.trace(
        List.of(Spec.f32(1, in.height(), in.width(), in.channels())),
        image -> {
          List<Tensor> outputs = network.layers(params, image.getFirst());
          for (Layer layer : cfg.layers()) {
            FeatureMap out = layer.output();
            assertThat(outputs.get(layer.index()).shape())
                .as("layer %d of %s", layer.index(), summary.name())
                .isEqualTo(Shape.of(1, out.height(), out.width(), out.channels()));
          }
          return List.of(outputs.getLast());
        });
    assertThat(params.count()).as(summary.name()).isEqualTo(cfg.parameters());
  }

  private static long number(String text) {
    return Long.parseLong(text);
  }

  private static String reason(FormatException refused) {
    String message = refused.getMessage();
    Matcher section = Pattern.compile("section \\[(\\w+)]|: (\\w+)=\\S* in \\[").matcher(message);
    if (section.find()) {
      return section.group(1) != null ? section.group(1) : section.group(2);
    }
    return message.replaceAll("^.*?:\\d+: (\\S+ \\S+) .*$", "$1");
  }

  private static void compareTable(Summary summary, CfgFile cfg) throws IOException {
    Path table =
        Reference.require("oracles/layers/" + summary.name().replaceAll("\\.cfg$", ".txt"));
    int rows = 0;
    for (String line : Files.readAllLines(table)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertThat(Integer.parseInt(row.group(1))).as(line).isEqualTo(rows);
        compareRow(line, row, cfg.layers().get(rows++));
      }
    }
    assertThat(rows).as(summary.name()).isEqualTo(cfg.layers().size());
  }

  private static void compareRow(String line, Matcher row, Layer layer) {
    String kind = row.group(2);
    if (layer instanceof Layer.AvgPool || layer instanceof Layer.Product) {
      assertThat(kind).as(line).isIn("avg", "scale");
    } else {
      String name = kind.replaceAll("[\\[\\]]", "");
      assertThat(layer.kind()).as(line).isEqualTo(KINDS.getOrDefault(name, name));
    }
    Matcher output = OUTPUT.matcher(line);
    if (output.find()) {
      assertThat(layer.output())
          .as(line)
          .isEqualTo(
              new FeatureMap(
                  Integer.parseInt(output.group(2)),
                  Integer.parseInt(output.group(1)),
                  Integer.parseInt(output.group(3))));
      if (output.group(4) != null) {
        assertThat(layer.bflops())
            .as(line)
            .isCloseTo(Double.parseDouble(output.group(4)), within(6e-4));
      }
    } else {
      assertThat(kind)
          .as(line)
          .isIn(
              "yolo",
              "[Gaussian_yolo]",
              "dropout",
              "avg",
              "scale",
              "softmax",
              "cost",
              "contrastive");
    }
    switch (layer) {
      case Layer.Convolutional conv -> {
        Matcher text = CONVOLUTION.matcher(row.group(3));
        assertThat(text.matches()).as(line).isTrue();
        String groups = text.group(2) == null ? "1" : text.group(2);
        assertThat(List.of(conv.filters(), conv.groups(), conv.size(), conv.strideX()))
            .as(line)
            .isEqualTo(
                Stream.of(text.group(1), groups, text.group(3), text.group(4))
                    .map(Integer::valueOf)
                    .toList());
      }
      case Layer.Route route -> assertThat(route.layers()).as(line).isEqualTo(sources(row));
      case Layer.Shortcut shortcut -> assertThat(shortcut.from()).as(line).isEqualTo(sources(row));
      case Layer.Dropout dropout ->
          assertThat(dropout.probability())
              .as(line)
              .isEqualTo(Double.parseDouble(row.group(3).replaceAll("^.*p = (\\S+).*$", "$1")));
      case Layer.MaxPool pool ->
          assertThat(row.group(3).replace(" ", ""))
              .as(line)
              .startsWith(pool.size() + "x" + pool.size() + "/" + pool.strideX());
      case Layer.Upsample upsample ->
          assertThat(row.group(3).strip()).as(line).startsWith(upsample.stride() + "x");
      case Layer.AvgPool pool ->
          assertThat(row.group(3).replaceAll("\\s+", " ").strip())
              .as(line)
              .startsWith(
                  pool.global()
                      ? extents(pool.input()) + " -> " + pool.output().channels()
                      : pool.size() + "x " + pool.size() + "/ " + pool.strideX());
      case Layer.Product product ->
          assertThat(row.group(3).strip()).as(line).isEqualTo("Layer: " + product.from());
      case Layer.Reorg reorg ->
          assertThat(row.group(3).strip()).as(line).startsWith("/ " + reorg.stride());
      case Layer.Softmax softmax ->
          assertThat(row.group(3).strip()).as(line).isEqualTo("" + softmax.output().channels());
      case Layer.Loss _, Layer.Yolo _ -> {}
    }
  }

  private static String extents(FeatureMap map) {
    return map.width()
        + " x "
        + map.height()
        + " x"
        + (map.channels() < 1000 ? " " : "")
        + map.channels();
  }

  /** The layers that a route's or a shortcut's row names, before the columns of its output. */
  private static List<Integer> sources(Matcher row) {
    Matcher text = SOURCES.matcher(row.group(3).replaceAll("(\t|, *wt).*", ""));
    List<Integer> sources = new ArrayList<>();
    if (text.matches()) {
      for (String number : text.group(1).strip().split("[ ,]+")) {
        sources.add(Integer.valueOf(number));
      }
    }
    return sources;
  }

  @Test
  void readsEveryCfgThatComesWithRealWeights() throws IOException {
    Map<String, Long> bytes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Reference.require("weights"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".cfg")).toList()) {
        CfgFile cfg = CfgFile.read(file);
        bytes.put(String.valueOf(file.getFileName()), 20 + 4 * cfg.storedFloats());
        assertThat(CfgFile.parse(cfg.toText(), "again").layers().size())
            .isEqualTo(cfg.layers().size());
      }
    }
    assertThat(bytes)
        .containsEntry("yolov4-tiny-voc.cfg", 23_696_876L)
        .containsEntry("yolov4-tiny-voc-608.cfg", 23_696_876L)
        .containsEntry("yolov4-tiny-voc-320x224.cfg", 23_696_876L)
        .containsEntry("yolo-fastest.cfg", 1_425_644L)
        .containsEntry("yolo-fastest-1.1.cfg", 1_384_268L)
        .containsEntry("yolo-fastest-1.1-xl.cfg", 3_693_964L)
        .containsEntry("MobileNetV2-YOLOv3-Nano-voc.cfg", 3_079_020L)
        .containsEntry("yoloface-50k.cfg", 45_012L);
  }
}
