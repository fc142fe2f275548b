package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.CfgTokens;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A network in Java, written down as a cfg, is the same network. */
class CfgOfModelTest {
  private static Graph trace(Model model) {
    return Tracer.trace(
        List.of(Spec.f32(1, 96, 128, 3)),
        inputs -> model.forward(Params.symbolic(), inputs.getFirst()));
  }

  @Test
  void theCfgTracesToTheGraphItWasMadeOf() {
    for (double width : new double[] {1, 0.25}) {
      YoloV4Tiny model =
          new YoloV4Tiny(7, width, YoloV4Tiny.anchors()).withInputSize(new InputSize(96, 128));
      CfgFile cfg = CfgOfModel.of(model);
      assertThat(trace(new CfgModel(cfg)).toString()).isEqualTo(trace(model).toString());
      CfgModel walked = new CfgModel(cfg);
      assertThat(walked.inputSize()).isEqualTo(model.inputSize());
      assertThat(walked.heads()).isEqualTo(model.heads());
      assertThat(walked.suppression()).isEqualTo(model.suppression());
      assertThat(walked.resize()).isEqualTo(model.resize());
    }
  }

  @Test
  void itsLayersAreTheOfficialOnes() {
    CfgFile mine = CfgOfModel.of(new YoloV4Tiny(20));
    CfgFile official = CfgFile.parse(CfgTokens.yolov4Tiny(20), "yolov4-tiny.cfg");
    assertThat(mine.layers()).hasSameSizeAs(official.layers());
    for (int i = 0; i < mine.layers().size(); i++) {
      Layer a = mine.layers().get(i);
      Layer b = official.layers().get(i);
      assertThat(a.kind()).as("layer %d", i).isEqualTo(b.kind());
      assertThat(a.output()).isEqualTo(b.output());
      assertThat(a.storedFloats()).isEqualTo(b.storedFloats());
      if (a instanceof Layer.Route route) {
        assertThat(route.layers()).isEqualTo(((Layer.Route) b).layers());
      }
    }
  }

  @Test
  void aWalkedCfgIsItsOwn() {
    CfgFile cfg = CfgFile.parse(CfgTokens.yolov4Tiny(3), "three.cfg");
    assertThat(CfgOfModel.of(new CfgModel(cfg))).isSameAs(cfg);
  }

  @Test
  void whatNoSectionExpressesIsRefused() {
    DetectionModel odd = new Odd(new YoloV4Tiny(3));
    assertThatThrownBy(() -> CfgOfModel.of(odd))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("odd: a cfg has no");
  }

  /** What a product gives may go through a function too, which its section then names. */
  @Test
  void aProductHasAnActivation() {
    CfgFile cfg =
        CfgFile.parse(
            """
            [net]
            width=32
            height=32
            channels=3
            [conv]
            filters=4
            activation=linear
            [conv]
            filters=4
            activation=logistic
            [sam]
            from=-2
            activation=mish
            [conv]
            filters=6
            activation=linear
            [yolo]
            mask=0
            anchors=1,1
            classes=1
            """,
            "gates.cfg");
    CfgModel walked = new CfgModel(cfg);
    CfgFile written = CfgOfModel.of(new Renamed(walked));
    assertThat(trace(new CfgModel(written)).toString()).isEqualTo(trace(walked).toString());
  }

  /** The same network of a class that has no cfg of its own. */
  private record Renamed(DetectionModel inner) implements DetectionModel {
    @Override
    public List<Tensor> forward(Params params, Tensor image) {
      return inner.forward(params, image);
    }

    @Override
    public String name() {
      return "renamed";
    }

    @Override
    public List<HeadSpec> heads() {
      return inner.heads();
    }

    @Override
    public InputSize inputSize() {
      return inner.inputSize();
    }

    @Override
    public DetectionModel withInputSize(InputSize size) {
      return new Renamed(inner.withInputSize(size));
    }

    @Override
    public int maxStride() {
      return inner.maxStride();
    }
  }

  /** Applies a function that darknet lacks. */
  private record Odd(YoloV4Tiny inner) implements DetectionModel {
    @Override
    public List<Tensor> forward(Params params, Tensor image) {
      List<Tensor> heads = inner.forward(params, image);
      return List.of(Activations.softplus(heads.get(0)), heads.get(1));
    }

    @Override
    public String name() {
      return "odd";
    }

    @Override
    public List<HeadSpec> heads() {
      return inner.heads();
    }

    @Override
    public InputSize inputSize() {
      return inner.inputSize();
    }

    @Override
    public DetectionModel withInputSize(InputSize size) {
      return new Odd(inner.withInputSize(size));
    }

    @Override
    public int maxStride() {
      return inner.maxStride();
    }
  }
}
