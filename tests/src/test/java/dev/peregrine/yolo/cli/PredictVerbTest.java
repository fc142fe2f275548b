package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.architecture.Sources;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pictures in, boxes out. */
class PredictVerbTest {
  @TempDir Path folder;
  private String model;
  private String weights;

  @BeforeEach
  void makeModel() {
    model = "model=" + Cli.smallCfg(folder);
    weights = "weights=" + Cli.smallWeights(folder);
  }

  private JsonNode json() {
    return JsonMapper.shared().readTree(folder.resolve("found.json").toFile());
  }

  private Cli predict(String... more) {
    List<String> all = new java.util.ArrayList<>(List.of("predict", model, weights));
    all.add("json=" + folder.resolve("found.json"));
    all.add("out=" + folder.resolve("run"));
    all.addAll(List.of(more));
    return Cli.run(all.toArray(String[]::new));
  }

  @Test
  void jsonHasPicturesAndSortedBoxesInsideThem() {
    Path picture = Cli.picture(folder.resolve("ramp.png"), 90, 50);
    Cli call = predict("source=" + picture, "conf=0.2", "names=" + names("cat", "dog")).ok();
    assertThat(call.out()).contains("device: cpu", "ramp.png 90x50: ");
    JsonNode one = json().get(0);
    assertThat(json().size()).isEqualTo(1);
    assertThat(one.get("image").asString()).isEqualTo("ramp.png");
    assertThat(one.get("width").asInt()).isEqualTo(90);
    assertThat(one.get("height").asInt()).isEqualTo(50);
    JsonNode detections = one.get("detections");
    assertThat(detections.size()).isPositive();
    double last = 1;
    for (JsonNode d : detections) {
      assertThat(d.get("score").asDouble()).isBetween(0.2, last);
      last = d.get("score").asDouble();
      assertThat(d.get("name").asString()).isEqualTo(d.get("class").asInt() == 0 ? "cat" : "dog");
      JsonNode box = d.get("box");
      assertThat(box.get(0).asDouble()).isBetween(0.0, box.get(2).asDouble());
      assertThat(box.get(1).asDouble()).isBetween(0.0, box.get(3).asDouble());
      assertThat(box.get(2).asDouble()).isLessThanOrEqualTo(90);
      assertThat(box.get(3).asDouble()).isLessThanOrEqualTo(50);
    }
  }

  private Path names(String... names) {
    return Cli.text(folder.resolve("classes.names"), String.join("\n", names) + "\n");
  }

  @Test
  void theRunFolderHoldsWhatWasAskedFor() throws IOException {
    Path picture = Cli.picture(folder.resolve("ramp.png"), 90, 50);
    predict("source=" + picture, "conf=0.2", "save_txt=true", "--save_crop").ok();
    Path run = folder.resolve("run");
    assertThat(Images.read(run.resolve("ramp.png")).width()).isEqualTo(90);
    List<String> labels = Files.readAllLines(run.resolve("labels/ramp.txt"));
    assertThat(labels).hasSize(json().get(0).get("detections").size());
    assertThat(labels).allMatch(line -> line.matches("[01]( [01]\\.\\d{6}){4}"));
    assertThat(run.resolve("crops")).isDirectoryRecursivelyContaining("glob:**.jpg");
    assertThat(Files.readString(run.resolve("args.yaml")))
        .contains("verb: \"predict\"", "conf: 0.2", "seed: 0", "lanes: \"cpu: ", "java: \"2");
    predict("source=" + picture).refuses("out=", "exists and is not empty");
  }

  @Test
  void nothingIsMadeWhenNothingIsSaved() {
    Path picture = Cli.picture(folder.resolve("ramp.jpg"), 30, 30);
    Cli.run("predict", model, weights, "source=" + picture, "save=no", "out=" + folder.resolve("x"))
        .ok();
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void foldersGlobsAndListsNameTheSamePictures() {
    for (String name : List.of("in/b.png", "in/a.png", "in/deep/c.png")) {
      Cli.text(folder.resolve(name).resolveSibling("note.txt"), "no picture");
      Cli.picture(folder.resolve(name), 32, 16);
    }
    Path in = folder.resolve("in");
    predict("source=" + in, "save=false", "batch=2").ok();
    assertThat(json().valueStream().map(n -> n.get("image").asString()))
        .containsExactly("a.png", "b.png", "deep/c.png");
    JsonNode batched = json().get(2).get("detections");
    predict("source=" + in + "/*.png", "save=false").ok();
    assertThat(json().valueStream().map(n -> n.get("image").asString()))
        .containsExactly("a.png", "b.png");
    assertThat(json().get(0).get("detections")).isEqualTo(batched);
    String list = in.resolve("b.png") + "\n\n" + in.resolve("a.png") + "\n";
    Cli.runOn(
            list,
            "predict",
            model,
            weights,
            "source=-",
            "save=false",
            "json=" + folder.resolve("found.json"))
        .ok();
    assertThat(json().valueStream().map(n -> n.get("image").asString()))
        .containsExactly("b.png", "a.png");
  }

  @Test
  void aDamagedPictureDoesNotKeepTheOthersFromGettingDone() {
    Path in = folder.resolve("in");
    Cli.text(in.resolve("a.jpg"), "no picture");
    Cli.picture(in.resolve("b.png"), 32, 16);
    predict("source=" + in, "save=false").refuses("a.jpg is not a picture");
    assertThat(json().valueStream().map(n -> n.get("image").asString())).containsExactly("b.png");
  }

  private List<Double> scores(String... more) {
    predict(more).ok();
    return json()
        .get(0)
        .get("detections")
        .valueStream()
        .map(d -> d.get("score").asDouble())
        .toList();
  }

  @Test
  void duplicatesAreTreatedAsAsked() {
    String picture = "source=" + Cli.picture(folder.resolve("ramp.png"), 90, 50);
    String least = "conf=0.01";
    List<Double> plain = scores(picture, least, "save=false", "nms=plain");
    List<Double> all = scores(picture, least, "save=false", "nms=plain", "iou=1");
    assertThat(plain.size()).isLessThan(all.size());
    assertThat(scores(picture, least, "save=false", "nms=merge")).isEqualTo(plain);
    assertThat(scores(picture, least, "save=false", "nms=diou")).hasSizeBetween(1, all.size());
    assertThat(scores(picture, least, "save=false", "nms=plain", "agnostic=true").size())
        .isLessThan(plain.size());
    double sum = all.stream().mapToDouble(d -> d).sum();
    for (String soft : List.of("iou=0.45", "sigma=0.5")) {
      List<Double> softened = scores(picture, least, "save=false", "nms=soft", soft);
      assertThat(softened).hasSizeBetween(plain.size(), all.size());
      assertThat(softened.stream().mapToDouble(d -> d).sum()).isLessThan(sum);
      assertThat(softened.getFirst()).isEqualTo(all.getFirst());
      assertThat(softened).allMatch(score -> score > 0.01);
    }
  }

  @Test
  void moreLooksGiveMoreBoxesBeforeSuppression() {
    String picture = "source=" + Cli.picture(folder.resolve("ramp.png"), 90, 50);
    List<Double> once = scores(picture, "conf=0.1", "save=false", "iou=1", "nms=plain");
    List<Double> thrice =
        scores(picture, "conf=0.1", "save=false", "iou=1", "nms=plain", "--augment");
    assertThat(thrice.size()).isGreaterThan(once.size());
    assertThat(thrice).containsAll(once);
    assertThat(scores(picture, "conf=0.1", "save=false", "iou=1", "nms=plain", "levels=1"))
        .isEqualTo(once);
  }

  @Test
  void keysThatDoNotFitAreRefused() {
    String picture = "source=" + Cli.picture(folder.resolve("ramp.png"), 90, 50);
    predict(picture, "sigma=0.5").refuses("sigma= says how nms=soft works");
    predict(picture, "sigma=0.5", "nms=merge").refuses("sigma= says how nms=soft works");
    predict(picture, "levels=2").refuses("levels=2 is wrong: small has 1 heads");
  }

  @Test
  void realWeightsFindTheDogByTheNameOfTheNetworkToo() {
    Path folderOfWeights = Reference.require("weights/yolov4-tiny-voc");
    Cli.run(
            "predict",
            "model=yolov4-tiny",
            "names=" + Reference.require("names/voc.names"),
            "weights=" + folderOfWeights.resolve("yolov4-tiny-voc-h2oxi.weights"),
            "source=" + Reference.require("images/dog.jpg"),
            "save=false",
            "json=" + folder.resolve("found.json"))
        .ok();
    JsonNode dog =
        json()
            .get(0)
            .get("detections")
            .valueStream()
            .filter(d -> d.get("name").asString().equals("dog"))
            .findFirst()
            .orElseThrow();
    // darknet's dog: centre, size and score of oracles/detections/yolov4-tiny-voc/dog.dets.tsv
    assertThat(dog.get("score").asDouble()).isCloseTo(0.6532, within(0.01));
    assertThat(dog.get("box").get(0).asDouble()).isCloseTo(132.9, within(2.0));
    assertThat(dog.get("box").get(3).asDouble()).isCloseTo(516.3, within(3.0));
  }

  @Test
  void withoutAModelTheOneThatComesWithTheProgramIsTaken() {
    String picture = "source=" + Sources.root().resolve("docs/blood.jpg");
    Cli call = Cli.run("predict", picture, "save=false", "out=" + folder.resolve("cells")).ok();
    assertThat(call.out())
        .contains("model: blood-cells", "RBC, WBC, Platelets", "blood.jpg 540x430: WBC 0.");
    Cli.run("predict", picture, weights).refuses("model= must say of which one");
  }

  /** Two files of one name, from a list or a pattern, can be told apart in the results. */
  @Test
  void filesOfOneNameAreNamedWithTheirFolders() throws IOException {
    for (String name : List.of("one", "two")) {
      Files.createDirectories(folder.resolve("same").resolve(name));
      Cli.picture(folder.resolve("same").resolve(name).resolve("x.png"), 40, 30);
    }
    predict("source=" + folder.resolve("same/*/x.png"), "save_txt=true").ok();
    assertThat(json().get(0).get("image").asString()).isEqualTo("one/x.png");
    assertThat(json().get(1).get("image").asString()).isEqualTo("two/x.png");
    assertThat(folder.resolve("run/labels/two/x.txt")).exists();
    assertThat(folder.resolve("run/one/x.png")).exists();
  }
}
