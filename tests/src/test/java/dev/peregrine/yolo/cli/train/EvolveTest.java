package dev.peregrine.yolo.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Console;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.evolve.Gene;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  /** Numbers that are bred may be too wild for any training; the search goes on with others. */
  @Test
  void aGenerationThatDivergesCountsAsNothing() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    Console console = new Console(new ByteArrayInputStream(new byte[0]), print, print, false);
    int status =
        EvolvedTraining.run(
            new Call(new TrainVerb(), Map.of("evolve", "3"), console),
            Gene.darknet(),
            Map.of("lr0", "0.1", "momentum", "0.9"),
            folder,
            (_, _) -> {
              throw new ArithmeticException("training: loss became NaN");
            });
    assertThat(status).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("generation counts as 0: training: loss became NaN", "best of 3: generation 1");
    assertThat(Files.readAllLines(folder.resolve("evolve.csv")))
        .hasSize(4)
        .last()
        .asString()
        .startsWith("2,0.0,");
  }

  private static String values(String row) {
    return row.substring(row.indexOf(",,"));
  }
}
