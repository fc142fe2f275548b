package dev.peregrine.yolo.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.image.Resize;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Descriptions in yaml: what is read, and what is refused with its line. */
class YamlFileTest {
  private static final String TEXT =
      """
      # parameters
      nc: 2
      depth_multiple: 0.5
      width_multiple: 1.5
      anchors:
        - [10,13, 16,30.5]  # P3/8
        - [30,61, 62,45]
      backbone:
        # [from, number, module, args]
        [[-1, 1, Conv, [8, 3, 2]],
         [-1, 4, BottleneckCSP, [16, False]],
         [-1, 1, Conv, [16, 3, 2]],
        ]
      head:
        [[-1, 1, nn.Upsample, [None, 2, 'nearest']],
         [[-1, 1], 1, Concat, [1]],
         [-1, 1, Bottleneck, [16]],
         [[5, 2], 1, Detect, [nc, anchors]],
        ]
      """;

  private static YamlFile with(String part, String replacement) {
    assertThat(TEXT).contains(part);
    return YamlFile.parse(TEXT.replace(part, replacement), "small.yaml");
  }

  private static String graph(YamlModel model) {
    return Tracer.trace(
            List.of(Spec.f32(1, 16, 24, 3)), in -> model.forward(Params.symbolic(), in.getFirst()))
        .toString();
  }

  @Test
  void readsADescription() {
    YamlFile file = YamlFile.parse(TEXT, "folder/small.yaml");
    assertThat(file.rows()).hasSize(7);
    assertThat(file.rows().get(4).from()).containsExactly(3, 1);
    assertThat(file.anchors().getFirst().get(1).height()).isEqualTo(30.5);
    YamlModel model = new YamlModel(file);
    assertThat(model.name()).isEqualTo("small");
    assertThat(model.strides()).containsExactly(2, 4);
    assertThat(model.maxStride()).isEqualTo(4);
    assertThat(model.classes()).isEqualTo(2);
    // 8 * 1.5 is not rounded, 16 * 1.5 is 24; half of four bottlenecks are two
    assertThat(new StateDict(model).entries())
        .extracting(StateDict.Entry::name)
        .contains("model.0.conv.weight", "model.1.m.1.cv2.bn.running_var", "model.6.anchor_grid")
        .doesNotContain("model.1.m.2.cv1.conv.weight");
  }

  @Test
  void itsTextIsTheSameNetwork() {
    YamlFile file = YamlFile.parse(TEXT, "small.yaml");
    YamlFile again = YamlFile.parse(file.toText(), "small.yaml");
    assertThat(again.rows()).isEqualTo(file.rows());
    assertThat(again.anchors()).isEqualTo(file.anchors());
    assertThat(graph(new YamlModel(again))).isEqualTo(graph(new YamlModel(file)));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "nc: 2 | nc: two | small.yaml:2: nc must be a whole number, not 'two'",
        "nc: 2 | nc: 0 | small.yaml:2: nc must be from 1 to 1000000, not 0",
        "nc: 2 | names: 2 | small.yaml:2: unknown key 'names'; there are nc, depth_multiple,"
            + " width_multiple, anchors, backbone, head",
        "width_multiple: 1.5 | width_multiple: -1 | small.yaml:4: width_multiple must be above 0,"
            + " not -1",
        "\" 16,30.5]\" | \" 16]\" | small.yaml:6: anchors needs a width and a height each",
        "30,61, 62,45 | 30,61 | small.yaml:7: each head must have as many anchors as the first one",
        "Bottleneck, [16] | Botleneck, [16] | small.yaml:17: there is no module 'Botleneck'; there"
            + " are Conv, Bottleneck, BottleneckCSP, BottleneckCSP2, SPPCSP, nn.Upsample, Concat,"
            + " Detect",
        "\"[-1, 1, Bottleneck, [16]]\" | \"[-1, 1, [16]]\" | small.yaml:17: a row is [from, number,"
            + " module, args], but this one has 3",
        "\"[-1, 1], 1, Concat\" | \"[-1, 9], 1, Concat\" | small.yaml:16: from 9 is row 9, but this"
            + " is row 4",
        "\"[-1, 1], 1, Concat\" | \"[-1, -7], 1, Concat\" | small.yaml:16: from -7 is row -3, but"
            + " this is row 4",
        "'nearest' | 'bilinear' | small.yaml:15: nn.Upsample is supported with 'nearest' only",
        "\"[16, False]\" | \"[16, Flase]\" | small.yaml:11: True or False was expected, not Flase",
        "nc: 2 | \"nc: 2\\nnc: 3\" | small.yaml:3: the key 'nc' is given twice",
        "\"-1, 1, nn.Upsample\" | \"-1, 2, nn.Upsample\" | small.yaml:15: number must be from 1 to"
            + " 1, not 2",
        "\"[-1, 1], 1, Concat\" | \"[-1, 1], 2, Concat\" | small.yaml:16: number must be from 1 to"
            + " 1, not 2",
        "\"[8, 3, 2]\" | \"[8, 3, 2, 1]\" | small.yaml:10: Conv does not take 4 args",
        "\"[5, 2], 1\" | \"[5], 1\" | small.yaml:6: anchors has 2 lines, but Detect reads 1 rows",
        "\"[[5, 2], 1, Detect, [nc, anchors]],\" | \"\" | small.yaml:15: the last row of head must"
            + " be Detect",
        "backbone: | \"backbone: 3\\nx:\" | small.yaml:9: unknown key 'x'",
        "\"[-1, 1], 1, Concat\" | \"[-1, 2], 1, Concat\" | small.yaml: its rows do not fit"
            + " together",
      })
  void refusesWithTheLine(String part, String replacement, String message) {
    assertThatThrownBy(() -> new YamlModel(with(part, replacement.replace("\\n", "\n"))))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void refusesHostileTexts(@TempDir Path folder) {
    assertThatThrownBy(() -> YamlFile.parse("nc: " + "[".repeat(100_000), "deep.yaml"))
        .hasMessageStartingWith("deep.yaml:1: lists are nested too deeply");
    assertThatThrownBy(() -> YamlFile.parse("- ".repeat(100_000), "deep.yaml"))
        .isInstanceOf(FormatException.class);
    assertThatThrownBy(() -> YamlFile.parse("", "empty.yaml")).hasMessage("empty.yaml: is empty");
    assertThatThrownBy(() -> YamlFile.parse("a".repeat(1 << 20), "long.yaml"))
        .hasMessageStartingWith("long.yaml: has 1048576 characters");
    assertThatThrownBy(() -> YamlFile.parse("&a [*a]", "loop.yaml"))
        .hasMessageStartingWith("loop.yaml:1: keys such as 'nc:'");
    Path none = folder.resolve("none.yaml");
    assertThatThrownBy(() -> YamlFile.read(none)).hasMessage(none + ": there is no such yaml file");
  }

  @Test
  void aShortTextMakesNoEndlessNetwork() {
    YamlFile file = with("-1, 4, BottleneckCSP", "-1, 1000, BottleneckCSP");
    YamlFile deep =
        file.with(2, new Scale(1, 8), file.anchors().stream().flatMap(List::stream).toList());
    assertThatThrownBy(() -> new YamlModel(deep))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "small.yaml: its rows are 8006 blocks with their repetitions, and more than 4096 are"
                + " not made");
  }

  /** The PyTorch programs resize by half pixels and fill with another grey than darknet. */
  @Test
  void picturesAreFittedAsThePyTorchProgramsDo() {
    YamlModel model = new YamlModel(YamlFile.parse(TEXT, "small.yaml"));
    assertThat(model.resize()).isEqualTo(Resize.TORCH_LETTERBOX);
  }

  @Test
  void theAnchorsOfAStateDictMustBeTheNetworks() {
    YamlModel model = new YamlModel(YamlFile.parse(TEXT, "small.yaml"));
    Params params = Models.initialize(model, 1);
    StateDict dict = new StateDict(model);
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>(dict.arrays(params));
    // Some programs save the anchors in cells alone, and some all numbers in double precision.
    arrays.remove("model.6.anchor_grid");
    arrays.replaceAll((name, array) ->
        array.values() instanceof float[] floats
            ? new Safetensors.Array(array.shape(), doubles(floats))
            : array);
    Params read = Models.blank(model);
    dict.load(read, arrays, "some.pt");
    assertThat(read.entry("model.0.conv.weight").value().floats())
        .isEqualTo(params.entry("model.0.conv.weight").value().floats());
    double[] cells = (double[]) arrays.get("model.6.anchors").values();
    assertThat(cells).startsWith(5, 6.5).endsWith(62 / 4.0, 45 / 4.0);
    cells[0] = 10;
    assertThatThrownBy(() -> dict.load(Models.blank(model), arrays, "some.pt"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("some.pt: was trained with anchors [10.0, 6.5");
  }

  private static double[] doubles(float[] floats) {
    double[] doubles = new double[floats.length];
    Arrays.setAll(doubles, i -> floats[i]);
    return doubles;
  }

  @Test
  void isNoCfg() {
    YamlModel model = new YamlModel(YamlFile.parse(TEXT, "small.yaml"));
    assertThatThrownBy(() -> CfgOfModel.of(model))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("in PyTorch's form, has no cfg and no .weights");
  }
}
