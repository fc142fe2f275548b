package dev.peregrine.yolo.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.architecture.Sources;
import dev.peregrine.nn.Params;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.Pretrained;
import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.run.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Training, going on with it, and measuring, on a few painted pictures. */
class TrainAndValTest {
  @TempDir Path folder;

  @Test
  void trainThenResumeThenMeasureThenPredict() throws IOException {
    Path data = new ShapesDataSet(6, 4, 64, 3).write(folder.resolve("data"));
    Path run = folder.resolve("run");
    Cli trained =
        Cli.run(
                "train",
                "model=yolov4-tiny@0.1",
                "data=" + data,
                "imgsz=64",
                "epochs=2",
                "batch=3",
                "freeze=1",
                "out=" + run)
            .ok();
    assertThat(trained.out())
        .contains("6 pictures to learn from, 4 to measure on", "epoch 1/2: loss ", "epoch 2/2: ")
        .containsPattern("box [-0-9.e]+ obj [-0-9.e]+ cls [-0-9.e]+, rate 0\\.\\d+")
        .contains("AP50 ", " left");
    for (String name :
        List.of(
            "args.yaml",
            "results.csv",
            "results.png",
            "labels.png",
            "train_batch0.jpg",
            "train_batch1.jpg",
            "val_batch0_labels.jpg",
            "val_batch0_pred.jpg",
            "PR_curve.png",
            "P_curve.png",
            "R_curve.png",
            "F1_curve.png",
            "confusion_matrix.png",
            "confusion_matrix_normalized.png",
            "weights/best.safetensors",
            "weights/last.safetensors")) {
      assertThat(run.resolve(name)).isNotEmptyFile();
    }
    assertThat(Files.readString(run.resolve("args.yaml")))
        .contains("data: \"" + data.toAbsolutePath(), "data_hash: \"", "epochs: 2");

    List<String> table = Files.readAllLines(run.resolve("results.csv"));
    assertThat(table.getFirst()).endsWith("val/loss,val/box,val/obj,val/cls,lr");
    assertThat(table.get(2).split(",", -1))
        .hasSize(14)
        .noneMatch(field -> field.isEmpty() || field.equals("NaN"));

    try (RunLock _ = RunLock.of(run)) {
      Cli.run("train", "resume=" + run).refuses(run + ": another run trains into this folder");
    }
    Cli.run("train", "resume=" + run, "epochs=9")
        .refuses("epochs= cannot be changed to 9; to change it, begin a new run with weights=");
    assertThat(Cli.run("train", "resume=" + run).ok().out())
        .contains("all 2 epochs of this run are done already; for more, begin a new run with");

    String best = "model=" + run.resolve("weights/last.safetensors");
    Path json = folder.resolve("val.json");
    Cli measured =
        Cli.run("val", best, "data=" + data, "json=" + json, "out=" + folder.resolve("val")).ok();
    assertThat(measured.out()).contains("AP50", ShapesDataSet.names().getFirst());
    JsonNode numbers = JsonMapper.shared().readTree(json.toFile());
    assertThat(numbers.propertyNames())
        .contains("AP", "AP50", "AP75", "APsmall", "AR1", "AR100", "ARlarge", "classes");
    for (String name :
        List.of("PR_curve.png", "P_curve.png", "R_curve.png", "F1_curve.png", "errors.png")) {
      assertThat(folder.resolve("val").resolve(name)).isNotEmptyFile();
    }
    assertThat(Files.readString(folder.resolve("val/errors.csv")))
        .startsWith("cause,picture,file,class,score,true_class,iou,");
    assertThat(
            JsonMapper.shared()
                .readTree(folder.resolve("val/errors.json").toFile())
                .path("causes")
                .propertyNames())
        .containsExactly(
            "localisation", "class", "class_and_place", "duplicate", "background", "missed");

    Cli.run(
            "val",
            best,
            "data=" + data,
            "augment=true",
            "nms=soft",
            "agnostic=true",
            "levels=1",
            "out=" + folder.resolve("val2"))
        .ok();
    assertThat(Files.readString(folder.resolve("val2/args.yaml")))
        .contains("augment: true", "levels: 1");

    Path picture = Cli.picture(folder.resolve("a.png"), 64, 64);
    assertThat(Cli.run("predict", best, "source=" + picture, "save=false").ok().out())
        .contains("a.png 64x64");
    assertThat(Cli.run("layers", best, "source=" + picture).ok().out().lines().count())
        .isEqualTo(39);
  }

  /** What is left of a run is not reckoned from its first batch, which is slow. */
  @Test
  void theFirstBatchIsForgotten() {
    double mean = TrainingProgress.mean(0, 40, 1);
    assertThat(mean).isEqualTo(40);
    mean = TrainingProgress.mean(mean, 2, 2);
    assertThat(mean).isEqualTo(2);
    mean = TrainingProgress.mean(mean, 4, 3);
    assertThat(mean).isEqualTo(3);
    assertThat(TrainingProgress.mean(mean, 23, 1000)).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"coco", "voc07", "voc", "darknet"})
  void filesOfPredictionsAreJudged(String protocol) {
    String name = "oracles/coco_eval/voc60__yolov4-tiny-voc/";
    Path json = folder.resolve("val.json");
    Cli.run(
            "val",
            "predictions=" + Reference.require(name + "detections.json"),
            "annotations=" + Reference.require("datasets/voc60/annotations_coco.json"),
            "protocol=" + protocol,
            "json=" + json,
            "out=" + folder.resolve("val"))
        .ok();
    JsonNode numbers = JsonMapper.shared().readTree(json.toFile());
    assertThat(numbers.get("classes").get("dog").get("AP50").asDouble())
        .isEqualTo(1.0, within(0.1));
    if (protocol.equals("coco")) {
      // pycocotools_summary.txt beside the detections
      assertThat(numbers.get("AP").asDouble()).isCloseTo(0.373, within(5e-4));
      assertThat(numbers.get("AP50").asDouble()).isCloseTo(0.728, within(5e-4));
      assertThat(numbers.get("ARlarge").asDouble()).isCloseTo(0.510, within(5e-4));
    } else {
      assertThat(numbers.get("AP50").asDouble()).isBetween(0.71, 0.73);
    }
  }

  /** The network that comes with the program brings its numbers, as a file of one's own does. */
  @Test
  void trainingTheShippedNetworkGoesOnFromItsNumbers() throws IOException {
    Path pictures = Files.createDirectories(folder.resolve("images"));
    Path labels = Files.createDirectories(folder.resolve("labels"));
    for (String name : List.of("a", "b")) {
      Files.copy(Sources.root().resolve("docs/blood.jpg"), pictures.resolve(name + ".jpg"));
      Files.writeString(labels.resolve(name + ".txt"), "0 0.5 0.5 0.3 0.3\n");
    }
    Path data =
        Files.writeString(
            folder.resolve("data.yaml"),
            "path: .\ntrain: images\nval: images\nnames: [RBC, WBC, Platelets]\n");
    Path run = folder.resolve("on");
    Cli.run(
            "train",
            "model=blood-cells",
            "data=" + data,
            "imgsz=64",
            "epochs=1",
            "batch=2",
            "lr0=1e-9",
            "out=" + run)
        .ok();
    Params before = Pretrained.load().params();
    Params after = Models.load(run.resolve("weights/last.safetensors")).params();
    Params.Entry first = before.entries().getFirst();
    float[] old = first.value().floats();
    float[] now = after.entry(first.path()).value().floats();
    for (int i = 0; i < old.length; i++) {
      assertThat(now[i]).as(first.path()).isCloseTo(old[i], within(1e-3f));
    }
  }

  /** A data set may count the same classes in another order than the network does. */
  @Test
  void classesAreComparedByTheirNames() throws IOException {
    Path picture = Sources.root().resolve("docs/blood.jpg");
    Path found = folder.resolve("found");
    Cli.run("predict", "source=" + picture, "save=false", "save_txt=true", "out=" + found).ok();
    Files.createDirectories(folder.resolve("set/images"));
    Files.copy(picture, folder.resolve("set/images/blood.jpg"));
    Cli.text(
        folder.resolve("set/labels/blood.txt"),
        Files.readString(found.resolve("labels/blood.txt"))
            .lines()
            .map(line -> 2 - Integer.parseInt(line.substring(0, 1)) + line.substring(1) + "\n")
            .collect(Collectors.joining()));
    Cli reversed = measured("[Platelets, WBC, RBC]", "reversed");
    assertThat(reversed.err()).isEmpty();
    assertThat(ap50("reversed")).isGreaterThan(0.9);
    assertThat(measured("[ape, bee, cat]", "others").err())
        .contains("warning: class 0 is 'RBC' to the model and 'ape' to the data; classes are")
        .contains("compared by number");
    assertThat(ap50("others")).isLessThan(0.5);
  }

  private Cli measured(String names, String run) {
    Path data = Cli.text(folder.resolve("set/data.yaml"), "val: images\nnames: " + names + "\n");
    Path json = folder.resolve(run + ".json");
    return Cli.run("val", "data=" + data, "json=" + json, "out=" + folder.resolve(run)).ok();
  }

  private double ap50(String run) {
    return JsonMapper.shared()
        .readTree(folder.resolve(run + ".json").toFile())
        .get("AP50")
        .asDouble();
  }
}
