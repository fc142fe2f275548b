package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.device.Devices;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.YoloV4Tiny;
import dev.peregrine.yolo.recipe.DarknetRecipe;
import dev.peregrine.yolo.recipe.Hyper;
import dev.peregrine.yolo.recipe.Hyperparameters;
import dev.peregrine.yolo.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Networks learn a few pictures by heart from random weights: the proof that the whole chain fits
 * together.
 */
class OverfitTest {
  @TempDir Path folder;

  @Test
  void learnsEightBloodPicturesByHeart() {
    Path data = Reference.require("datasets/bccd/data.yaml");
    DataSet all = DataSet.load(data, Split.TRAIN);
    learn(new DataSet(all.names(), all.samples().subList(0, 8)), 192, 150, 0.02, 0.95);
  }

  /**
   * These pictures (seed 14) have no two objects in one cell with the same best anchor. Darknet's
   * assignment teaches both to the same numbers, so one of them can hardly be learned: with one
   * such pair (seed 3) AP50 ends at 0.949. Without, AP50 was 1.000 for six seeds of weights and
   * order.
   */
  @Test
  void learnsEightPicturesOfShapesByHeart() {
    Path data = new ShapesDataSet(8, 2, 128, 14).write(folder.resolve("data"));
    learn(DataSet.load(data, Split.TRAIN), 128, 200, 0.005, 0.95);
  }

  private void learn(DataSet data, int side, int epochs, double rate, double wanted) {
    DetectionModel model =
        Models.named("yolov4-tiny@0.25", data.names().size(), YoloV4Tiny.anchors(side));
    Hyperparameters hyper = Hyperparameters.of(Recipe.Kind.DARKNET).with(Hyper.LR0, rate);
    TrainingSettings settings =
        TrainingSettings.of(
                DarknetRecipe.of(hyper, DarknetSettings.NONE), InputSize.square(side), epochs, 4, 0)
            .every(epochs, 1e9);
    CocoResult result =
        new TrainingRun(
                model,
                Models.initialize(model, 1),
                data,
                data,
                settings,
                folder.resolve("run"),
                Devices.cpu(),
                List.of())
            .start();
    assertThat(result).isNotNull();
    assertThat(result.ap50()).isGreaterThanOrEqualTo(wanted);
  }
}
