package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.demo.ShapesDataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two short trainings bred one after the other, and a third when the search goes on. */
class EvolveTest {
  @TempDir Path folder;

  @Test
  void aSearchTrainsAndGoesOn() throws IOException {
    Path data = new ShapesDataSet(4, 2, 64, 3).write(folder.resolve("data"));
    Path run = folder.resolve("run");
    Cli found =
        Cli.run(
            "train",
            "model=yolov4-tiny@0.1",
            "data=" + data,
            "imgsz=64",
            "epochs=1",
            "batch=2",
            "evolve=2",
            "out=" + run);
    assertThat(found.status()).as(found.err()).isZero();
    assertThat(found.out()).contains("generation 2 of 2", "best of 2: generation ", "  lr0=");
    List<String> rows = Files.readAllLines(run.resolve("evolve.csv"));
    assertThat(rows).hasSize(3);
    assertThat(rows.getFirst())
        .startsWith("generation,fitness,P,R,AP50,AP,box_loss,obj_loss,cls_loss,|,lr0,momentum");
    assertThat(rows.get(2)).isNotEqualTo(rows.get(1)).doesNotContain("NaN");
    for (String name : List.of("hyp_evolved.yaml", "evolve.png", "args.yaml")) {
      assertThat(run.resolve(name)).isNotEmptyFile();
    }
    assertThat(run.resolve("best/weights/last.safetensors")).isNotEmptyFile();

    Path next = folder.resolve("next");
    Cli.run(
            "train",
            "model=yolov4-tiny@0.1",
            "data=" + data,
            "imgsz=64",
            "epochs=1",
            "batch=2",
            "hyp=" + run.resolve("hyp_evolved.yaml"),
            "momentum=0.8",
            "out=" + next)
        .ok();
    String rate =
        Files.readAllLines(run.resolve("hyp_evolved.yaml")).stream()
            .filter(line -> line.startsWith("lr0: "))
            .findFirst()
            .orElseThrow();
    assertThat(Files.readAllLines(next.resolve("args.yaml"))).contains(rate, "momentum: 0.8");

    // As after a kill in the middle of the second training: its row is missing.
    Files.writeString(run.resolve("evolve.csv"), rows.get(0) + "\n" + rows.get(1) + "\n");
    assertThat(Cli.run("train", "resume=" + run).status()).isZero();
    List<String> again = Files.readAllLines(run.resolve("evolve.csv"));
    assertThat(again).hasSize(3);
    assertThat(values(again.get(2))).as("the same child").isEqualTo(values(rows.get(2)));
  }

  private static String values(String row) {
    return row.substring(row.indexOf(",,"));
  }
}
