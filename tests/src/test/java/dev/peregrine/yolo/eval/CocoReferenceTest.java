package dev.peregrine.yolo.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.testkit.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The numbers of the published programs, on the detections they were given. */
class CocoReferenceTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "val2014_fakebbox100",
        "coco_val2017_64__yolo-fastest-1.1-xl",
        "voc60__yolov4-tiny-voc",
        "voc60__third_party_detector"
      })
  void allNumbersAreThoseOfPycocotools(String name) {
    Path folder = Reference.require("oracles/coco_eval/" + name);
    JsonNode expected = JsonMapper.shared().readTree(folder.resolve("expected.json").toFile());
    Path truth =
        expected.has("gt")
            ? Reference.require(expected.path("gt").asString())
            : folder.resolve("gt.json");
    Annotations annotations = CocoJson.readAnnotations(truth);
    List<Prediction> predictions = CocoJson.readPredictions(folder.resolve("detections.json"));
    assertThat(annotations.pictures()).hasSize(expected.path("n_images").asInt());
    assertThat(annotations.truths()).hasSize(expected.path("n_gt").asInt());
    assertThat(predictions).hasSize(expected.path("n_dt").asInt());

    CocoResult result = CocoEvaluator.evaluate(annotations, predictions);

    assertThat(expected.path("stats").size()).isEqualTo(12);
    for (Map.Entry<String, JsonNode> e : expected.path("stats").properties()) {
      assertThat(result.number(e.getKey()))
          .as(e.getKey())
          .isCloseTo(e.getValue().asDouble(), within(1e-12));
    }
    for (Map.Entry<String, JsonNode> e : expected.path("ap_per_iou").properties()) {
      assertThat(result.perThreshold().get(e.getKey()))
          .as(e.getKey())
          .isCloseTo(e.getValue().asDouble(), within(1e-12));
    }
    assertThat(expected.path("per_category").size()).isPositive();
    for (Map.Entry<String, JsonNode> e : expected.path("per_category").properties()) {
      JsonNode numbers = e.getValue();
      CocoResult.ClassResult actual = result.classes().get(numbers.path("category_id").asInt());
      assertThat(actual.name()).isEqualTo(e.getKey());
      assertThat(new double[] {actual.ap(), actual.ap50(), actual.ap75(), actual.ar100()})
          .as(e.getKey())
          .containsExactly(
              new double[] {
                numbers.path("AP").asDouble(),
                numbers.path("AP50").asDouble(),
                numbers.path("AP75").asDouble(),
                numbers.path("AR100").asDouble()
              },
              within(1e-12));
    }
  }

  @Test
  void pascalAveragesAreThoseOfTheIndependentToy() throws Exception {
    Path folder = Reference.require("oracles/coco_eval/pascal_toy");
    JsonNode expected = JsonMapper.shared().readTree(folder.resolve("expected.json").toFile());
    List<Annotations.Picture> pictures = new ArrayList<>();
    List<GroundTruth> truths = new ArrayList<>();
    List<Prediction> predictions = new ArrayList<>();
    for (int id = 1; id <= 7; id++) {
      String name = "%05d.txt".formatted(id);
      pictures.add(new Annotations.Picture(id, name, 0, 0));
      for (String line : Files.readAllLines(folder.resolve("gts").resolve(name))) {
        double[] v = numbers(line);
        truths.add(GroundTruth.of(id, 0, v[0], v[1], v[0] + v[2], v[1] + v[3]));
      }
      for (String line : Files.readAllLines(folder.resolve("dets").resolve(name))) {
        double[] v = numbers(line);
        predictions.add(new Prediction(id, 0, v[0], v[1], v[2], v[1] + v[3], v[2] + v[4]));
      }
    }
    Annotations annotations = new Annotations(pictures, new TreeMap<>(Map.of(0, "object")), truths);
    for (Map.Entry<String, JsonNode> e : expected.path("eleven_point").properties()) {
      double iou = Double.parseDouble(e.getKey());
      assertThat(map(annotations, predictions, RankedProtocol.voc07().withMatchIou(iou)))
          .as("eleven points at IoU " + iou)
          .isCloseTo(e.getValue().asDouble(), within(1e-9));
      assertThat(map(annotations, predictions, RankedProtocol.voc().withMatchIou(iou)))
          .as("every point at IoU " + iou)
          .isCloseTo(expected.path("every_point").path(e.getKey()).asDouble(), within(1e-9));
    }
  }

  /**
   * Darknet's {@code detector map} on the same detections, category by category. It judged boxes
   * that reach beyond the picture, and the shared detections are clipped, so the categories in
   * which a clipped box changes sides are left out.
   */
  @ParameterizedTest
  @CsvSource({
    "0, 0.5, aeroplane",
    "11, 0.5, aeroplane",
    "101, 0.5, aeroplane",
    "101, 0.75, aeroplane chair"
  })
  void darknetsMapIsReproduced(int points, double iou, String clipped) throws Exception {
    Annotations annotations =
        CocoJson.readAnnotations(Reference.require("datasets/voc60/annotations_coco.json"));
    List<Prediction> predictions =
        CocoJson.readPredictions(
            Reference.require("oracles/coco_eval/voc60__yolov4-tiny-voc/detections.json"));
    RankedResult result =
        RankedEvaluator.evaluate(
            annotations, predictions, RankedProtocol.darknet(points, iou), 0.25);
    Pattern line =
        Pattern.compile(
            "class_id = (\\d+), name = (\\w+), ap = ([\\d.]+)%.*TP = (\\d+), FP = (\\d+).*");
    int compared = 0;
    String name = "oracles/darknet_map/voc60__yolov4-tiny-voc__iou" + iou + "_points" + points;
    for (String text : Files.readAllLines(Reference.require(name + ".txt"))) {
      Matcher m = line.matcher(text);
      if (m.matches() && !List.of(clipped.split(" ")).contains(m.group(2))) {
        RankedResult.ClassResult actual =
            result.classes().get(Integer.parseInt(m.group(1)) + 1); // ids start at 1 in the JSON
        assertThat(actual.name()).isEqualTo(m.group(2));
        assertThat(100 * actual.ap())
            .as(actual.name())
            .isCloseTo(Double.parseDouble(m.group(3)), within(0.00501));
        assertThat(actual.truePositives()).isEqualTo(Integer.parseInt(m.group(4)));
        assertThat(actual.falsePositives()).isEqualTo(Integer.parseInt(m.group(5)));
        compared++;
      }
    }
    assertThat(compared).isEqualTo(20 - clipped.split(" ").length);
  }

  private static double map(
      Annotations annotations, List<Prediction> predictions, RankedProtocol protocol) {
    return RankedEvaluator.evaluate(annotations, predictions, protocol, 0.25).map();
  }

  private static double[] numbers(String line) {
    String[] words = line.trim().split("\\s+");
    double[] numbers = new double[words.length - 1];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Double.parseDouble(words[i + 1]);
    }
    return numbers;
  }
}
