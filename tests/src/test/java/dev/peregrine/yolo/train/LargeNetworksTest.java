package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.GradCheck;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.loss.DarknetLoss;
import dev.peregrine.yolo.loss.LossResult;
import dev.peregrine.yolo.model.DetectionModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training steps of the large networks, narrow and shallow so that they take a moment. */
class LargeNetworksTest {
  /** Everything a step of training leaves. */
  private static Map<String, float[]> step(DetectionModel model, int side, LayerStyle style) {
    Params params = Models.initialize(model, 3, style).training(true);
    Tensor images = Arrays.uniform(Spec.f32(2, side, side, 3), 5);
    List<List<Label>> labels =
        List.of(
            List.of(new Label(0, 0.4, 0.5, 0.3, 0.2), new Label(1, 0.7, 0.3, 0.1, 0.1)),
            List.of(new Label(1, 0.2, 0.6, 0.5, 0.6)));
    Map<String, float[]> numbers = new LinkedHashMap<>();
    try (Tape tape = Tape.watching(params)) {
      List<Tensor> heads = tape.record(() -> model.forward(params, images));
      LossResult loss =
          new DarknetLoss(model.heads(), DarknetLoss.Form.DARKNET)
              .compute(heads, labels, side, side);
      numbers.put("loss", new float[] {(float) loss.total()});
      Adjoints gradients = tape.backward(heads, loss.gradients());
      for (Params.Entry entry : params.entries()) {
        if (entry.isTrained()) {
          numbers.put("d " + entry.path(), gradients.of(entry.value()).floats());
        }
      }
    }
    params.commit();
    params.entries().forEach(entry -> numbers.put(entry.path(), entry.value().floats()));
    return numbers;
  }

  /** All gradients are finite and some are not zero; computed again, all bits are the same. */
  @ParameterizedTest
  @CsvSource({
    "yolov4-csp@0.25x0.25, 64",
    "yolov4-p5@0.125x0.15, 64",
    "yolov4-p6@0.125x0.15, 128",
    "cspx-p7-mish@0.1x0.15, 128",
    "yolov4-csp-yaml@0.25x0.25, 64",
    "yolov4-p5-yaml@0.125x0.15, 64",
    "yolov4-p6-yaml@0.125x0.15, 128",
    "yolov4-p7-yaml@0.125x0.15, 128"
  })
  void aStepHasFiniteGradients(String name, int side) {
    DetectionModel model = Models.named(name, 2);
    LayerStyle style = LayerStyle.PLAIN.droppingBlocks(0.1, 3).droppingPaths(0.1);
    Map<String, float[]> kept = step(model, side, style);
    int moved = 0;
    for (Map.Entry<String, float[]> entry : kept.entrySet()) {
      boolean some = false;
      for (float value : entry.getValue()) {
        assertThat(Float.isFinite(value)).as(entry.getKey()).isTrue();
        some |= value != 0;
      }
      moved += entry.getKey().startsWith("d ") && some ? 1 : 0;
    }
    long trained = kept.keySet().stream().filter(key -> key.startsWith("d ")).count();
    assertThat(moved).as("arrays with a gradient").isEqualTo((int) trained);
    Map<String, float[]> again = step(model, side, style.recomputing(true));
    assertThat(again.keySet()).isEqualTo(kept.keySet());
    kept.forEach((key, values) -> assertThat(again.get(key)).as(key).isEqualTo(values));
  }

  /** The gradient by the input and all parameters at once, in f64, against differences. */
  @ParameterizedTest
  @CsvSource({
    "yolov4-csp@0.02x0.1, 32",
    "yolov4-p5@0.02x0.1, 32",
    "yolov4-p6@0.02x0.1, 64",
    "cspx-p7-mish@0.02x0.1, 128",
    "yolov4-p7-yaml@0.01x0.1, 128"
  })
  void gradientsAgreeWithDifferences(String name, int side) {
    DetectionModel model = Models.named(name, 1);
    Ops.on(
        Devices.reference(),
        () -> {
          Tensor image = Arrays.uniform(new Spec(DType.F64, Shape.of(6, side, side, 3)), 5);
          Params params =
              Params.create(3, DType.F64).with(LayerStyle.PLAIN.recomputing(true)).training(true);
          model.forward(params, image);
          params.discard();
          List<String> paths = new ArrayList<>();
          List<Tensor> point = new ArrayList<>(List.of(image));
          for (Params.Entry entry : params.entries()) {
            if (entry.isTrained()) {
              paths.add(entry.path());
              point.add(entry.value());
            }
          }
          GradCheck.Result result =
              GradCheck.directional(
                  moved -> {
                    Params p = params.to(DType.F64, Devices.reference());
                    for (int i = 0; i < paths.size(); i++) {
                      p.set(paths.get(i), moved.get(i + 1));
                    }
                    List<Tensor> heads = model.forward(p, moved.get(0));
                    Tensor all = flat(heads.get(0));
                    for (Tensor head : heads.subList(1, heads.size())) {
                      all = Arrays.concat(0, all, flat(head));
                    }
                    return all;
                  },
                  point,
                  7,
                  1e-8);
          assertThat(result.analytic()).isNotZero();
          assertThat(result.error()).as("%s", result).isLessThan(1e-6);
          return image;
        });
  }

  private static Tensor flat(Tensor x) {
    return x.reshape(x.shape().size());
  }
}
