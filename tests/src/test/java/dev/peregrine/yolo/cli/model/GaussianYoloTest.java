package dev.peregrine.yolo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.model.DetectionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cfg with {@code [Gaussian_yolo]} through the verbs that any network goes through. */
class GaussianYoloTest {
  private static final String CFG =
      """
      [net]
      width=64
      height=64
      channels=3
      batch=2
      learning_rate=0.01

      [convolutional]
      batch_normalize=1
      filters=8
      size=3
      stride=4
      pad=1
      activation=leaky

      [convolutional]
      batch_normalize=1
      filters=16
      size=3
      stride=2
      pad=1
      activation=leaky

      [convolutional]
      filters=39
      size=1
      activation=linear

      [Gaussian_yolo]
      mask=0,1,2
      anchors=12,12, 20,20, 32,32
      num=3
      classes=4
      iou_loss=%s
      uc_normalizer=0.5
      iou_normalizer=0.5
      scale_x_y=1.05
      """;

  @TempDir Path folder;

  @Test
  void isTrainedMeasuredConvertedAndFindsBoxes() throws IOException {
    Path data = new ShapesDataSet(6, 2, 64, 3).write(folder.resolve("data"));
    Path picture = Cli.picture(folder.resolve("a.png"), 64, 64);
    for (String recipe : new String[] {"darknet", "scaled"}) {
      Path cfg = folder.resolve(recipe + ".cfg");
      Files.writeString(cfg, CFG.formatted(recipe.equals("scaled") ? "mse" : "giou"));
      Path run = folder.resolve(recipe);
      Cli.run(
              "train",
              "model=" + cfg,
              "recipe=" + recipe,
              "data=" + data,
              "epochs=2",
              "batch=3",
              "out=" + run)
          .ok();
      String best = "model=" + run.resolve("weights/best.safetensors");
      DetectionModel model = Models.load(run.resolve("weights/best.safetensors")).model();
      assertThat(model.heads().getFirst().gaussian()).isTrue();
      assertThat(model.heads().getFirst().training().uncertaintyNormalizer())
          .isEqualTo(0.5, within(0.0));
      Cli.run("val", best, "data=" + data, "out=" + folder.resolve(recipe + "val")).ok();
      assertThat(Cli.run("predict", best, "source=" + picture, "save=false").ok().out())
          .contains("a.png 64x64");
      Path weights = folder.resolve(recipe + ".weights");
      Cli.run("convert", best, "to=" + weights).ok();
      assertThat(
              Cli.run("convert", "model=" + cfg, "weights=" + weights, "to=" + run + ".onnx")
                  .ok()
                  .out())
          .contains("difference");
    }
  }

  @Test
  void itsKeysAreChecked() throws IOException {
    Path cfg = folder.resolve("a.cfg");
    Files.writeString(cfg, CFG.formatted("giou") + "yolo_point=left_top\n");
    Cli.run("summary", "model=" + cfg).refuses("yolo_point=left_top in [Gaussian_yolo]");
    Files.writeString(cfg, CFG.formatted("giou").replace("filters=39", "filters=27"));
    Cli.run("summary", "model=" + cfg)
        .refuses("filters=27 before the [Gaussian_yolo] of line 29", "(4 classes + 9) = 39");
  }
}
