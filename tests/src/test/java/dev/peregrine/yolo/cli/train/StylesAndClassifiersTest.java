package dev.peregrine.yolo.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.classify.Classifier;
import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.demo.ShapesDataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keys of {@code train} that change layers, and backbones trained by {@code task=classify}. */
class StylesAndClassifiersTest {
  @TempDir Path folder;
  private Path data = Path.of("");

  @BeforeEach
  void paint() {
    data = new ShapesDataSet(6, 2, 64, 3).write(folder.resolve("data"));
  }

  private Params train(String name, String... keys) {
    Path run = folder.resolve(name);
    List<String> words =
        Stream.concat(
                Stream.of(
                    "train",
                    "model=yolov4-tiny@0.1",
                    "data=" + data,
                    "imgsz=64",
                    "epochs=1",
                    "batch=3",
                    "out=" + run),
                Arrays.stream(keys))
            .toList();
    Cli.run(words.toArray(String[]::new)).ok();
    return Models.load(run.resolve("weights/last.safetensors")).params();
  }

  private static float[] weights(Params params) {
    return params.entry("top.weight").value().floats();
  }

  /** Stages computed again give the same bits; everything else trains other weights. */
  @Test
  void keysChangeTraining() {
    float[] plain = weights(train("plain"));
    assertThat(weights(train("again", "recompute=true"))).isEqualTo(plain);
    for (String key :
        List.of("normalization=cbn", "dropblock=0.3", "dropconnect=0.2", "replicas=3")) {
      assertThat(weights(train(key, key))).as(key).isNotEqualTo(plain);
    }
  }

  /** A network that normalises otherwise is saved, measured, gone on with and found as that. */
  @ParameterizedTest
  @ValueSource(strings = {"group", "frn"})
  void otherNetworksAreKnownByTheirFiles(String kind) {
    Params params = train("run", "normalization=" + kind);
    assertThat(params.style().normalization())
        .isEqualTo(kind.equals("frn") ? LayerStyle.Kind.FILTER_RESPONSE : LayerStyle.Kind.GROUP);
    assertThat(params.entries()).noneMatch(entry -> entry.path().endsWith(".mean"));
    String best = "model=" + folder.resolve("run/weights/best.safetensors");
    Cli.run("val", best, "data=" + data, "out=" + folder.resolve("val")).ok();
    Path copy = folder.resolve("copy.safetensors");
    Cli.run("convert", best, "to=" + copy).ok();
    assertThat(Models.load(copy).params().style().normalization().runsAsBatch()).isFalse();
    Cli.run("convert", best, "to=" + folder.resolve("x.weights"))
        .refuses("only a .safetensors file says that layers normalise by");
    Cli.run("train", "resume=" + folder.resolve("run")).ok();
  }

  @Test
  void layersAreFrozenByName() {
    Params params = train("run", "freeze=stem.,csp.0");
    Params fresh = Models.initialize(Models.named("yolov4-tiny@0.1", 4), 0);
    for (Params.Entry entry : fresh.entries()) {
      if (entry.path().matches("(stem\\.|csp\\.0).*")) {
        same(params, fresh, entry.path());
      }
    }
    assertThat(weights(params)).isNotEqualTo(weights(fresh));
    Cli.run("train", "model=yolov4-tiny@0.1", "data=" + data, "freeze=nose.")
        .refuses("no array's path begins with 'nose.'");
  }

  /** But for the rounding of the moving average. */
  private static void same(Params actual, Params expected, String path) {
    float[] numbers = expected.entry(path).value().floats();
    float[] found = actual.entry(path).value().floats();
    for (int i = 0; i < numbers.length; i++) {
      assertThat(found[i]).as(path).isCloseTo(numbers[i], within(1e-6f));
    }
  }

  /** A classifier is trained, gone on with, and gives its backbone to a detector. */
  @Test
  void aBackboneIsTrainedAndTakenOver() throws IOException {
    Path pictures = folder.resolve("pictures");
    for (String part : List.of("train", "val")) {
      for (int i = 0; i < 6; i++) {
        Path file = pictures.resolve(part).resolve(i % 2 == 0 ? "even" : "odd").resolve(i + ".png");
        Files.createDirectories(file.getParent());
        Cli.picture(file, 40 + 8 * (i % 2), 40);
      }
    }
    Path run = folder.resolve("classifier");
    Cli trained =
        Cli.run(
                "train",
                "task=classify",
                "model=yolov4-tiny@0.1",
                "data=" + pictures,
                "imgsz=32",
                "epochs=2",
                "batch=3",
                "cutmix=0.5",
                "label_smoothing=0.1",
                "out=" + run)
            .ok();
    assertThat(trained.out())
        .contains("6 pictures of 2 classes to learn from, 6 to measure on")
        .contains("memory: ", "epoch 2/2: loss ", ", top-1 ", ", top-5 1.0000, ");
    assertThat(run.resolve("results.csv")).isNotEmptyFile();
    Cli.run("train", "resume=" + run).ok();
    Cli.run("train", "resume=" + run, "memory=0.001").refuses("this training takes ", "-Xmx");
    Path best = run.resolve("weights/best.safetensors");
    isMeasured(best, pictures);
    Cli.run(
            "train",
            "model=yolov4-tiny@0.1",
            "data=" + data,
            "imgsz=64",
            "epochs=1",
            "weights=" + best,
            "out=" + folder.resolve("wrong"))
        .refuses("holds a classifier; add partial=true");
    Params params = train("detector", "weights=" + best, "partial=true", "freeze=stem.,csp.,top.");
    Params taught = Classifier.load(best).params();
    same(params, taught, "top.weight");

    Path moved = Files.move(pictures, folder.resolve("moved"));
    Cli.run("train", "resume=" + run, "data=" + moved).ok();
    Files.delete(moved.resolve("train/odd/5.png"));
    Cli.run("train", "resume=" + run, "data=" + moved)
        .refuses("moved: pictures or labels are not those that the run began with");
  }

  private void isMeasured(Path best, Path pictures) throws IOException {
    Path json = folder.resolve("val.json");
    Cli measured =
        Cli.run(
                "val",
                "model=" + best,
                "data=" + pictures,
                "batch=4",
                "json=" + json,
                "out=" + folder.resolve("val"))
            .ok();
    assertThat(measured.out())
        .contains("6 pictures, device: ")
        .containsPattern("even +3 +[01]\\.\\d{4}\n")
        .containsPattern("top-1 [01]\\.\\d{4}  top-5 1.0000  loss [.0-9]+  \\(6 pictures\\)");
    assertThat(folder.resolve("val/confusion_matrix.png")).isNotEmptyFile();
    JsonNode numbers = JsonMapper.shared().readTree(json.toFile());
    double even = numbers.at("/classes/even/top1").asDouble();
    double odd = numbers.at("/classes/odd/top1").asDouble();
    assertThat(numbers.get("top1").asDouble()).isEqualTo((even + odd) / 2, within(1e-12));
    Files.createDirectories(pictures.resolve("val/third"));
    Cli unknown = Cli.run("val", "model=" + best, "data=" + pictures);
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.err()).contains("third: the training part has no such class");
    Files.delete(pictures.resolve("val/third"));
  }
}
