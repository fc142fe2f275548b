package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.torch.TorchFile;
import dev.peregrine.yolo.torch.TorchTensor;
import dev.peregrine.yolo.torch.TorchType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of numbers as other programs leave them, and those that belong to another network. */
class WeightFilesTest {
  private static final CfgModel MODEL =
      new CfgModel(CfgOfModel.of(Models.named("yolov4-tiny@0.05", 3)));

  @TempDir private Path folder;

  private static Params numbers(DetectionModel model) {
    return Models.initialize(model, 5);
  }

  private static float[] first(Params params) {
    return params.entries().getFirst().value().floats();
  }

  private Map<String, Safetensors.Array> torchNames() {
    Path file = folder.resolve("plain.pt");
    WeightFiles.save(
        new Models.Trained(MODEL, numbers(MODEL), ClassNames.defaults(3)),
        Map.of(),
        FloatFormat.F32,
        file);
    return new LinkedHashMap<>(TorchFile.read(file).arrays());
  }

  private Path write(String name, Map<String, Safetensors.Array> arrays) {
    Path file = folder.resolve(name);
    if (name.endsWith(".pt")) {
      Map<String, TorchTensor> tensors = new LinkedHashMap<>();
      arrays.forEach((key, array) ->
          tensors.put(
              key,
              TorchTensor.of(array.isFloating() ? TorchType.FLOAT64 : TorchType.INT64, array)));
      TorchFile.write(tensors, file);
    } else {
      new Safetensors(arrays, Map.of()).write(file);
    }
    return file;
  }

  /** A network that ran on several devices; the .pt is in double precision besides. */
  @ParameterizedTest
  @ValueSource(strings = {"parallel.pt", "parallel.safetensors"})
  void oneMoreModuleAroundANetworkIsLeftOut(String name) {
    Map<String, Safetensors.Array> parallel = new LinkedHashMap<>();
    torchNames().forEach((key, array) -> parallel.put("module." + key, array));
    Params read = Models.blank(MODEL);
    WeightFiles.load(MODEL, read, write(name, parallel), false);
    assertThat(first(read)).isEqualTo(first(numbers(MODEL)));
  }

  /** PyTorch's sums with factors, for instance, have numbers that darknet's do not. */
  @Test
  void numbersThatTheNetworkLacksAreRefused() {
    Map<String, Safetensors.Array> arrays = torchNames();
    arrays.put("module_list.9.w", new Safetensors.Array(new int[] {2}, new float[2]));
    Path file = write("fused.safetensors", arrays);
    assertThatThrownBy(() -> WeightFiles.load(MODEL, Models.blank(MODEL), file, false))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has 'module_list.9.w', which yolov4-tiny@0.05.cfg lacks");
  }

  @Test
  void anOnnxIsNotRead() {
    assertThatThrownBy(
            () -> WeightFiles.load(MODEL, Models.blank(MODEL), folder.resolve("x.onnx"), false))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(".onnx files are written for other programs, and not read");
  }

  @Test
  void aLargerNetworkIsAnotherOne() {
    Map<String, Safetensors.Array> arrays =
        new LinkedHashMap<>(Naming.PATHS.arrays(MODEL, numbers(MODEL)));
    Path same = write("same.safetensors", arrays);
    WeightFiles.load(MODEL, Models.blank(MODEL), same, false);
    arrays.put("more.weight", new Safetensors.Array(new int[] {1}, new float[1]));
    Path more = write("more.safetensors", arrays);
    Params params = numbers(MODEL);
    assertThatThrownBy(() -> WeightFiles.load(MODEL, params, more, false))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has the array 'more.weight', which the model lacks");
    WeightFiles.Loaded partial = WeightFiles.load(MODEL, params, more, true);
    assertThat(partial.taken()).isEqualTo(partial.all()).isPositive();
  }
}
