package dev.peregrine.yolo.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the {@code [net]} section of a cfg says of training is done. */
class CfgRecipeTest {
  @TempDir Path folder;

  private Path train(String name, String net, String... more) {
    int classes = ShapesDataSet.names().size();
    Path data = folder.resolve("data");
    if (!Files.exists(data)) {
      new ShapesDataSet(12, 2, 64, 3).write(data);
    }
    String text =
        Cli.SMALL_CFG
            .replace("classes=2", "classes=" + classes)
            .replace("filters=14", "filters=" + 2 * (5 + classes))
            .replace("channels=3", "channels=3\n" + net);
    Path run = folder.resolve(name);
    List<String> call =
        new ArrayList<>(
            List.of(
                "train",
                "model=" + Cli.text(folder.resolve(name + ".cfg"), text),
                "data=" + data,
                "recipe=darknet",
                "warmup=0",
                "epochs=12",
                "val_period=12",
                "out=" + run));
    call.addAll(List.of(more));
    if (call.stream().noneMatch(key -> key.startsWith("batch="))) {
      call.add("batch=4");
    }
    Cli.run(call.toArray(String[]::new)).ok();
    return run;
  }

  private static String args(Path run) throws IOException {
    return Files.readString(run.resolve("args.yaml"));
  }

  @Test
  void adversaryAttentionAndBounds() throws IOException {
    Path run = train("run", "adversarial_lr=50\nattention=1\nmosaic=1\nmosaic_bound=1\n");
    assertThat(args(run))
        .contains("adversarial_lr: 50.0", "attention: 1.0", "mosaic: 0.5", "mosaic_bound: 1.0");
    assertThat(Images.read(run.resolve("attention.jpg")).width()).isGreaterThan(64);
    Path quiet = train("quiet", "adversarial_lr=50\n", "attention=0");
    assertThat(quiet.resolve("attention.jpg")).doesNotExist();
  }

  @Test
  void adamWithItsNumbers() throws IOException {
    Path run = train("adam", "adam=1\nB1=0.8\nB2=0.99\neps=0.001\nlearning_rate=0.01\n");
    assertThat(args(run)).contains("momentum: 0.8");
    assertThat(memories(run)).anyMatch(name -> name.contains("second/"));
    assertThat(memories(train("sgd", "learning_rate=0.01\n")))
        .noneMatch(name -> name.contains("second/"));
    assertThat(memories(train("key", "learning_rate=0.01\n", "optimizer=adam")))
        .anyMatch(name -> name.contains("second/"));
    assertThat(memories(train("off", "adam=1\nlearning_rate=0.01\n", "optimizer=sgd")))
        .noneMatch(name -> name.contains("second/"));
    Cli.run(
            "train",
            "model=" + folder.resolve("adam.cfg"),
            "data=" + folder.resolve("data"),
            "recipe=darknet",
            "optimizer=adamw",
            "out=" + folder.resolve("none"))
        .refuses("optimizer=adamw has no meaning with recipe=darknet");
    assertThat(folder.resolve("none")).doesNotExist();
  }

  private static List<String> memories(Path run) {
    return List.copyOf(Safetensors.read(run.resolve("weights/last.safetensors")).arrays().keySet());
  }

  /** Larger batches where sizes are small, which is from the tenth to the hundredth last step. */
  @Test
  void dynamicMiniBatches() throws IOException {
    Path run = train("run", "dynamic_minibatch=1\nresize_step=4\n", "random=1.4", "batch=1");
    assertThat(args(run)).contains("dynamic_minibatch: 1.0", "random: 1.4");
    List<String> rows = Files.readAllLines(run.resolve("results.csv"));
    assertThat(rows).hasSize(13);
    Path plain = train("plain", "resize_step=4\n", "random=1.4", "batch=1");
    assertThat(Files.readAllLines(plain.resolve("results.csv")).get(4)).isNotEqualTo(rows.get(4));
  }
}
