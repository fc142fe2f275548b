package dev.peregrine.yolo.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.demo.ShapesDataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AnchorsVerbTest {
  @TempDir Path folder;

  @Test
  void anchorsOfPaintedPictures() {
    Path data = new ShapesDataSet(12, 2, 64, 3).write(folder.resolve("data"));
    Path json = folder.resolve("anchors.json");
    Cli found =
        Cli.run("anchors", "data=" + data, "k=4", "imgsz=64", "generations=50", "json=" + json)
            .ok();
    assertThat(found.out())
        .contains("in 12 pictures; input 64x64, pictures fitted by stretch")
        .containsPattern("k-means by overlap +0\\.\\d{4} +\\d+\\.\\d\\d%")
        .containsPattern("evolved: anchors=\\d+,\\d+, \\d+,\\d+, \\d+,\\d+, \\d+,\\d+");
    JsonNode numbers = JsonMapper.shared().readTree(json.toFile()).get("evolved");
    assertThat(numbers.get("anchors").size()).isEqualTo(4);
    assertThat(numbers.get("best_possible_recall").asDouble()).isBetween(0.9, 1.0);

    assertThat(
            Cli.run("anchors", "data=" + data, "model=yolov4-tiny", "imgsz=64", "generations=5")
                .ok()
                .out())
        .contains("of the network", "anchors=10,14, 23,27, 37,58, 81,82, 135,169, 344,319");
    assertThat(Cli.run("anchors", "data=" + data, "resize=letterbox", "generations=5").ok().out())
        .contains("input 416x416, pictures fitted by letterbox");
  }

  @Test
  void faultyPicturesAreLeftOutWhereTheyMayBe() throws IOException {
    Path data = new ShapesDataSet(12, 2, 64, 3).write(folder.resolve("data"));
    Path labels = data.resolveSibling("labels").resolve("train").resolve("00000.txt");
    Files.writeString(labels, "0 0.5 0.5 nonsense 0.5\n");
    Cli.run("anchors", "data=" + data, "k=4", "generations=5").refuses("00000.txt:1");
    Cli tolerant = Cli.run("anchors", "data=" + data, "k=4", "generations=5", "faulty=0.1").ok();
    assertThat(tolerant.out()).contains("in 11 pictures");
    assertThat(tolerant.err()).contains("1 of 12 pictures of 'train' are faulty and left out");
  }

  @Test
  void tooFewBoxesAreRefused() {
    Path data = new ShapesDataSet(1, 1, 64, 3).write(folder.resolve("data"));
    Cli.run("anchors", "data=" + data, "k=90").refuses("too few for 90 anchors", "smaller k=");
    Cli.run("anchors", "k=3").refuses("data= is missing");
  }
}
