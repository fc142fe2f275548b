package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.train.Evaluation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The network that comes with the program. */
class PretrainedTest {
  private static final Path PICTURE = Sources.root().resolve("docs/blood.jpg");

  private static Detector detector() {
    Models.Trained trained = Pretrained.load();
    return Detector.of(trained.model(), trained.params()).names(trained.names());
  }

  /** Counted by eye: a white cell, two platelets, and about 16 red cells, some cut or hidden. */
  @Test
  void findsTheCellsOfThePictureInTheDocumentation() {
    List<Detection> found = detector().confidence(0.3).detect(Images.read(PICTURE));
    Map<String, Long> counts =
        found.stream().collect(Collectors.groupingBy(Detection::name, Collectors.counting()));
    assertThat(counts.get("WBC")).isEqualTo(1);
    assertThat(counts.get("Platelets")).isBetween(1L, 3L);
    assertThat(counts.get("RBC")).isBetween(9L, 24L);
  }

  @Test
  void tellsItsClassesWithoutItsNumbers() {
    assertThat(Pretrained.names()).isEqualTo(Pretrained.load().names());
  }

  @Test
  void isAsGoodAsItsPageSays() {
    DataSet data = DataSet.load(Reference.require("datasets/bccd/data.yaml"), Split.VAL);
    Evaluation evaluation =
        Evaluation.run(detector().confidence(Evaluation.CONFIDENCE), data, 8, _ -> {});
    assertThat(evaluation.coco().ap50()).isGreaterThan(0.85);
  }
}
