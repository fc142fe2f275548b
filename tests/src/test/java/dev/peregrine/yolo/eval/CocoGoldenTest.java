package dev.peregrine.yolo.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.FormatException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Drawn boxes against what pycocotools says of the same boxes; one by one or all at once. */
class CocoGoldenTest {
  private final FormulaBoxes boxes = FormulaBoxes.draw();

  @Test
  void allNumbersAreThoseOfPycocotools() throws Exception {
    JsonNode expected;
    try (InputStream golden =
        Objects.requireNonNull(getClass().getResourceAsStream("/golden/coco-eval/expected.json"))) {
      expected = JsonMapper.shared().readTree(golden);
    }
    assertThat(boxes.annotations().truths()).hasSize(expected.path("truths").asInt());
    assertThat(boxes.predictions()).hasSize(expected.path("predictions").asInt());
    CocoResult result = CocoEvaluator.evaluate(boxes.annotations(), boxes.predictions());
    assertThat(expected.path("numbers").size()).isEqualTo(12);
    result
        .numbers()
        .forEach((name, value) ->
            assertThat(value)
                .as(name)
                .isCloseTo(expected.path("numbers").path(name).asDouble(), within(1e-12)));
    assertThat(result.number("AR10")).isLessThan(result.number("AR100"));
    int threshold = 0;
    for (double value : result.perThreshold().values()) {
      assertThat(value)
          .isCloseTo(expected.path("perThreshold").get(threshold++).asDouble(), within(1e-12));
    }
    result
        .classes()
        .forEach((id, one) -> {
          JsonNode numbers = expected.path("classes").path(id.toString());
          assertThat(new double[] {one.ap(), one.ap50(), one.ap75(), one.ar100()})
              .as("class " + id)
              .containsExactly(
                  new double[] {
                    numbers.get(0).asDouble(),
                    numbers.get(1).asDouble(),
                    numbers.get(2).asDouble(),
                    numbers.get(3).asDouble()
                  },
                  within(1e-12));
        });
  }

  @Test
  void picturesMayComeOneByOneInAnyOrderFromAnyThread() throws Exception {
    Annotations annotations = boxes.annotations();
    CocoResult whole = CocoEvaluator.evaluate(annotations, boxes.predictions());
    for (int threads : new int[] {1, 4}) {
      Map<Long, List<Prediction>> claimed = new HashMap<>();
      boxes
          .predictions()
          .forEach(p -> claimed.computeIfAbsent(p.imageId(), _ -> new ArrayList<>()).add(p));
      Map<Long, List<GroundTruth>> actual = new HashMap<>();
      annotations
          .truths()
          .forEach(g -> actual.computeIfAbsent(g.imageId(), _ -> new ArrayList<>()).add(g));
      List<Annotations.Picture> order = new ArrayList<>(annotations.pictures());
      Collections.shuffle(order, new Random(threads));
      CocoAccumulator pictures = new CocoAccumulator(annotations.categories());
      try (ForkJoinPool pool = new ForkJoinPool(threads)) {
        CocoResult result =
            pool.submit(
                    () -> {
                      order.parallelStream()
                          .forEach(p ->
                              pictures.add(
                                  p.id(),
                                  actual.getOrDefault(p.id(), List.of()),
                                  claimed.getOrDefault(p.id(), List.of())));
                      return pictures.result();
                    })
                .get();
        assertThat(result).as("on " + threads + " threads").isEqualTo(whole);
      }
      assertThat(pictures.size()).isEqualTo(60);
    }
  }

  @Test
  void everyProtocolGivesTheSameOnAnyNumberOfThreads() throws Exception {
    List<List<Object>> all = new ArrayList<>();
    for (int threads : new int[] {1, 2, 5}) {
      try (ForkJoinPool pool = new ForkJoinPool(threads)) {
        all.add(
            pool.submit(() ->
                    List.<Object>of(
                        CocoEvaluator.evaluate(boxes.annotations(), boxes.predictions()),
                        RankedEvaluator.evaluate(
                            boxes.annotations(),
                            boxes.predictions(),
                            RankedProtocol.darknet(101, 0.5),
                            0.25),
                        ConfidenceCurves.of(boxes.annotations(), boxes.predictions(), 0.5)
                            .mean()
                            .ap(),
                        ErrorAnalysis.of(boxes.annotations(), boxes.predictions(), 0.5, 0.1, 0.25)))
                .get());
      }
    }
    assertThat(all.get(1)).isEqualTo(all.get(0));
    assertThat(all.get(2)).isEqualTo(all.get(0));
  }

  @Test
  void whatDoesNotBelongTogetherIsRefused() {
    CocoAccumulator pictures = new CocoAccumulator(new TreeMap<>(Map.of(1, "thing")));
    pictures.add(5, List.of(GroundTruth.of(5, 1, 0, 0, 9, 9)), List.of());
    assertThatThrownBy(() -> pictures.add(5, List.of(), List.of()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("picture 5 was judged before");
    assertThatThrownBy(() -> pictures.add(6, List.of(GroundTruth.of(6, 3, 0, 0, 9, 9)), List.of()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("category of the list");
    assertThatThrownBy(
            () -> pictures.add(6, List.of(), List.of(new Prediction(5, 1, 1, 0, 0, 9, 9))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("another picture");
    assertThat(pictures.result().ap()).isEqualTo(0);
  }
}
