package dev.peregrine.yolo.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.onnx.OnnxDetector.Outputs;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that we write, run by ONNX Runtime, against our own plans. */
final class OnnxRuntimeTest {
  /** Of each number, or of 1 where it is smaller. */
  private static final double TOLERANCE = 1e-3;

  @TempDir private Path folder;

  /** A network with numbers made by a formula. */
  private static Models.Trained formula(String name, int height, int width) {
    DetectionModel model = Models.named(name, 80).withInputSize(new InputSize(height, width));
    CfgFile cfg = CfgOfModel.of(model);
    Params params = FormulaWeights.SPLIT_MIX.params(cfg);
    return new Models.Trained(new CfgModel(cfg), params, ClassNames.defaults(80));
  }

  /** What ONNX Runtime makes of one picture. */
  private static List<float[]> run(Path file, Tensor image) throws OrtException {
    Shape shape = image.shape();
    long[] extents = {1, 3, shape.dim(1), shape.dim(2)};
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(file.toString(), options);
        OnnxTensor input =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(Arrays.permute(image, 0, 3, 1, 2).floats()),
                extents);
        OrtSession.Result result = session.run(Map.of("images", input))) {
      List<float[]> outputs = new ArrayList<>();
      for (Map.Entry<String, OnnxValue> entry : result) {
        FloatBuffer values = ((OnnxTensor) entry.getValue()).getFloatBuffer();
        float[] copy = new float[values.remaining()];
        values.get(copy);
        outputs.add(copy);
      }
      return outputs;
    }
  }

  private static Map<String, String> texts(Path file) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(file.toString(), options)) {
      return session.getMetadata().getCustomMetadata();
    }
  }

  /** {@code [N, H, W, C]} as {@code [N, C, H, W]}, as files have it. */
  private static float[] channelsFirst(Tensor tensor) {
    return tensor.shape().rank() == 4
        ? Arrays.permute(tensor, 0, 3, 1, 2).floats()
        : tensor.floats();
  }

  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny, 416, 416, HEADS",
    "yolov4-tiny, 224, 320, BOXES",
    "yolov4-csp, 256, 256, HEADS",
    "yolov4-csp, 128, 256, BOXES",
    "yolov4-p5, 128, 192, HEADS",
    "yolov4-p5, 128, 128, BOXES"
  })
  void givesWhatOurPlanGives(String name, int height, int width, Outputs outputs)
      throws OrtException {
    compare(formula(name, height, width), outputs);
  }

  /** All names but the one whose groups fix its channels, which makes it large. */
  static Stream<String> names() {
    return Models.names().stream().filter(name -> !name.startsWith("csresnext50"));
  }

  /** Every network of the family, narrow and shallow, on pictures twice as wide as high. */
  @ParameterizedTest
  @MethodSource("names")
  void everyNetworkEndsInBoxesOfAnyProportions(String name) throws OrtException {
    String small = name + (name.contains("tiny") ? "@0.05" : "@0.05x0.1");
    DetectionModel model = Models.named(small, 3);
    int stride = model.maxStride();
    DetectionModel wide = model.withInputSize(new InputSize(stride, 2 * stride));
    compare(
        new Models.Trained(wide, Models.initialize(wide, 7), ClassNames.defaults(3)),
        Outputs.BOXES);
  }

  private void compare(Models.Trained trained, Outputs outputs) throws OrtException {
    Path file = folder.resolve("net.onnx");
    OnnxDetector.write(trained, outputs, file);
    int height = trained.model().inputSize().height();
    int width = trained.model().inputSize().width();
    Tensor image =
        Tensor.of(
            Shape.of(1, height, width, 3), FormulaWeights.SPLIT_MIX.picture(height, width, 3));
    List<Tensor> expected =
        Plan.prepare(OnnxDetector.trace(trained, outputs), Devices.cpu()).run(image);
    List<float[]> found = run(file, image);
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      float[] own = channelsFirst(expected.get(i));
      float[] theirs = found.get(i);
      assertThat(theirs).hasSameSizeAs(own);
      double worst = 0;
      double magnitude = 0;
      for (int k = 0; k < own.length; k++) {
        double apart = Math.abs((double) own[k] - theirs[k]);
        worst = Math.max(worst, apart / Math.max(1, Math.abs((double) own[k])));
        magnitude = Math.max(magnitude, Math.abs((double) own[k]));
        assertThat(apart).as("output %d, number %d", i, k).isNotNaN();
      }
      assertThat(worst).as("output %d", i).isLessThan(TOLERANCE);
      assertThat(magnitude).as("output %d has something to compare", i).isGreaterThan(0.5);
    }
  }

  @Test
  void theFileSaysWhatItHolds() throws OrtException {
    Models.Trained trained = formula("yolov4-tiny", 64, 96);
    Path file = folder.resolve("net.onnx");
    OnnxDetector.write(trained, Outputs.BOXES, file);
    Map<String, String> texts = texts(file);
    assertThat(texts)
        .containsEntry("names", String.join("\n", trained.names()))
        .containsEntry("imgsz", "64x96")
        .containsEntry("strides", "32 16")
        .containsEntry("masks", "3,4,5 1,2,3")
        .containsEntry("nms", "GREEDY 0.45");
    assertThat(texts.get("anchors")).startsWith("10.0,14.0 23.0,27.0");
    assertThat(texts.get("outputs")).startsWith("boxes: x y w h objectness classes");
    assertThat(OnnxReader.read(file).operators()).isGreaterThanOrEqualTo(13);
    assertThat(OnnxReader.read(file).outputs().get("output0"))
        .as("2 x 3 cells and 4 x 6 cells of 3 anchors each")
        .containsExactly(1, 3 * (2 * 3 + 4 * 6), 85);
  }

  /** A real network in another program finds what we find. */
  @Test
  void aTrainedNetworkFindsTheSameDog() throws OrtException {
    CfgModel model =
        new CfgModel(
            CfgFile.read(Reference.require("weights/yolov4-tiny-voc/yolov4-tiny-voc.cfg")));
    Params params = Models.blank(model);
    WeightFiles.load(
        model,
        params,
        Reference.require("weights/yolov4-tiny-voc/yolov4-tiny-voc-h2oxi.weights"),
        false);
    List<String> names = ClassNames.defaults(20);
    Path file = folder.resolve("tiny.onnx");
    OnnxDetector.write(new Models.Trained(model, params, names), Outputs.BOXES, file);
    Image picture = Images.read(Reference.require("images/dog.jpg"));
    Image fitted =
        Resize.STRETCH.apply(
            picture, Resize.STRETCH.placement(picture.width(), picture.height(), 416, 416), false);
    float[] rows = run(file, Tensor.of(Shape.of(1, 416, 416, 3), fitted.rgb())).getFirst();
    List<Detection> own = Detector.of(model, params).detect(picture);
    List<NonMaximumSuppression.Kept> kept = suppressed(rows, model);
    assertThat(kept).hasSameSizeAs(own).isNotEmpty();
    for (int i = 0; i < own.size(); i++) {
      NonMaximumSuppression.Kept box = kept.get(i);
      assertThat(box.score())
          .isCloseTo(own.get(i).score(), org.assertj.core.api.Assertions.within(1e-3f));
      assertThat(box.width() * picture.width())
          .as("width of %s", own.get(i))
          .isGreaterThan(own.get(i).box().width() - 1);
    }
  }

  /** What a program does with the rows: threshold and suppression. */
  private static List<NonMaximumSuppression.Kept> suppressed(float[] rows, CfgModel model) {
    List<float[]> boxes = new ArrayList<>();
    for (int at = 0; at < rows.length; at += 25) {
      for (int c = 0; c < 20; c++) {
        float score = rows[at + 4] * rows[at + 5 + c];
        if (rows[at + 4] > 0.25f && score > 0.25f) {
          boxes.add(
              new float[] {
                rows[at] / 416, rows[at + 1] / 416, rows[at + 2] / 416, rows[at + 3] / 416, score, c
              });
        }
      }
    }
    float[] places = new float[4 * boxes.size()];
    float[] scores = new float[boxes.size()];
    int[] classes = new int[boxes.size()];
    for (int i = 0; i < scores.length; i++) {
      System.arraycopy(boxes.get(i), 0, places, 4 * i, 4);
      scores[i] = boxes.get(i)[4];
      classes[i] = (int) boxes.get(i)[5];
    }
    return model.suppression().apply(places, scores, classes);
  }
}
