package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
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
        "csresnext50-panet-spp-original-optimal@2 | model: csresnext50-panet-spp-original-optimal"
            + " has one size only"
      })
  void refusesWhatIsNone(String name, String message) {
    assertThatThrownBy(() -> Models.named(name, 4))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(message);
  }
}
