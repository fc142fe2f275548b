package dev.peregrine.yolo.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.anchor.AnchorCheck;
import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.ScaledHeads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AutoAnchorTest {
  /** Anchors that are far too large for pictures of 64 x 64 pixels. */
  private static final String CFG =
      """
      [net]
      width=64
      height=64
      channels=3

      [convolutional]
      filters=8
      size=3
      stride=8
      pad=1
      activation=leaky

      [convolutional]
      filters=27
      size=1
      activation=linear

      [yolo]
      mask=0,1,2
      anchors=300,300, 400,400, 500,500
      num=3
      classes=4
      """;

  @TempDir Path folder;

  private List<Anchor> train(String name, String... more) throws IOException {
    Path data = folder.resolve("data/data.yaml");
    if (!Files.exists(data)) {
      new ShapesDataSet(6, 2, 64, 3).write(folder.resolve("data"));
    }
    Path cfg = Files.writeString(folder.resolve("a.cfg"), CFG);
    Path run = folder.resolve(name);
    List<String> call =
        new ArrayList<>(
            List.of("train", "model=" + cfg, "data=" + data, "epochs=1", "batch=3", "out=" + run));
    call.addAll(List.of(more));
    Cli done = Cli.run(call.toArray(String[]::new)).ok();
    if (more.length > 0) {
      assertThat(done.out())
          .contains("anchors reach 0.00% of the boxes")
          .containsPattern("these would reach (9\\d|100)\\.\\d\\d%: \\d+,\\d+, .*; taken");
    }
    return Models.model(run.resolve("weights/last.safetensors")).heads().getFirst().anchors();
  }

  @Test
  void betterAnchorsAreTakenWhereTheCallSaysSo() throws IOException {
    assertThat(train("plain")).first().isEqualTo(new Anchor(300, 300));
    List<Anchor> found = train("auto", "autoanchor=true");
    assertThat(found).hasSize(3).allMatch(a -> a.width() < 64 && a.height() < 64);
    assertThat(found.getFirst().width()).isLessThan(found.getLast().width());
    assertThat(Files.readString(folder.resolve("auto/args.yaml")))
        .contains("autoanchor: true")
        .containsPattern("anchors: \"?\\d\\d?,\\d\\d?, \\d\\d?,\\d\\d?, ");
    Cli.run("train", "resume=" + folder.resolve("auto")).ok();
  }

  /** The first anchor would serve every box, but no head has it. */
  @Test
  void anchorsThatNoHeadUsesDoNotCount() {
    DetectionModel model = Models.named("yolov4-tiny", 4).withInputSize(InputSize.square(64));
    assertThat(model.heads()).noneMatch(head -> head.mask().contains(0));
    List<Anchor> anchors = new ArrayList<>();
    anchors.add(new Anchor(20, 20));
    IntStream.range(1, 6).forEach(i -> anchors.add(new Anchor(300 + i, 300)));
    DetectionModel bad = Models.withAnchors(model, anchors);
    Path data = new ShapesDataSet(6, 2, 64, 3).write(folder.resolve("data"));
    AnchorCheck check = AnchorCheck.of(bad, DataSet.load(data, Split.TRAIN), 1);
    assertThat(check.given()).isEqualTo(anchors.subList(1, 6));
    assertThat(check.score().bestPossibleRecall()).isZero();
    assertThat(check.proposal()).get().asInstanceOf(LIST).hasSize(5);
    List<Anchor> better = check.proposalFor(bad);
    assertThat(better).hasSize(6).startsWith(new Anchor(20, 20));
    assertThat(better.subList(1, 6)).isEqualTo(check.proposal().orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4-tiny@0.25", "yolov4-csp-yaml@0.25", "yolov4@0.25"})
  void everyNetworkTakesOtherAnchors(String name) {
    DetectionModel model =
        ScaledHeads.of(Models.named(name, 3).withInputSize(InputSize.square(128)));
    int count = model.heads().getFirst().anchors().size();
    List<Anchor> wanted =
        IntStream.range(1, count + 1).mapToObj(i -> new Anchor(i, i + 2)).toList();
    DetectionModel other = Models.withAnchors(model, wanted);
    assertThat(other.heads()).hasSameSizeAs(model.heads());
    for (int i = 0; i < model.heads().size(); i++) {
      assertThat(other.heads().get(i).anchors()).isEqualTo(wanted);
      assertThat(other.heads().get(i).mask()).isEqualTo(model.heads().get(i).mask());
      assertThat(other.heads().get(i).newCoordinates()).isTrue();
    }
    assertThat(other.inputSize()).isEqualTo(model.inputSize());
    assertThat(other.name()).isEqualTo(model.name());
  }
}
