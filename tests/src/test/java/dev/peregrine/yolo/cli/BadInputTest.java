package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.model.DetectionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every wrong input gets one sentence and status 2, and nothing is written. */
class BadInputTest {
  @TempDir Path folder;

  private Cli predict(String model, String weights, Path picture) {
    return Cli.run(
        "predict",
        "model=" + model,
        "weights=" + weights,
        "source=" + picture,
        "json=" + folder.resolve("out.json"),
        "out=" + folder.resolve("run"));
  }

  @AfterEach
  void nothingIsWritten() {
    assertThat(folder.resolve("run")).doesNotExist();
    assertThat(folder.resolve("out.json")).doesNotExist();
    assertThat(folder.toFile().list((_, name) -> name.endsWith(".part"))).isEmpty();
  }

  private static byte[] bytes(Path file) throws IOException {
    return Files.readAllBytes(file);
  }

  private Path picture() {
    return Cli.picture(folder.resolve("a.png"), 40, 30);
  }

  @Test
  void pictures() throws IOException {
    String cfg = Cli.smallCfg(folder).toString();
    String weights = Cli.smallWeights(folder).toString();
    predict(cfg, weights, folder.resolve("none.jpg")).refuses("none.jpg does not exist");
    Path text = Cli.text(folder.resolve("text.jpg"), "this is no picture");
    predict(cfg, weights, text).refuses("text.jpg is not a picture");
    Path whole = Cli.picture(folder.resolve("whole.jpg"), 200, 100);
    byte[] half = Arrays.copyOf(bytes(whole), (int) (Files.size(whole) / 2));
    Path cut = Files.write(folder.resolve("cut.jpg"), half);
    predict(cfg, weights, cut).refuses("cut.jpg");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    predict(cfg, weights, empty).refuses("no picture was found there");
    predict(cfg, weights, folder.resolve("nothing*.jpg")).refuses("no picture was found there");
  }

  @Test
  void aNetworkOfOtherClasses() {
    Path data = new ShapesDataSet(2, 1, 64, 3).write(folder.resolve("data"));
    for (String evolve : List.of("evolve=0", "evolve=2")) {
      Cli.run(
              "train",
              "model=" + Cli.smallCfg(folder),
              "data=" + data,
              "out=" + folder.resolve("run"),
              evolve)
          .refuses("small.cfg tells 2 classes apart", "names 4", "to=NEW.cfg classes=4");
    }
  }

  @Test
  void weights() throws IOException {
    String cfg = Cli.smallCfg(folder).toString();
    Path good = Cli.smallWeights(folder);
    Path cut = Files.write(folder.resolve("cut.weights"), Arrays.copyOf(bytes(good), 900));
    predict(cfg, cut.toString(), picture()).refuses("cut.weights", "too short");
    byte[] longer = Arrays.copyOf(bytes(good), (int) Files.size(good) + 4);
    Path over = Files.write(folder.resolve("over.weights"), longer);
    predict(cfg, over.toString(), picture()).refuses("over.weights", "4 bytes are left over");
    predict(cfg, folder.resolve("none.weights").toString(), picture())
        .refuses("none.weights: there is no such weights file");
    Path other =
        Cli.text(folder.resolve("other.cfg"), Cli.SMALL_CFG.replace("filters=12", "filters=20"));
    predict(other.toString(), good.toString(), picture()).refuses("small.weights", "another cfg");
    predict("yolov4-tiny@0.1", good.toString(), picture()).refuses("small.weights");
    predict(good.toString(), good.toString(), picture()).refuses("write model=FILE.cfg weights=");
    Cli.run("predict", "model=" + cfg, "source=" + picture()).refuses("weights= is missing");
    Path names = Cli.text(folder.resolve("three.names"), "a\nb\nc\n");
    Cli.run("predict", "model=" + cfg, "weights=" + good, "source=" + picture(), "names=" + names)
        .refuses("three.names: has 3 class names, but small tells 2 classes apart");
    Cli.run("predict", "model=" + cfg, "weights=" + good, "source=" + picture(), "imgsz=30")
        .refuses("imgsz=30x30 is wrong: both sides must be multiples of 4");
  }

  @ParameterizedTest
  @CsvSource({
    "[yolo], [yola], 'line 1', yola",
    "filters=14, filters=15, 'filters=15', 'must be'",
    "'mask=0,1', 'mask=0,7', 'mask', 'anchors'",
    "stride=2, stride=zwei, 'stride', 'zwei'"
  })
  void cfgs(String part, String replacement, String ignored, String complaint) {
    assertThat(ignored).isNotEmpty();
    Path cfg =
        Cli.text(
            folder.resolve("bad.cfg"),
            Cli.SMALL_CFG.replaceFirst(java.util.regex.Pattern.quote(part), replacement));
    Cli call = predict(cfg.toString(), Cli.smallWeights(folder).toString(), picture());
    call.refuses("bad.cfg:", complaint);
    assertThat(call.err()).containsPattern("bad\\.cfg:\\d+:");
  }

  @Test
  void checkpoints() throws IOException {
    DetectionModel model = Models.named("yolov4-tiny@0.1", 2);
    Path good = folder.resolve("good.safetensors");
    ParamsFile.write(
        Models.initialize(model, 1), Models.metadata(model, List.of("cat", "dog")), good);
    for (double share : new double[] {0.5, 0.001}) {
      Path cut =
          Files.write(
              folder.resolve("cut.safetensors"),
              Arrays.copyOf(bytes(good), (int) (Files.size(good) * share)));
      Cli.run("predict", "model=" + cut, "source=" + picture(), "out=" + folder.resolve("run"))
          .refuses("cut.safetensors");
    }
    Cli.run("predict", "model=" + folder.resolve("none.safetensors"), "source=" + picture())
        .refuses("none.safetensors: there is no such file");
    Cli.run("train", "resume=" + folder.resolve("none")).refuses("there is no run to go on with");
    Cli.run("predict", "model=yolov5", "weights=" + good, "source=" + picture())
        .refuses("model=yolov5 is wrong");
  }

  @ParameterizedTest
  @CsvSource({
    "0 0.5 0.5 0.1, '4'",
    "7 0.5 0.5 0.1 0.1, '7'",
    "0 NaN 0.5 0.1 0.1, NaN",
    "0 0.95 0.5 0.3 0.1, lies outside the picture"
  })
  void labels(String line, String part) {
    Cli.picture(folderOf("images").resolve("a.png"), 64, 64);
    Cli.text(folder.resolve("labels/a.txt"), "0 0.5 0.5 0.2 0.2\n" + line + "\n");
    for (String verb : List.of("train", "val")) {
      Cli call =
          Cli.run(
              verb,
              "model=yolov4-tiny@0.1",
              "data=" + data("images"),
              "out=" + folder.resolve("run"));
      call.refuses("a.txt:2:", part);
    }
  }

  @Test
  void aCutPictureOfADataSet() throws IOException {
    Path cut = Cli.picture(folderOf("images").resolve("a.jpg"), 64, 64);
    Files.write(cut, Arrays.copyOf(bytes(cut), (int) (Files.size(cut) / 2)));
    Cli.text(folder.resolve("labels/a.txt"), "0 0.5 0.5 0.2 0.2\n");
    Cli.run(
            "train",
            "model=yolov4-tiny@0.1",
            "data=" + data("images"),
            "out=" + folder.resolve("run"))
        .refuses("a.jpg: is a truncated JPEG");
  }

  @Test
  void dataSets() {
    Path empty = Cli.text(folder.resolve("empty.txt"), "\n");
    Cli.run("train", "model=yolov4-tiny@0.1", "data=" + data(empty.toString()))
        .refuses("has no pictures");
    Cli.run("train", "model=yolov4-tiny", "data=" + folder.resolve("none.yaml"))
        .refuses("none.yaml");
    Cli.run("train", "model=yolov4-tiny", "data=" + picture())
        .refuses("does not describe a data set");
    Path predictions = Cli.text(folder.resolve("p.json"), "[{\"image_id\": 1,");
    Cli.run("val", "predictions=" + predictions).refuses("annotations= is missing");
    Cli.run("val", "predictions=" + predictions, "annotations=" + predictions).refuses("p.json:1:");
  }

  private Path data(String pictures) {
    return Cli.text(
        folder.resolve("data.yaml"),
        "path: .\ntrain: " + pictures + "\nval: " + pictures + "\nnames: [cat, dog]\n");
  }

  private Path folderOf(String name) {
    try {
      return Files.createDirectories(folder.resolve(name));
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }

  @Test
  void foldersThatCannotBeWritten() {
    Path file = Cli.text(folder.resolve("file"), "not a folder");
    String cfg = "model=" + Cli.smallCfg(folder);
    String weights = "weights=" + Cli.smallWeights(folder);
    Cli.run("predict", cfg, weights, "source=" + picture(), "out=" + file.resolve("run"))
        .refuses("cannot be written", "is no folder that may be written to");
    Cli.run("predict", cfg, weights, "source=" + picture(), "out=" + file)
        .refuses("is a file; a folder was expected there");
    Cli.run("predict", cfg, weights, "source=" + picture(), "json=" + file.resolve("a.json"))
        .refuses("a.json cannot be written");
    Cli.run("summary", cfg, "json=" + folder).refuses("is a folder");
  }
}
