package dev.peregrine.yolo.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Own detections, from the file of the picture on, against {@code detector map} of darknet. */
class DarknetMapTest {
  private static final Pattern MAP = Pattern.compile("mAP@[\\d.]+\\) = ([\\d.]+)");

  /** What is asked for is 0.002; the columns behind the files are IoU and points. */
  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny-voc/yolov4-tiny-voc.cfg, yolov4-tiny-voc/yolov4-tiny-voc-h2oxi.weights,"
        + " voc60, yolov4-tiny-voc, 0.5:0 0.5:11 0.5:101 0.75:101",
    "mobilenetv2-yolov3-nano-voc/MobileNetV2-YOLOv3-Nano-voc.cfg,"
        + " mobilenetv2-yolov3-nano-voc/MobileNetV2-YOLOv3-Nano-voc.weights,"
        + " voc60, mobilenetv2-yolov3-nano-voc, 0.5:0",
    "yolo-fastest-1.1-xl-coco/yolo-fastest-1.1-xl.cfg,"
        + " yolo-fastest-1.1-xl-coco/yolo-fastest-1.1-xl.weights,"
        + " coco_val2017_64, yolo-fastest-1.1-xl, 0.5:101"
  })
  void meanAveragePrecision(
      String cfg, String weights, String pictures, String network, String protocols)
      throws IOException {
    Detector detector =
        Detector.load(Reference.require("weights/" + cfg), Reference.require("weights/" + weights))
            .confidence(0.005)
            .unclipped();
    DataSet data =
        DataSet.load(Reference.require("datasets/" + pictures + "/data.yaml"), Split.VAL);
    List<Prediction> predictions = new ArrayList<>();
    Annotations annotations = detect(detector, data, predictions);
    for (String protocol : protocols.split(" ")) {
      String iou = protocol.split(":")[0];
      String points = protocol.split(":")[1];
      String told =
          Files.readString(
              Reference.require(
                  "oracles/darknet_map/%s__%s__iou%s_points%s.txt"
                      .formatted(pictures, network, iou, points)));
      Matcher expected = MAP.matcher(told);
      assertThat(expected.find()).isTrue();
      RankedResult result =
          RankedEvaluator.evaluate(
              annotations,
              predictions,
              RankedProtocol.darknet(Integer.parseInt(points), Double.parseDouble(iou)),
              0.25);
      assertThat(result.map())
          .as("IoU %s, %s points", iou, points)
          .isCloseTo(Double.parseDouble(expected.group(1)), within(0.002));
    }
  }

  private static Annotations detect(Detector detector, DataSet data, List<Prediction> into) {
    List<Annotations.Picture> list = new ArrayList<>();
    List<GroundTruth> truths = new ArrayList<>();
    TreeMap<Integer, String> names = new TreeMap<>();
    for (String name : data.names()) {
      names.put(names.size(), name);
    }
    for (Sample sample : data.samples()) {
      long id = list.size() + 1L;
      ByteImage image = Images.readBytes(sample.image());
      int width = image.width();
      int height = image.height();
      list.add(new Annotations.Picture(id, "", width, height));
      for (Label label : sample.labels()) {
        truths.add(
            GroundTruth.of(
                id,
                label.classIndex(),
                label.left() * width,
                label.top() * height,
                label.right() * width,
                label.bottom() * height));
      }
      for (Detection d : detector.detect(image)) {
        into.add(
            new Prediction(
                id,
                d.classIndex(),
                d.score(),
                d.box().x1(),
                d.box().y1(),
                d.box().x2(),
                d.box().y2()));
      }
    }
    return new Annotations(list, names, truths);
  }
}
