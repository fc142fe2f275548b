package dev.peregrine.yolo.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.Layer;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DarknetLossTest {
  private static final int NET = 64;

  @ParameterizedTest
  @CsvSource({"yolov4-tiny, 4", "yolov4, 16", "yolov4-csp, 16"})
  void givesTheDeltasOfDarknet(String cfg, int assigned) throws IOException {
    Path folder = Reference.require("oracles/training/darknet/" + cfg);
    List<List<Label>> truths = List.of(new ArrayList<>(), new ArrayList<>());
    for (String line : Files.readAllLines(folder.resolve("truth.tsv")).stream().skip(1).toList()) {
      String[] f = line.split("\t");
      truths
          .get(Integer.parseInt(f[0]))
          .add(
              new Label(
                  Integer.parseInt(f[5]),
                  Float.parseFloat(f[1]),
                  Float.parseFloat(f[2]),
                  Float.parseFloat(f[3]),
                  Float.parseFloat(f[4])));
    }
    List<Layer.Yolo> layers =
        CfgFile.read(Reference.require("cfg/darknet/" + cfg + ".cfg")).heads();
    List<HeadSpec> heads = layers.stream().map(Layer.Yolo::head).toList();
    List<Tensor> outputs = new ArrayList<>();
    for (Layer.Yolo layer : layers) {
      outputs.add(read(folder.resolve("float32/layer" + layer.index() + ".head.f32")));
    }
    LossResult result =
        new DarknetLoss(heads, DarknetLoss.Form.DARKNET).compute(outputs, truths, 128, 160);
    for (int i = 0; i < heads.size(); i++) {
      double[] expected =
          read(folder.resolve("float32/layer" + layers.get(i).index() + ".delta.f32")).doubles();
      double[] actual = result.gradients().get(i).doubles();
      for (int k = 0; k < expected.length; k++) {
        assertThat(-actual[k]).as("head %d number %d", i, k).isCloseTo(expected[k], within(1e-5));
      }
    }
    assertThat(result.assigned()).isEqualTo(assigned);
  }

  /** Reads [B][C][H][W] floats of a net of 160 x 128 as an f64 tensor [B, H, W, C]. */
  private static Tensor read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int batch = 2;
    int channels = 255;
    int cells = bytes.remaining() / Float.BYTES / batch / channels;
    int stride = (int) Math.round(Math.sqrt(128.0 * 160 / cells));
    int height = 128 / stride;
    int width = 160 / stride;
    double[] values = new double[batch * height * width * channels];
    for (int b = 0; b < batch; b++) {
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < height * width; i++) {
          values[(b * height * width + i) * channels + c] = bytes.getFloat();
        }
      }
    }
    return Ops.on(
        Devices.reference(), () -> Tensor.of(Shape.of(batch, height, width, channels), values));
  }

  @ParameterizedTest
  @CsvSource({
    "CIOU,false,1.05",
    "DIOU,false,1.2",
    "GIOU,false,1.05",
    "IOU,true,2",
    "CIOU,true,2",
    "MSE,false,1"
  })
  void exactGradientIsTheSlopeOfTheLoss(IouLoss kind, boolean newCoordinates, double scaleXy) {
    HeadTraining training =
        new HeadTraining(0.7, 1, 0.3, kind, 0.5, 2, 1, Double.POSITIVE_INFINITY, false, 0.1);
    HeadSpec head =
        new HeadSpec(3, YoloV4Tiny.anchors(), List.of(1, 2, 3), scaleXy, newCoordinates, training);
    SplittableRandom random = new SplittableRandom(7);
    double[] z = new double[2 * 4 * 4 * head.channels()];
    for (int i = 0; i < z.length; i++) {
      z[i] = newCoordinates ? 0.2 + 0.6 * random.nextDouble() : random.nextDouble() - 0.5;
    }
    List<List<Label>> truths = labels(random, 2);
    DarknetLoss loss = new DarknetLoss(List.of(head), DarknetLoss.Form.EXACT);
    double[] gradient = run(loss, head, z, truths).gradients().get(0).doubles();
    double step = 1e-6;
    for (int probe = 0; probe < 200; probe++) {
      int i = probe < 100 ? indexOfLargest(gradient, probe) : random.nextInt(z.length);
      double[] above = z.clone();
      double[] below = z.clone();
      above[i] += step;
      below[i] -= step;
      double slope =
          (run(loss, head, above, truths).total() - run(loss, head, below, truths).total())
              / (2 * step);
      // The weight alpha of the aspect ratio is held constant in the gradient but moves in the
      // loss.
      boolean size = i % head.entries() == 2 || i % head.entries() == 3;
      double tolerance = kind == IouLoss.CIOU && size ? 0.05 : 1e-5;
      assertThat(gradient[i]).as("number %d", i).isCloseTo(slope, within(tolerance));
    }
  }

  private static int indexOfLargest(double[] values, int rank) {
    Integer[] order = new Integer[values.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    java.util.Arrays.sort(
        order, (a, b) -> Double.compare(Math.abs(values[b]), Math.abs(values[a])));
    return order[rank];
  }

  private static List<List<Label>> labels(SplittableRandom random, int pictures) {
    List<List<Label>> truths = new ArrayList<>();
    for (int b = 0; b < pictures; b++) {
      List<Label> labels = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        double w = 0.1 + 0.4 * random.nextDouble();
        double h = 0.1 + 0.4 * random.nextDouble();
        double x = w / 2 + (1 - w) * random.nextDouble();
        double y = h / 2 + (1 - h) * random.nextDouble();
        labels.add(new Label(random.nextInt(3), x, y, w, h));
      }
      truths.add(labels);
    }
    return truths;
  }

  private static LossResult run(
      DarknetLoss loss, HeadSpec head, double[] z, List<List<Label>> truths) {
    Tensor output =
        Ops.on(
            Devices.reference(),
            () -> Tensor.of(Shape.of(truths.size(), 4, 4, head.channels()), z));
    return loss.compute(List.of(output), truths, NET, NET);
  }

  @Test
  void agreesWithTheSlowVersionOnEdgeCases() {
    HeadSpec head = new YoloV4Tiny(3).heads().get(1);
    SplittableRandom random = new SplittableRandom(3);
    double[] z = random.doubles(4L * 4 * head.channels(), -2, 2).toArray();
    List<List<Label>> cases =
        List.of(
            List.of(),
            List.of(new Label(0, 0.999999, 0.999999, 0.5, 0.6)),
            List.of(new Label(0, 0.3, 0.3, 0.4, 0.5), new Label(2, 0.3, 0.3, 0.4, 0.5)),
            List.of(new Label(1, 0.5, 0.5, 1e-4, 1e-4)),
            List.of(new Label(1, 0.25, 0.75, 0.3, 0.3), new Label(1, 0.26, 0.74, 0.3, 0.3)),
            List.of(new Label(2, 0.5, 0.5, 1, 1)));
    for (DarknetLoss.Form form : DarknetLoss.Form.values()) {
      for (List<Label> labels : cases) {
        LossResult fast = run(new DarknetLoss(List.of(head), form), head, z, List.of(labels));
        SlowLoss slow = new SlowLoss(head, form, z, 4, 4, NET, labels);
        double[] gradient = fast.gradients().get(0).doubles();
        for (int i = 0; i < gradient.length; i++) {
          assertThat(gradient[i])
              .as("%s %s number %d", form, labels, i)
              .isCloseTo(slow.gradient[i], within(1e-9));
        }
        assertThat(fast.total()).isCloseTo(slow.total, within(1e-9));
      }
    }
  }

  @Test
  void refusesAHeadOfOtherChannels() {
    HeadSpec head = new YoloV4Tiny(3).heads().get(0);
    Tensor output = Tensor.of(Shape.of(1, 2, 2, 21), new float[84]);
    assertThatThrownBy(() ->
            new DarknetLoss(List.of(head), DarknetLoss.Form.EXACT)
                .compute(List.of(output), List.of(List.of()), NET, NET))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("[1, H, W, 24]");
  }
}
