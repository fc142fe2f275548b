package dev.peregrine.yolo.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.data.check.Plants;
import dev.peregrine.yolo.demo.ShapesDataSet;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The verbs of data sets, and what training and measuring do with faulty ones. */
class DataVerbsTest {
  @TempDir Path folder;

  @Test
  void soundDataPass() {
    Path data = new ShapesDataSet(6, 4, 64, 3).write(folder.resolve("data"));
    Cli check = Cli.run("data", "check", "data=" + data).ok();
    assertThat(check.out())
        .contains("train: 6 pictures: 6 with labels, 0 without", "val: 4 pictures", "0 errors");
  }

  @Test
  void faultsAreListedAndCounted() {
    Plants plants = plantFaults();
    Path json = folder.resolve("faults.json");
    Cli check = Cli.run("data", "check", "data=" + plants.folder(), "json=" + json);
    assertThat(check.status()).isEqualTo(2);
    assertThat(check.err()).isEmpty();
    assertThat(check.out())
        .contains(
            "error   class out of range (1): training refuses",
            "labels/train/b.txt:2: class 7 is out of range: the data set has 2 classes",
            "error   picture damaged (1): training refuses",
            "c.jpg: is a truncated JPEG",
            "error   picture leaked between splits (1)",
            "warning repeated label (1): counted once",
            "3 errors, ");
    JsonNode all = JsonMapper.shared().readTree(json.toFile());
    assertThat(all.get("errors").asInt()).isEqualTo(3);
    assertThat(all.get("faults").get(0).propertyNames())
        .contains("severity", "kind", "file", "line", "message", "outcome");
    assertThat(all.get("splits").get("train").get("pictures").asInt()).isEqualTo(3);
  }

  private Plants plantFaults() {
    Plants plants = new Plants(folder.resolve("set"));
    plants.picture("images/train/a.jpg", 64, 64, "0 0.5 0.5 0.4 0.4\n0 0.5 0.5 0.4 0.4\n");
    plants.picture("images/train/b.jpg", 64, 64, "0 0.5 0.5 0.4 0.4\n7 0.5 0.5 0.4 0.4\n");
    plants.picture("images/train/c.jpg", 64, 64, "1 0.5 0.5 0.4 0.4\n");
    plants.cut("images/train/c.jpg", 0.5);
    plants.copy("images/train/a.jpg", "images/val/d.jpg");
    plants.text("labels/val/d.txt", "0 0.5 0.5 0.4 0.4\n");
    plants.picture("images/val/e.jpg", 64, 64, "0 0.5 0.5 0.4 0.4\n");
    plants.text("data.yaml", "train: images/train\nval: images/val\nnames: [cat, dog]\n");
    return plants;
  }

  @Test
  void trainingRefusesWithTheListUnlessToldOtherwise() {
    Plants plants = plantFaults();
    Path run = folder.resolve("run");
    String[] call = {
      "train",
      "model=yolov4-tiny@0.1",
      "data=" + plants.folder(),
      "imgsz=64",
      "epochs=1",
      "batch=1",
      "out=" + run
    };
    Cli refused = Cli.run(call);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .startsWith("yolo: 3 faults in the data set:")
        .contains("b.txt:2: class 7", "c.jpg: is a truncated", "d.jpg: the picture of 'val' is in");
    assertThat(run).doesNotExist();

    String[] tolerant = java.util.Arrays.copyOf(call, call.length + 1);
    tolerant[call.length] = "faulty=0.7";
    Cli trained = Cli.run(tolerant).ok();
    assertThat(trained.err())
        .contains(
            "warning: 2 of 3 pictures of 'train' are faulty and left out",
            "repeated label (1: counted once)");
    assertThat(trained.out()).contains("1 pictures to learn from, 1 to measure on");
  }

  @Test
  void statisticsAreCountedAndDrawn() {
    Path data = new ShapesDataSet(6, 4, 64, 3).write(folder.resolve("data"));
    Path json = folder.resolve("stats.json");
    Path run = folder.resolve("run");
    Cli stats =
        Cli.run(
                "data",
                "stats",
                "data=" + data,
                "json=" + json,
                "speed=true",
                "imgsz=64",
                "threads=2",
                "out=" + run)
            .ok();
    assertThat(stats.out())
        .contains("train: 6 pictures", "val: 4 pictures", "picture sizes: 64x64 (6)")
        .contains("pictures of 64x64 on 2 threads: ", " images/s beside 2 threads that compute");
    JsonNode numbers = JsonMapper.shared().readTree(json.toFile());
    JsonNode train = numbers.get("train");
    assertThat(train.get("pictures").asInt()).isEqualTo(6);
    long objects = 0;
    for (JsonNode row : train.get("classes")) {
      objects += row.get("objects").asLong();
      assertThat(row.get("small").asLong() + row.get("medium").asLong() + row.get("large").asLong())
          .isEqualTo(row.get("objects").asLong());
    }
    assertThat(train.get("objects").asLong()).isEqualTo(objects).isPositive();
    assertThat(numbers.get("loader").get("cached").asDouble()).isPositive();
    for (String name : new String[] {"train_labels.png", "val_pictures.jpg", "args.yaml"}) {
      assertThat(run.resolve(name)).isNotEmptyFile();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolo", "coco", "voc"})
  void convertsAndTrainsOnWhatItWrote(String format) {
    Path data = new ShapesDataSet(4, 2, 64, 3).write(folder.resolve("data"));
    Path to = folder.resolve("to");
    Cli.run("data", "convert", "data=" + data, "to=" + to, "format=" + format).ok();
    Cli back =
        Cli.run("data", "convert", "data=" + to, "to=" + folder.resolve("back"), "pictures=copy")
            .ok();
    assertThat(back.out())
        .contains("train: 4 pictures", "read again: the same pictures and objects");
    assertThat(
            Cli.run(
                    "train",
                    "model=yolov4-tiny@0.1",
                    "data=" + to,
                    "imgsz=64",
                    "epochs=1",
                    "batch=4",
                    "out=" + folder.resolve("run"))
                .ok()
                .out())
        .contains("4 pictures to learn from, 2 to measure on", "AP50 ");
    Cli.run("data", "convert", "data=" + data, "to=" + to).refuses("nothing is overwritten");
  }

  @Test
  void wrongCallsAreRefused() {
    Cli.run("data").refuses("'data' needs a second word", "data check");
    Cli.run("data", "chek").refuses("no verb 'data chek' (did you mean 'data check'?)");
    Cli.run("data", "check").refuses("data= is missing");
    Cli.run("data", "check", "data=" + folder).refuses("does not describe a data set");
    assertThat(Cli.run("data", "check", "--help").ok().out()).contains("./yolo data check");
  }
}
