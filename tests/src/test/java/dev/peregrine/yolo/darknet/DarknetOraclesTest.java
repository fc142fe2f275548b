package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.LayerTable;
import dev.peregrine.testkit.Reference;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares whole networks, layer by layer, with what darknet computed for the same input. */
class DarknetOraclesTest {
  /** What a test runs on: darknet's numbers have single precision, so F64 is the stricter judge. */
  private enum Run {
    REFERENCE_F64(DType.F64, 2e-4),
    CPU_F32(DType.F32, 1e-3);

    private final DType dtype;
    private final double headTolerance;

    Run(DType dtype, double headTolerance) {
      this.dtype = dtype;
      this.headTolerance = headTolerance;
    }

    Device device() {
      return this == CPU_F32 ? Devices.cpu() : Devices.reference();
    }
  }

  private static void compare(
      CfgModel model, Params params, Tensor image, LayerTable table, Run run, String heads) {
    List<Tensor> outputs = model.layers(params, image);
    assertThat(outputs).hasSize(table.rows().size());
    for (LayerTable.Row row : table.rows()) {
      assertThat(row.difference(outputs.get(row.layer())))
          .as("layer %d of %s on %s", row.layer(), model.name(), run)
          .isLessThan(1e-3);
    }
    for (Layer.Yolo head : model.cfg().heads()) {
      if (!heads.isEmpty()) {
        int layer = head.index() - 1;
        compareHead(
            outputs.get(layer), heads + "/dog.layer" + layer + ".raw.f32", run.headTolerance);
      }
    }
  }

  private static void compareHead(Tensor head, String file, double tolerance) {
    float[] expected = LayerTable.floats(Reference.require(file));
    double[] actual = LayerTable.channelsFirst(head);
    assertThat(actual).hasSize(expected.length);
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      largest = difference <= largest ? largest : difference;
    }
    assertThat(largest).as(file).isLessThan(tolerance);
  }

  private static Tensor image(CfgFile cfg, float[] picture, Run run) {
    FeatureMap in = cfg.net().input();
    return Ops.on(
        run.device(),
        () ->
            Tensor.of(Shape.of(1, in.height(), in.width(), in.channels()), picture).to(run.dtype));
  }

  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny-voc, yolov4-tiny-voc.cfg, yolov4-tiny-voc-h2oxi.weights",
    "yolo-fastest-1.0-coco, yolo-fastest.cfg, yolo-fastest.weights",
    "yolo-fastest-1.1-coco, yolo-fastest-1.1.cfg, yolo-fastest-1.1.weights",
    "yolo-fastest-1.1-xl-coco, yolo-fastest-1.1-xl.cfg, yolo-fastest-1.1-xl.weights",
    "mobilenetv2-yolov3-nano-voc, MobileNetV2-YOLOv3-Nano-voc.cfg,"
        + " MobileNetV2-YOLOv3-Nano-voc.weights",
    "yoloface-50k, yoloface-50k.cfg, yoloface-50k.weights"
  })
  void realWeights(String name, String cfgFile, String weightsFile) {
    Path folder = Reference.require("weights/" + name);
    CfgFile cfg = CfgFile.read(folder.resolve(cfgFile));
    Params params =
        Ops.on(Devices.reference(), () -> DarknetWeights.read(cfg, folder.resolve(weightsFile)));
    String oracle = "oracles/tensors/" + name;
    float[] picture =
        LayerTable.channelsLast(LayerTable.floats(Reference.require(oracle + "/dog.input.f32")), 3);
    LayerTable table = LayerTable.read(Reference.require(oracle + "/dog.layerstats.tsv"));
    for (Run run : Run.values()) {
      compare(
          new CfgModel(cfg),
          params.to(run.dtype, run.device()),
          image(cfg, picture, run),
          table,
          run,
          oracle);
    }
    comparePlan(new CfgModel(cfg), params.to(DType.F32, Devices.cpu()), picture, oracle);
  }

  /** The same heads once more, through the graph with everything folded and fused. */
  private static void comparePlan(CfgModel model, Params params, float[] picture, String oracle) {
    Tensor image = image(model.cfg(), picture, Run.CPU_F32);
    Graph graph =
        Tracer.trace(List.of(image.spec()), inputs -> model.forward(params, inputs.getFirst()));
    List<Tensor> heads = Plan.prepare(graph, Devices.cpu()).run(image);
    for (int i = 0; i < heads.size(); i++) {
      int layer = model.cfg().heads().get(i).index() - 1;
      compareHead(heads.get(i), oracle + "/dog.layer" + layer + ".raw.f32", 1e-3);
    }
  }
}
