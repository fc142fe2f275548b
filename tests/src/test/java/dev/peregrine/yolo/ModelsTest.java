package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks by name. */
class ModelsTest {
  static Iterable<String> names() {
    return Models.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void knowsItsOwnName(String name) {
    DetectionModel model = Models.named(name, 4);
    assertThat(model.name()).isEqualTo(name);
    assertThat(model.classes()).isEqualTo(4);
    assertThat(model.inputSize().height() % model.maxStride()).isZero();
    assertThat(Models.blank(model).count()).isPositive();
  }

  @Test
  void aFileSaysWhichScaledNetworkItHolds(@TempDir Path folder) {
    DetectionModel model =
        Models.named("yolov4-csp@0.125x0.33", 2).withInputSize(new InputSize(64, 96));
    Params params = Models.initialize(model, 3);
    Path file = folder.resolve("small.safetensors");
    ParamsFile.write(params, Models.metadata(model, ClassNames.defaults(2)), file);
    Models.Trained loaded = Models.load(file);
    assertThat(loaded.model().name()).isEqualTo("yolov4-csp@0.125x0.33");
    assertThat(loaded.model().inputSize()).isEqualTo(new InputSize(64, 96));
    assertThat(loaded.model().heads()).isEqualTo(model.heads());
    assertThat(loaded.params().count()).isEqualTo(params.count());
  }

  /** Texts that no network of ours has; none may do more than be refused. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "classes | 2147483647",
        "classes | 100000000",
        "classes | 0",
        "classes | many",
        "anchors | 1,2",
        "anchors | 12",
        "model | yolov4-tiny@1e9",
        "model | yolov4-p5@1x1e9",
        "model | yolov4-cps",
        "imgsz | 1000000x1000000",
        "imgsz | -416x-416",
        "imgsz | 0",
        "cfg | [net]",
        "yaml | nc: 1",
      })
  void textsOfNoNetworkAreRefused(String key, String text, @TempDir Path folder) {
    Map<String, String> texts = new LinkedHashMap<>(Models.named("yolov4-tiny", 3).describe());
    texts.put(key, text);
    Path file = folder.resolve("evil.safetensors");
    new Safetensors(Map.of(), texts).write(file);
    assertThatThrownBy(() -> Models.load(file)).isInstanceOf(FormatException.class);
  }

  @Test
  void namesMayBeEmpty(@TempDir Path folder) {
    DetectionModel model = Models.named("yolov4-tiny@0.05", 3);
    Path file = folder.resolve("small.safetensors");
    Params params = Models.initialize(model, 3);
    ParamsFile.write(params, Models.metadata(model, List.of("", "b", "")), file);
    assertThat(Models.load(file).names()).containsExactly("", "b", "");
  }

  /** At the largest stride nothing would be left for its windows without padding. */
  @Test
  void aNetworkMayHaveWindowsWithoutPadding() {
    CfgModel model =
        new CfgModel(
            CfgFile.parse(
                "[net]\nwidth=32\nheight=32\nchannels=3\n[conv]\nfilters=4\nsize=2\nstride=2\n"
                    + "[conv]\nfilters=6\nsize=3\nactivation=linear\n"
                    + "[yolo]\nmask=0\nanchors=4,4\nclasses=1\n",
                "valid.cfg"));
    assertThat(Models.blank(model).count()).isEqualTo(4 * 12 + 4 + 6 * 36 + 6);
    assertThatThrownBy(() -> NormEpsilon.of(model)).hasMessageContaining("the epsilons []");
  }

  @Test
  void depthAndWidthAreScaledLikeInPyTorch() {
    Scale scale = new Scale(0.25, 0.33);
    assertThat(scale.channels(100)).isEqualTo(32);
    assertThat(scale.channels(32)).isEqualTo(8);
    assertThat(scale.repeats(15)).isEqualTo(5);
    assertThat(scale.repeats(3)).isEqualTo(1);
    assertThat(scale.repeats(1)).isEqualTo(1);
    assertThat(new Scale(1, 2).repeats(1)).isEqualTo(1);
    // halves go to the even number
    assertThat(new Scale(1, 0.5).repeats(5)).isEqualTo(2);
    assertThat(new Scale(1, 0.1).repeats(4)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "yolov4-cps | model: there is no network named 'yolov4-cps'; there is yolov4-tiny,",
        "yolov4@big | model: 'big' is not a width factor, nor WIDTHxDEPTH such as 0.5x0.33",
        "yolov4@9 | model: the factors of width and depth are 9.0 and 1.0, but both must be above"
            + " 0",
        "yolov4-tiny@0.5x0.33 | model: the tiny networks repeat nothing, so they take a factor of"
            + " the width alone, such as @0.5",
        "yolov3-tiny@1x2 | model: the tiny networks repeat nothing",
        "csresnext50-panet-spp-original-optimal@2 | model: csresnext50-panet-spp-original-optimal"
            + " has one size only"
      })
  void refusesWhatIsNone(String name, String message) {
    assertThatThrownBy(() -> Models.named(name, 4))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(message);
  }
}
