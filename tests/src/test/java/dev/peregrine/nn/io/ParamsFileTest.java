package dev.peregrine.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Initializer;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParamsFileTest {
  private static final Shape FILTERS = Shape.of(2, 3, 4, 5);

  @TempDir Path folder;

  private static Params params(long seed) {
    Params params = Params.create(seed);
    params.get("weight", Params.Kind.WEIGHT, FILTERS, Initializer.DARKNET);
    params.get("bias", Params.Kind.BIAS, Shape.of(5), Initializer.PYTORCH);
    return params;
  }

  private static float[] floats(Params params, String path) {
    return params.entry(path).value().floats();
  }

  @Test
  void filtersAreInTheOrderOfTheOutsideWorld() {
    Path file = folder.resolve("x.safetensors");
    Params params = params(1);
    ParamsFile.write(params, Map.of("model", "x"), file);
    Safetensors.Array array = Safetensors.read(file).arrays().get("weight");
    assertThat(array.shape()).as("O, C, KH, KW").containsExactly(5, 4, 2, 3);
    float[] here = floats(params, "weight");
    float[] there = (float[]) array.values();
    for (int kh = 0; kh < 2; kh++) {
      for (int kw = 0; kw < 3; kw++) {
        for (int c = 0; c < 4; c++) {
          for (int o = 0; o < 5; o++) {
            assertThat(there[((o * 4 + c) * 2 + kh) * 3 + kw])
                .isEqualTo(here[((kh * 3 + kw) * 4 + c) * 5 + o]);
          }
        }
      }
    }
    Params other = params(2);
    assertThat(ParamsFile.read(other, file)).containsExactly(Map.entry("model", "x"));
    assertThat(floats(other, "weight")).containsExactly(here);
    assertThat(floats(other, "bias")).containsExactly(floats(params, "bias"));
    assertThat(ParamsFile.metadata(file)).containsExactly(Map.entry("model", "x"));
  }

  @Test
  void readsAnyFloatingPointToAnyDevice() {
    Path file = folder.resolve("x.safetensors");
    Params params = params(1);
    ParamsFile.write(params.to(DType.F64, Devices.reference()), Map.of(), file);
    assertThat(Safetensors.read(file).arrays().get("bias").values()).isInstanceOf(double[].class);
    Params other = params(2);
    ParamsFile.read(other, file);
    assertThat(floats(other, "weight")).containsExactly(floats(params, "weight"));
    assertThat(other.entry("weight").value().device()).isSameAs(Devices.cpu());
    Params wide = params(3).to(DType.F64, Devices.reference());
    ParamsFile.write(params, Map.of(), file);
    ParamsFile.read(wide, file);
    assertThat(wide.entry("bias").value().doubles())
        .containsExactly(params.entry("bias").value().doubles());
  }

  @Test
  void refusesTheNumbersOfAnotherModelAndChangesNothing() {
    Path file = folder.resolve("x.safetensors");
    Params params = params(1);
    ParamsFile.write(params, Map.of(), file);
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>(Safetensors.read(file).arrays());
    Params other = params(2);
    float[] before = floats(other, "weight");

    arrays.remove("bias");
    new Safetensors(arrays, Map.of()).write(file);
    assertThatThrownBy(() -> ParamsFile.read(other, file))
        .isInstanceOf(FormatException.class)
        .hasMessage(file + ": lacks the array 'bias' among its 1; it belongs to another model");
    arrays.put("bias", new Safetensors.Array(new int[] {4}, new float[4]));
    new Safetensors(arrays, Map.of()).write(file);
    assertThatThrownBy(() -> ParamsFile.read(other, file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("'bias' has shape [4] but the model takes [5]");
    arrays.put("bias", new Safetensors.Array(new int[] {5}, new long[5]));
    new Safetensors(arrays, Map.of()).write(file);
    assertThatThrownBy(() -> ParamsFile.read(other, file))
        .isInstanceOf(FormatException.class)
        .hasMessage(file + ": array 'bias' holds whole numbers, which are not weights");
    assertThat(floats(other, "weight")).containsExactly(before);
  }
}
