package dev.peregrine.yolo.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataAugmentVerbTest {
  @TempDir Path folder;

  @Test
  void drawsPaintedPicturesWithoutData() throws IOException {
    Path out = folder.resolve("out");
    Cli done =
        Cli.run(
                "data",
                "augment",
                "imgsz=64",
                "degrees=20",
                "mosaic9=0.5",
                "grid_mask=1",
                "out=" + out)
            .ok();
    assertThat(done.out()).contains("augmentations.jpg", "recipe.jpg", " pictures/s at 64");
    Image sheet = Images.read(out.resolve("augmentations.jpg"));
    assertThat(sheet.width()).isGreaterThan(1500);
    assertThat(sheet.height()).isGreaterThan(1500);
    assertThat(out.resolve("recipe.jpg")).isNotEmptyFile();
    assertThat(Files.readString(out.resolve("args.yaml"))).contains("degrees: 20", "grid_mask: 1");
  }

  @Test
  void drawsADataSet() throws IOException {
    Path data = new ShapesDataSet(3, 1, 64, 3).write(folder.resolve("data"));
    Cli.run(
            "data",
            "augment",
            "data=" + data,
            "recipe=darknet",
            "imgsz=32x64",
            "jitter=0.1",
            "index=2",
            "out=" + folder.resolve("a"))
        .ok();
    Path cfg = Cli.smallCfg(folder);
    Path weights = Cli.smallWeights(folder);
    Cli.run(
            "data",
            "augment",
            "model=" + cfg,
            "weights=" + weights,
            "imgsz=64",
            "out=" + folder.resolve("b"))
        .ok();
    assertThat(folder.resolve("b/augmentations.jpg")).isNotEmptyFile();
    Cli.run("data", "augment", "data=" + data, "index=3")
        .refuses("index=3 is too large", "3 pictures");
  }

  @Test
  void keysOfTheOtherRecipeAreRefused() {
    Cli.run("data", "augment", "recipe=darknet", "degrees=10")
        .refuses("degrees= belongs to recipe=scaled");
    Cli.run("data", "augment", "recipe=scaled", "jitter=.1")
        .refuses("jitter= belongs to recipe=darknet");
    Cli.run("data", "augment", "mosaic=2").refuses("mosaic=2 is wrong: it must be between 0 and 1");
  }
}
