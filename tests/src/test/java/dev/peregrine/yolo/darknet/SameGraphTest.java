package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.CfgTokens;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A network written in Java and its cfg are the same graph, to the letter. */
class SameGraphTest {
  private static Graph trace(Model model, Params params, int height, int width) {
    Spec image = new Spec(DType.F32, Shape.of(1, height, width, 3));
    return Tracer.trace(List.of(image), inputs -> model.forward(params, inputs.getFirst()));
  }

  private static void assertSameGraph(Model written, CfgFile cfg, int height, int width) {
    Params params = Params.symbolic();
    Graph expected = trace(written, params, height, width);
    Graph walked = trace(new CfgModel(cfg), Params.symbolic(), height, width);
    assertThat(walked.toString()).isEqualTo(expected.toString());
    assertThat(walked.parameters()).isEqualTo(cfg.parameters());
    assertThat(params.count()).isEqualTo(cfg.parameters());
  }

  @Test
  void tiny() {
    CfgFile cfg = CfgFile.parse(CfgTokens.yolov4Tiny(20), "yolov4-tiny.cfg");
    assertSameGraph(new YoloV4Tiny(20), cfg, 416, 416);
    assertSameGraph(new YoloV4Tiny(20), cfg, 224, 320);
  }

  @Test
  void tinyOfTheOfficialCfg() {
    CfgFile cfg = CfgFile.read(Reference.require("cfg/darknet/yolov4-tiny.cfg"));
    assertSameGraph(new YoloV4Tiny(80), cfg, 416, 416);
  }

  @Test
  void everyLargerCfgTraces() {
    for (String name :
        List.of(
            "yolov4",
            "yolov4-csp",
            "yolov4x-mish",
            "yolov4-p5",
            "yolov4-p6",
            "yolov4-csp-swish",
            "yolov3-spp",
            "csresnext50-panet-spp")) {
      CfgFile cfg = CfgFile.read(Reference.require("cfg/darknet/" + name + ".cfg"));
      FeatureMap in = cfg.net().input();
      Graph graph = trace(new CfgModel(cfg), Params.symbolic(), in.height(), in.width());
      assertThat(graph.parameters()).as(name).isEqualTo(cfg.parameters());
      assertThat(graph.outputs())
          .as(name)
          .extracting(output -> output.spec().shape())
          .isEqualTo(
              cfg.heads().stream()
                  .map(Layer.Yolo::output)
                  .map(map -> Shape.of(1, map.height(), map.width(), map.channels()))
                  .toList());
    }
  }
}
