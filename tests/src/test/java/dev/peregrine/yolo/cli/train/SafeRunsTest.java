package dev.peregrine.yolo.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line does so that trainings are not lost. */
class SafeRunsTest {
  @TempDir Path folder;

  private String[] call(int pictures, String... more) {
    Path data = new ShapesDataSet(pictures, 4, 64, 3).write(folder.resolve("data"));
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("model", "yolov4-tiny@0.125");
    keys.put("data", data.toString());
    keys.put("imgsz", "64");
    keys.put("batch", "4");
    keys.put("out", folder.resolve("run").toString());
    for (String key : more) {
      keys.put(key.substring(0, key.indexOf('=')), key.substring(key.indexOf('=') + 1));
    }
    return Stream.concat(
            Stream.of("train"), keys.entrySet().stream().map(k -> k.getKey() + "=" + k.getValue()))
        .toArray(String[]::new);
  }

  /** Boxes of darknet's exponential sizes overflow at a rate a thousand times too high. */
  private String[] diverging(String... more) {
    String[] usual = call(14, "recipe=darknet", "lr0=1", "warmup=0", "epochs=3");
    return Stream.concat(Arrays.stream(usual), Arrays.stream(more)).toArray(String[]::new);
  }

  @Test
  void aStepThatIsNotFiniteEndsTheRunAndCanBeReplayed() throws IOException {
    Cli ended = Cli.run(diverging());
    assertThat(ended.status()).as(ended.err()).isEqualTo(1);
    assertThat(ended.err().lines().filter(line -> line.startsWith("yolo: ")))
        .singleElement()
        .asString()
        .containsPattern("training: .* became (NaN|-?Infinity) in batch [1-9] of epoch [1-9]")
        .containsPattern("first in the (output|gradients) of layer '[a-z]+[.\\w]*' \\(\\w+ gives ")
        .containsPattern("its pictures are (\\d+\\.jpg,? ?){2,4}")
        .contains("nonfinite=rollback");
    List<Path> kept;
    try (Stream<Path> steps = Files.list(folder.resolve("run/nonfinite"))) {
      kept = steps.toList();
    }
    assertThat(kept).hasSize(1);
    for (String name : List.of("state.safetensors", "batch.safetensors", "report.txt")) {
      assertThat(kept.getFirst().resolve(name)).isNotEmptyFile();
    }
    assertThat(Images.read(kept.getFirst().resolve("train_batch0.jpg")).width()).isPositive();
    Cli replay = Cli.run("train", "replay=" + kept.getFirst(), "threads=1").ok();
    assertThat(replay.out()).contains("recorded: ", "now:      ").endsWith("the same\n");
    String recorded = Files.readString(kept.getFirst().resolve("report.txt"));
    assertThat(replay.out()).contains(recorded.lines().findFirst().orElseThrow());
    Cli.run("train", "replay=" + folder.resolve("run")).refuses("args.yaml");
  }

  @Test
  void aRunMayGoBackAndOnWithHalfTheRate() throws IOException {
    Cli run = Cli.run(diverging("nonfinite=rollback")).ok();
    assertThat(run.out())
        .containsPattern(
            "rolled back: .* in batch .*: back to where \\d+ batches of epoch [1-9] were done, on"
                + " with 0.5 ")
        .contains("epoch 3/3: ");
    assertThat(Files.readString(folder.resolve("run/args.yaml"))).contains("\n# rolled back: ");
    List<String> rows = Files.readAllLines(folder.resolve("run/results.csv"));
    assertThat(rows).hasSize(4);
    long rollbacks = run.out().lines().filter(line -> line.startsWith("rolled back")).count();
    String rate = rows.getLast().substring(rows.getLast().lastIndexOf(',') + 1);
    assertThat(Double.parseDouble(rate)).isLessThanOrEqualTo(Math.pow(0.5, rollbacks));
    Cli again = Cli.run("train", "resume=" + folder.resolve("run")).ok();
    assertThat(again.out()).contains("weights: ").doesNotContain("epoch 3/3");
  }

  @Test
  void patienceEndsARunAndSaysWhy() throws IOException {
    Cli run = Cli.run(call(4, "epochs=9", "patience=2", "lr0=1e-9")).ok();
    assertThat(run.out())
        .contains("stopped early after epoch 3: 0.1 AP50 + 0.9 AP has not risen for 2 epochs")
        .contains("(patience=2); it was best after epoch 1 with ", "it was 0 all the time")
        .doesNotContain("epoch 4/9");
    for (String name : List.of("results.png", "PR_curve.png", "val_batch0_pred.jpg")) {
      assertThat(folder.resolve("run").resolve(name)).isNotEmptyFile();
    }
    try (Stream<Path> files = Files.list(folder.resolve("run"))) {
      assertThat(files.filter(file -> file.toString().contains("tfevents"))).hasSize(1);
    }
    Cli again = Cli.run("train", "resume=" + folder.resolve("run")).ok();
    assertThat(again.out()).contains("stopped early after epoch 3").doesNotContain("epoch 4/9");
  }

  /** Data may be moved; a label less would make other epochs of them. */
  @Test
  void aRunGoesOnWithItsOwnDataOnly() throws IOException {
    assertThat(Cli.run(call(4, "epochs=1", "batch=1")).ok().err())
        .contains("warning: batch=1 normalises by the statistics of single pictures");
    Path moved = Files.move(folder.resolve("data"), folder.resolve("moved"));
    String run = "resume=" + folder.resolve("run");
    Cli.run("train", run).refuses("data.yaml does not exist");
    Cli.run("train", run, "data=" + moved.resolve("data.yaml")).ok();
    Path labels = moved.resolve("labels/train/00000.txt");
    Files.writeString(labels, "1 0.5 0.5 0.25 0.25\n");
    Cli.run("train", run, "data=" + moved.resolve("data.yaml"))
        .refuses("moved/data.yaml: pictures or labels are not those that the run began with");
    Files.delete(moved.resolve("images/train/00000.jpg"));
    Files.delete(labels);
    Cli.run("train", run, "data=" + moved.resolve("data.yaml")).refuses("so it cannot go on");
  }

  @Test
  void nothingIsLearnedFromBackgroundAlone() throws IOException {
    String[] call = call(4, "epochs=1", "batch=2");
    for (String split : List.of("val", "train")) {
      try (Stream<Path> labels = Files.list(folder.resolve("data/labels").resolve(split))) {
        for (Path file : labels.toList()) {
          Files.writeString(file, "");
        }
      }
      if (split.equals("val")) {
        assertThat(Cli.run(call).ok().err())
            .contains("warning: none of the pictures of 'val' has an object");
      }
    }
    Cli.run(call).refuses("none of the 4 pictures of 'train' has an object");
  }

  @Test
  void patienceNeedsSomethingToMeasure() {
    Path data = new ShapesDataSet(4, 2, 64, 3).write(folder.resolve("data"));
    Path yaml = folder.resolve("data/train-only.yaml");
    Cli.text(
        yaml, "train: images/train\nnames: [" + String.join(", ", ShapesDataSet.names()) + "]");
    assertThat(data).exists();
    Cli.run("train", "model=yolov4-tiny@0.1", "data=" + yaml, "imgsz=64", "patience=3")
        .refuses("patience= waits for better scores", "no val pictures");
  }

  /** The plan is made at the largest size; the number of parts is the fewest that fit. */
  @Test
  void batchesAreSplitByThemselves() throws IOException {
    Cli roomy = Cli.run(call(8, "epochs=4", "batch=2", "multi_scale=true", "memory=4")).ok();
    // A few small pictures take next to nothing, whatever a cache may take.
    assertThat(roomy.out()).contains("decoded pictures up to 0.00,");
    assertThat(roomy.out())
        .containsPattern("memory: [0-9.]+ GiB of 4.00: a step of 2 pictures of at most 96x96")
        .doesNotContain("each batch is computed");
    Cli.run("train", "resume=" + folder.resolve("run"), "memory=0.001")
        .refuses("this training takes", "GiB of 0.00");
    Cli.run(call(8, "epochs=1", "memory=0.001", "out=" + folder.resolve("none")))
        .refuses("this training takes ", "a step of 1 picture of at most 64x64", "-Xmx");
    assertThat(folder.resolve("none")).doesNotExist();

    Path split = folder.resolve("split");
    String whole =
        Cli.run(
                call(
                    8,
                    "imgsz=256",
                    "epochs=1",
                    "batch=8",
                    "memory=4",
                    "out=" + folder.resolve("w")))
            .ok()
            .out();
    double need = Double.parseDouble(whole.replaceAll("(?s).*memory: ([0-9.]+) GiB.*", "$1"));
    double less = (need - 0.02) / 0.9;
    String[] narrow = call(8, "imgsz=256", "epochs=1", "batch=8", "memory=" + less, "out=" + split);
    Cli parts = Cli.run(narrow).ok();
    assertThat(parts.out())
        .containsPattern("each batch is computed in [248] parts, whose gradients add up");
    assertThat(Files.readString(split.resolve("args.yaml"))).containsPattern("subdivisions: [248]");
    Cli.run("train", "resume=" + split).ok();
  }
}
