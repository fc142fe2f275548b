package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.LayerTable;
import dev.peregrine.testkit.Reference;
import dev.peregrine.testkit.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The official networks with weights made by a formula, layer by layer against what darknet
 * computed.
 *
 * <p>The largest ones take minutes and gigabytes, so they run on demand only: {@code mvn -pl tests
 * -am verify -Dtest=SyntheticOraclesTest -Ddev.peregrine.tests.large=true -Dtest.heap=14g}.
 */
class SyntheticOraclesTest {
  private static final String LARGE = "dev.peregrine.tests.large";
  private static final Pattern SIZE = Pattern.compile("width=(\\d+) height=(\\d+)");

  /** One network with its table, at the size of the table. */
  private record Case(CfgModel model, LayerTable table, float[] picture) {
    static Case of(String name) throws IOException {
      Path file = Reference.require("oracles/synthetic/" + name + ".tsv");
      Matcher size = SIZE.matcher(Files.readAllLines(file).getFirst());
      assertThat(size.find()).isTrue();
      int width = Integer.parseInt(size.group(1));
      int height = Integer.parseInt(size.group(2));
      CfgFile cfg =
          CfgFile.read(Reference.require("cfg/darknet/" + name + ".cfg"))
              .withInputSize(height, width);
      return new Case(
          new CfgModel(cfg),
          LayerTable.read(file),
          FormulaWeights.SPLIT_MIX.picture(height, width, 3));
    }

    Tensor image(Device device, DType dtype) {
      FeatureMap in = model.cfg().net().input();
      Shape shape = Shape.of(1, in.height(), in.width(), 3);
      return Ops.on(device, () -> Tensor.of(shape, picture).to(dtype));
    }

    Params params(Device device) {
      return Ops.on(device, () -> FormulaWeights.SPLIT_MIX.params(model.cfg()));
    }

    void compare(List<Tensor> layers, double tolerance, String how) {
      assertThat(layers).hasSize(table.rows().size());
      for (LayerTable.Row row : table.rows()) {
        assertThat(row.difference(layers.get(row.layer())))
            .as("layer %d of %s, %s", row.layer(), model.name(), how)
            .isLessThan(tolerance);
      }
    }
  }

  /** Layer by layer as they are asked for, and through plans with everything folded and fused. */
  private static void eagerAndPlanned(Case network) {
    Params params = network.params(Devices.cpu());
    Tensor image = network.image(Devices.cpu(), DType.F32);
    CfgModel model = network.model();
    network.compare(model.layers(params, image), 1e-3, "eager");
    planned(network, params, image, 1e-3);
  }

  private static void planned(Case network, Params params, Tensor image, double tolerance) {
    CfgModel model = network.model();
    Graph all =
        Tracer.trace(List.of(image.spec()), inputs -> model.layers(params, inputs.getFirst()));
    network.compare(Plan.prepare(all, image.device()).run(image), tolerance, "planned");
    Graph heads =
        Tracer.trace(List.of(image.spec()), inputs -> model.forward(params, inputs.getFirst()));
    List<Tensor> raw = Plan.prepare(heads, image.device()).run(image);
    for (int i = 0; i < raw.size(); i++) {
      LayerTable.Row row = network.table().rows().get(model.cfg().heads().get(i).index() - 1);
      assertThat(row.difference(raw.get(i)))
          .as("head %d of %s, planned", i, model.name())
          .isLessThan(tolerance);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4-tiny", "yolov4-tiny-3l", "yolov3-tiny", "yolov4-csp-s-mish"})
  void smallOnTheReferenceDevice(String name) throws IOException {
    Case network = Case.of(name);
    Params params = network.params(Devices.reference()).to(DType.F64, Devices.reference());
    Tensor image = network.image(Devices.reference(), DType.F64);
    network.compare(network.model().layers(params, image), 1e-4, "f64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "yolov4-tiny",
        "yolov4-tiny-3l",
        "yolov3-tiny",
        "yolov4-csp-s-mish",
        "enet-coco",
        "yolov4",
        "yolov4-csp",
        "yolov4-csp-swish",
        "csresnext50-panet-spp-original-optimal",
        "yolov3-spp"
      })
  void eagerAndPlanned(String name) throws IOException {
    eagerAndPlanned(Case.of(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4x-mish", "yolov4-p5", "yolov4-p6", "cspx-p7-mish"})
  void largeEagerAndPlanned(String name) throws IOException {
    assumeTrue(
        Boolean.getBoolean(LARGE),
        "takes minutes and up to 14 GB: run with -D" + LARGE + "=true -Dtest.heap=14g");
    eagerAndPlanned(Case.of(name));
  }

  /** OpenCL on the CPU takes a second for what a graphics card does in milliseconds. */
  @ParameterizedTest
  @ValueSource(strings = {"yolov4-tiny", "yolov4-csp-s-mish"})
  void onOpenCl(String name) throws IOException {
    Case network = Case.of(name);
    Device device = TestDevices.openCl();
    Ops.on(
        device,
        () -> {
          Params params = network.params(device);
          planned(network, params, network.image(device, DType.F32), 2e-3);
          return params;
        });
  }

  /**
   * With values and filters in f16: heads within 1e-2 of darknet's f32, the same bits in each run,
   * in not much more than half of the memory.
   */
  @ParameterizedTest
  @ValueSource(strings = {"yolov4-tiny", "yolov4-csp-s-mish"})
  void inHalvesOnOpenCl(String name) throws IOException {
    Case network = Case.of(name);
    CfgModel model = network.model();
    Params params = network.params(Devices.cpu());
    Tensor image = network.image(TestDevices.openCl(), DType.F32);
    Graph graph =
        Tracer.trace(List.of(image.spec()), inputs -> model.forward(params, inputs.getFirst()));
    Plan plan = Plan.prepare(graph, Devices.open("opencl:@fp16"));
    List<Tensor> heads = plan.run(image);
    List<Tensor> again = plan.run(image);
    for (int i = 0; i < heads.size(); i++) {
      LayerTable.Row row = network.table().rows().get(model.cfg().heads().get(i).index() - 1);
      assertThat(row.difference(heads.get(i))).as("head %d of %s", i, name).isLessThan(1e-2);
      assertThat(again.get(i).floats()).isEqualTo(heads.get(i).floats());
    }
    Plan wide = Plan.prepare(graph, image.device());
    assertThat(plan.memory().arenaBytes()).isLessThan(wide.memory().arenaBytes() * 3 / 4);
    assertThat(constants(plan)).isLessThan(constants(wide) * 11 / 20);
  }

  private static long constants(Plan plan) {
    return plan.graph().constants().stream().mapToLong(leaf -> leaf.spec().bytes()).sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4-csp", "yolov4-p5"})
  void largeInHalvesOnOpenCl(String name) throws IOException {
    assumeTrue(Boolean.getBoolean(LARGE), "takes minutes: run with -D" + LARGE + "=true");
    inHalvesOnOpenCl(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4-csp", "yolov4-p5"})
  void largeOnOpenCl(String name) throws IOException {
    assumeTrue(Boolean.getBoolean(LARGE), "takes minutes: run with -D" + LARGE + "=true");
    onOpenCl(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"enet-coco"})
  void largeOnTheReferenceDevice(String name) throws IOException {
    assumeTrue(Boolean.getBoolean(LARGE), "takes minutes: run with -D" + LARGE + "=true");
    smallOnTheReferenceDevice(name);
  }
}
