package dev.peregrine.yolo.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.Layer;
import dev.peregrine.yolo.darknet.LayerWeights;
import dev.peregrine.yolo.darknet.WeightsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints that PyTorch wrote against the weights files they were made of. */
class ReferenceCheckpointsTest {
  private static final String FASTEST = "weights/yolo-fastest-1.0-coco/yolo-fastest";
  private static final String TINY = "weights/yolov4-tiny-voc/yolov4-tiny-voc";

  /** The arrays of a weights file under the names that PyTorch's forms of cfg networks use. */
  private static Map<String, float[]> darknet(String cfg, String weights) {
    Map<String, float[]> arrays = new LinkedHashMap<>();
    WeightsFile.read(
        Reference.require(weights),
        CfgFile.read(Reference.require(cfg)),
        false,
        layer -> put(arrays, layer));
    return arrays;
  }

  private static void put(Map<String, float[]> arrays, LayerWeights from) {
    String room = "module_list." + from.layer().index();
    arrays.put(room + ".Conv2d.weight", from.weights());
    if (from.layer() instanceof Layer.Convolutional conv && conv.batchNormalize()) {
      arrays.put(room + ".BatchNorm2d.weight", from.scales());
      arrays.put(room + ".BatchNorm2d.bias", from.biases());
      arrays.put(room + ".BatchNorm2d.running_mean", from.means());
      arrays.put(room + ".BatchNorm2d.running_var", from.variances());
    } else {
      arrays.put(room + ".Conv2d.bias", from.biases());
    }
  }

  private static void compare(
      Map<String, float[]> expected,
      Map<String, Safetensors.Array> read,
      Function<Float, Float> rounding) {
    List<String> names =
        read.keySet().stream().filter(name -> !name.endsWith("num_batches_tracked")).toList();
    assertThat(names).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach((name, values) -> {
      float[] wanted = new float[values.length];
      for (int i = 0; i < wanted.length; i++) {
        wanted[i] = rounding.apply(values[i]);
      }
      float[] found = (float[]) read.get(name).values();
      assertThat(Arrays.equals(found, wanted)).as(name).isTrue();
    });
  }

  private static float half(float value) {
    return FloatFormat.F16.value(FloatFormat.F16.bits(value));
  }

  private static float brain(float value) {
    return FloatFormat.BF16.value(FloatFormat.BF16.bits(value));
  }

  @ParameterizedTest
  @CsvSource({FASTEST + ".pt", "weights/formats/yolo-fastest.legacy.pt"})
  void floatsAreThoseOfTheWeightsFile(String file) {
    TorchFile checkpoint = TorchFile.read(Reference.require(file));
    compare(darknet(FASTEST + ".cfg", FASTEST + ".weights"), checkpoint.arrays(), x -> x);
    assertThat(((Map<?, ?>) checkpoint.content()).get("epoch")).isEqualTo(-1L);
    assertThat(checkpoint.module()).isEmpty();
  }

  @Test
  void halvesAreTheNearestOnes() {
    compare(
        darknet(FASTEST + ".cfg", FASTEST + ".weights"),
        TorchFile.read(Reference.require("weights/formats/yolo-fastest.f16.state_dict.pth"))
            .arrays(),
        ReferenceCheckpointsTest::half);
    compare(
        darknet(TINY + ".cfg", TINY + "-h2oxi.weights"),
        TorchFile.read(Reference.require("weights/formats/yolov4-tiny-voc.f16.pt")).arrays(),
        ReferenceCheckpointsTest::half);
  }

  @Test
  void safetensorsHoldTheSameNumbers() {
    Map<String, float[]> expected = darknet(FASTEST + ".cfg", FASTEST + ".weights");
    compare(
        expected,
        Safetensors.read(Reference.require("weights/formats/yolo-fastest.f32.safetensors"))
            .arrays(),
        x -> x);
    compare(
        expected,
        Safetensors.read(Reference.require("weights/formats/yolo-fastest.bf16.safetensors"))
            .arrays(),
        ReferenceCheckpointsTest::brain);
  }

  /**
   * One file holds the whole pickled network, the other the state dict that PyTorch makes of it.
   */
  @Test
  void aPickledNetworkGivesItsStateDict() throws IOException {
    TorchFile network =
        TorchFile.read(Reference.require("oracles/pytorch/yolov4-p5-w0.25-d0.33-nc3.pt"));
    TorchFile dict =
        TorchFile.read(
            Reference.require("oracles/pytorch/yolov4-p5-w0.25-d0.33-nc3.state_dict.fp16.pth"));
    assertThat(network.tensors().keySet()).containsExactlyElementsOf(dict.tensors().keySet());
    dict.tensors()
        .forEach((name, tensor) -> {
          TorchTensor same = network.tensors().get(name);
          assertThat(same.shape()).as(name).isEqualTo(tensor.shape());
          assertThat(same.type()).as(name).isEqualTo(tensor.type());
          assertThat(same.array().values()).as(name).isEqualTo(tensor.array().values());
        });
    Path table = Reference.require("oracles/pytorch/yolov4-p5-w0.25-d0.33-nc3.state_dict.tsv");
    List<String> names =
        Files.readAllLines(table).stream()
            .filter(line -> line.startsWith("model."))
            .map(line -> line.split("\t", -1)[0])
            .toList();
    assertThat(network.tensors().keySet()).containsExactlyElementsOf(names);
    PickledObject module = network.module().orElseThrow();
    assertThat(module.type()).isEqualTo(new PickledName("models.yolo", "Model"));
    assertThat(((Map<?, ?>) module.attribute("yaml")).get("nc")).isEqualTo(3L);
    assertThat(dict.module()).isEmpty();
  }

  /** The file holds a dict of tensors and nothing else, so PyTorch's bytes are the only ones. */
  @Test
  void writesTheBytesThatPyTorchWrote(@TempDir Path folder) throws IOException {
    Path original = Reference.require("weights/formats/yolo-fastest.f16.state_dict.pth");
    Path copy = folder.resolve(original.getFileName());
    TorchFile.write(TorchFile.read(original).tensors(), copy);
    assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
  }
}
