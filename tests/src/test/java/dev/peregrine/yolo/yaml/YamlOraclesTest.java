package dev.peregrine.yolo.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.Reference;
import dev.peregrine.testkit.TorchFormula;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.head.DecodedHeads;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.torch.TorchFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The yaml networks against the official PyTorch code: names and shapes of their numbers, and their
 * outputs for weights made by a formula.
 *
 * <p>The largest run on demand: {@code mvn -pl tests -am verify -Dtest=YamlOraclesTest
 * -Ddev.peregrine.tests.large=true -Dtest.heap=14g}.
 */
class YamlOraclesTest {
  private static final String LARGE = "dev.peregrine.tests.large";
  private static final String SMALL = "yolov4-p5-w0.25-d0.33-nc3";

  private static YamlModel model(String name) {
    if (name.equals(SMALL)) {
      PublishedYaml p5 = PublishedYaml.YOLOV4_P5;
      return p5.model(3, new Scale(0.25, 0.33), p5.anchors());
    }
    return Arrays.stream(PublishedYaml.values())
        .filter(p -> p.key().equals(name + "-yaml"))
        .findFirst()
        .orElseThrow()
        .model(80);
  }

  private static List<TorchFormula.Row> table(String name) {
    return TorchFormula.read(Reference.require("oracles/pytorch/" + name + ".state_dict.tsv"));
  }

  private static JsonNode expected(String name) {
    return JsonMapper.shared()
        .readTree(Reference.require("oracles/pytorch/" + name + ".expected.json").toFile());
  }

  @ParameterizedTest
  @EnumSource
  void isTheOfficialDescription(PublishedYaml published) {
    String file = published.key().replaceFirst("-yaml$", ".yaml");
    YamlFile official = YamlFile.read(Reference.require("cfg/scaledyolov4/yolov4-large/" + file));
    YamlFile own = published.description();
    assertThat(own.rows()).isEqualTo(official.rows());
    assertThat(own.anchors()).isEqualTo(official.anchors());
    assertThat(own.scale()).isEqualTo(official.scale());
    assertThat(own.classes()).isEqualTo(official.classes());
  }

  @ParameterizedTest
  @ValueSource(strings = {SMALL, "yolov4-csp", "yolov4-p5", "yolov4-p6", "yolov4-p7"})
  void hasPyTorchsStateDict(String name) {
    YamlModel model = model(name);
    List<TorchFormula.Row> table = table(name);
    List<StateDict.Entry> entries = new StateDict(model).entries();
    assertThat(entries)
        .extracting(StateDict.Entry::name)
        .isEqualTo(table.stream().map(TorchFormula.Row::name).toList());
    assertThat(entries)
        .extracting(StateDict.Entry::shape)
        .isEqualTo(table.stream().map(TorchFormula.Row::shape).toList());
    assertThat(Models.blank(model).count()).isEqualTo(expected(name).get("parameters").asLong());
    assertThat(model.strides()).isEqualTo(strides(expected(name)));
  }

  private static List<Integer> strides(JsonNode expected) {
    return expected.get("stride").valueStream().map(JsonNode::asInt).toList();
  }

  /** The numbers of the formula, on the SIMD device. */
  private static Params formula(YamlModel model, String name, JsonNode expected) {
    Params params = Models.blank(model);
    StateDict dict = new StateDict(model);
    Map<String, StateDict.Entry> entries =
        dict.entries().stream()
            .collect(Collectors.toMap(StateDict.Entry::name, Function.identity()));
    boolean half = expected.get("weights_rounded_to_fp16").asBoolean();
    Ops.on(
        Devices.cpu(),
        () -> {
          TorchFormula.fill(
              table(name),
              expected.get("seed").asLong(),
              half,
              (key, values) -> dict.put(params, entries.get(key), values));
          return params;
        });
    return params;
  }

  private static void compare(String name) {
    YamlModel model = model(name);
    JsonNode expected = expected(name);
    compare(model, expected, formula(model, name, expected));
  }

  private static void compare(YamlModel model, JsonNode expected, Params params) {
    int height = expected.get("height").asInt();
    int width = expected.get("width").asInt();
    Tensor image =
        Ops.on(
            Devices.cpu(),
            () ->
                Tensor.of(
                    Shape.of(1, height, width, 3),
                    FormulaWeights.SPLIT_MIX.picture(height, width, 3)));
    List<Tensor> eager = model.raw(params, image);
    Graph graph = Tracer.trace(List.of(image.spec()), in -> model.raw(params, in.getFirst()));
    List<Tensor> planned = Plan.prepare(graph, Devices.cpu()).run(image);
    for (int level = 0; level < eager.size(); level++) {
      JsonNode raw = expected.get("raw").get(level);
      compareRaw(model.heads().get(level), eager.get(level), raw, "eager, level " + level);
      compareRaw(model.heads().get(level), planned.get(level), raw, "planned, level " + level);
    }
    compareDecoded(model, planned, height, width, expected);
  }

  /** PyTorch's order of a level: anchor, row, column, entry. */
  private static double[] torchOrder(HeadSpec head, Tensor map) {
    float[] own = map.floats();
    int cells = map.shape().dim(1) * map.shape().dim(2);
    int anchors = head.mask().size();
    double[] moved = new double[own.length];
    for (int cell = 0; cell < cells; cell++) {
      for (int a = 0; a < anchors; a++) {
        for (int e = 0; e < head.entries(); e++) {
          moved[(a * cells + cell) * head.entries() + e] =
              own[(cell * anchors + a) * head.entries() + e];
        }
      }
    }
    return moved;
  }

  private static void compareRaw(HeadSpec head, Tensor map, JsonNode raw, String how) {
    double[] own = torchOrder(head, map);
    double deviation = raw.get("std").asDouble();
    double mean = Arrays.stream(own).average().orElseThrow();
    assertThat(mean).as(how).isCloseTo(raw.get("mean").asDouble(), within(1e-3 * deviation));
    JsonNode samples = raw.get("samples256");
    for (int q = 0; q < samples.size(); q++) {
      int index = (int) ((long) q * own.length / samples.size());
      assertThat(own[index])
          .as("%s, sample %d", how, q)
          .isCloseTo(samples.get(q).asDouble(), within(1e-3 * deviation));
    }
  }

  /** PyTorch decodes within the network; so does {@link DecodedHeads}. */
  private static void compareDecoded(
      YamlModel model, List<Tensor> raw, int height, int width, JsonNode expected) {
    List<Tensor> heads = raw.stream().map(Activations::logistic).toList();
    Tensor boxes = DecodedHeads.of(model.heads(), heads, height, width);
    JsonNode shape = expected.get("decoded_shape");
    assertThat(boxes.shape())
        .isEqualTo(Shape.of(shape.get(0).asInt(), shape.get(1).asInt(), shape.get(2).asInt()));
    float[] all = boxes.floats();
    JsonNode samples = expected.get("decoded_samples256");
    for (int q = 0; q < samples.size(); q++) {
      int index = (int) ((long) q * all.length / samples.size());
      double value = samples.get(q).asDouble();
      assertThat((double) all[index])
          .as("decoded, sample %d", q)
          .isCloseTo(value, within(1e-3 * Math.max(1, Math.abs(value))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SMALL, "yolov4-csp", "yolov4-p5"})
  void givesPyTorchsOutputs(String name) {
    compare(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4-p6", "yolov4-p7"})
  void largeGivesPyTorchsOutputs(String name) {
    assumeTrue(
        Boolean.getBoolean(LARGE),
        "takes minutes and up to 14 GB: run with -D" + LARGE + "=true -Dtest.heap=14g");
    compare(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {".pt", ".state_dict.fp16.pth"})
  void readsTheOfficialCheckpoint(String ending) {
    YamlModel model = model(SMALL);
    Params params = Models.blank(model);
    Path file = Reference.require("oracles/pytorch/" + SMALL + ending);
    Ops.on(
        Devices.cpu(),
        () -> {
          WeightFiles.load(model, params, file, false);
          return params;
        });
    compare(model, expected(SMALL), params);
  }

  @Test
  void aCheckpointThatWasWrittenIsReadAgain(@TempDir Path folder) {
    YamlModel model = model(SMALL);
    Params params = Models.initialize(model, 5);
    Path file = folder.resolve("small.pth");
    Models.Trained trained = new Models.Trained(model, params, ClassNames.defaults(3));
    WeightFiles.save(trained, Map.of(), FloatFormat.F32, file);
    Params again = Models.initialize(model, 6);
    WeightFiles.load(model, again, file, false);
    for (Params.Entry entry : params.entries()) {
      float[] read = again.entry(entry.path()).value().floats();
      assertThat(Arrays.equals(read, entry.value().floats())).as(entry.path()).isTrue();
    }
  }

  @Test
  void aFileOfOurOwnSaysWhichYamlItHolds(@TempDir Path folder) {
    YamlModel model = model(SMALL).withInputSize(InputSize.square(128));
    Params params = Models.initialize(model, 5);
    Path file = folder.resolve("small.safetensors");
    WeightFiles.save(
        new Models.Trained(model, params, ClassNames.defaults(3)), Map.of(), FloatFormat.F32, file);
    Models.Trained read = Models.load(file);
    assertThat(read.model().name()).isEqualTo("yolov4-p5-yaml@0.25x0.33");
    assertThat(read.model().inputSize()).isEqualTo(InputSize.square(128));
    assertThat(read.model().heads()).isEqualTo(model.heads());
    assertThat(read.params().count()).isEqualTo(params.count());
  }

  @Test
  void numbersOfAnotherNetworkAreRefused() {
    YamlModel model = model(SMALL);
    PublishedYaml p5 = PublishedYaml.YOLOV4_P5;
    List<HeadSpec.Anchor> other =
        p5.anchors().stream().map(a -> new HeadSpec.Anchor(a.width() + 1, a.height())).toList();
    Params params = Models.blank(model);
    String file = SMALL + ".pt";
    Map<String, Safetensors.Array> arrays =
        TorchFile.read(Reference.require("oracles/pytorch/" + file)).arrays();
    assertThatThrownBy(() ->
            new StateDict(p5.model(3, new Scale(0.25, 0.33), other)).load(params, arrays, file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + ": was trained with anchors");
    assertThatThrownBy(() ->
            new StateDict(p5.model(3, new Scale(0.25, 0.5), p5.anchors()))
                .load(params, arrays, file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("lacks model.4.m.1");
    assertThatThrownBy(() ->
            new StateDict(p5.model(2, new Scale(0.25, 0.33), p5.anchors()))
                .load(params, arrays, file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("another class count");
  }
}
