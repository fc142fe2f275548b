package dev.peregrine.yolo.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.data.check.Plants;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One data set with everything that users of detectors lose days with: labels that are dropped in
 * silence, names that are not found, pictures that the camera's note turns. The command tells each
 * by its place, and trains on none of it.
 */
class BadDataTest {
  private static final String BOX = "0 0.5 0.5 0.4 0.4\n";

  @TempDir Path folder;
  private Plants plants;

  @BeforeEach
  void plants() {
    plants = new Plants(folder.resolve("set"));
  }

  /** As Windows writes it: backslashes, CRLF, a byte-order mark. */
  private void list(String name, List<String> pictures) {
    String lines = String.join("\r\n", pictures).replace('/', '\\');
    plants.text(name, "\uFEFF" + lines + "\r\n");
  }

  /** Odd, yet no fault: all of it is read. */
  private List<String> plantSound() {
    plants.picture("images/train/a b (1) [x].png", 64, 48, BOX.replace("\n", "\r\n"));
    plants.picture("images/train/été 図.png", 64, 48, BOX);
    plants.picture("images/train/beside.png", 64, 48, null);
    plants.text("images/train/beside.txt", BOX);
    plants.picture("images/train/turned.jpg", 64, 48, BOX);
    plants.turn("images/train/turned.jpg", 6);
    plants.picture("images/train/background.png", 64, 48, "");
    plants.picture("images/train/twice.png", 64, 48, BOX + BOX);
    plants.picture("images/val/own.png", 64, 48, "1 0.5 0.5 0.2 0.2\n");
    return Stream.of(
            "a b (1) [x].png",
            "été 図.png",
            "beside.png",
            "turned.jpg",
            "background.png",
            "twice.png")
        .map("images/train/"::concat)
        .toList();
  }

  private void describe() {
    list("val.txt", List.of("images/val/own.png"));
    plants.text("data.yaml", "train: train.txt\r\nval: val.txt\r\nnames: [cat, dog]\r\n");
  }

  private void plantFaults() {
    List<String> good = plantSound();
    plants.picture(
        "images/train/lines.png",
        64,
        48,
        BOX
            + "0 0.5 0.5 0.4\r\n" // line 2: a number is missing
            + "0,0.5,0.5,0.4,0.4\n" // line 3: commas
            + "0 0.5 0.5 0.4 0.4 0.9\n" // line 4: a score behind
            + "cat 0.5 0.5 0.4 0.4\n" // line 5: a name
            + "0 NaN 0.5 0.4 0.4\n" // line 6
            + "2 0.5 0.5 0.4 0.4\n" // line 7: classes are 0 and 1
            + "-1 0.5 0.5 0.4 0.4\n" // line 8
            + "0.5 0.5 0.5 0.4 0.4\n" // line 9: a class and a half
            + "0 32 24 20 20\n" // line 10: pixels
            + "0 0.9 0.5 0.4 0.4\n" // line 11: leaves the picture
            + "0 0.5 0.5 0 0.4\n" // line 12: no area
            + "0 0.5 0.5 -0.4 0.4\n" // line 13
            + BOX // line 14: again
            + "1 0.5 0.5 0.4 0.4\n"); // line 15: the first box with another class
    plants.picture("images/train/cut.jpg", 64, 48, BOX);
    plants.cut("images/train/cut.jpg", 0.5);
    plants.picture("images/train/scratched.png", 64, 48, BOX);
    plants.scratch("images/train/scratched.png");
    plants.text("images/train/empty.jpg", "");
    plants.text("labels/train/empty.txt", BOX);
    plants.picture("images/train/bare.png", 64, 48, null);
    plants.picture("images/train/c d (2).png", 64, 48, null);
    plants.text("labels/train/c_d_2.txt", BOX);
    plants.picture("images/train/upper.png", 64, 48, null);
    plants.text("labels/train/upper.TXT", BOX);
    plants.picture("images/train/both.png", 64, 48, BOX);
    plants.text("images/train/both.txt", BOX);
    plants.text("labels/train/orphan.txt", BOX);
    plants.copy(good.getFirst(), "images/val/leaked.png");
    plants.text("labels/val/leaked.txt", BOX);
    Stream<String> bad =
        Stream.of(
                "lines.png",
                "cut.jpg",
                "scratched.png",
                "empty.jpg",
                "bare.png",
                "c d (2).png",
                "upper.png")
            .map("images/train/"::concat);
    Stream<String> last =
        Stream.of("images/train/gone.jpg", "images/train/both.png", good.getFirst());
    list("train.txt", Stream.concat(Stream.concat(good.stream(), bad), last).toList());
    describe();
    list("val.txt", List.of("images/val/own.png", "images/val/leaked.png"));
  }

  private static final String[] ERRORS = {
    "labels/train/lines.txt:2: 4 numbers in ",
    "labels/train/lines.txt:3: 1 numbers in '0,0.5,0.5,0.4,0.4'",
    "labels/train/lines.txt:4: 6 numbers in ",
    "labels/train/lines.txt:5: 'cat' is not a number",
    "labels/train/lines.txt:6: 'NaN' is not a finite number",
    "labels/train/lines.txt:7: class 2 is out of range: the data set has 2 classes",
    "labels/train/lines.txt:8: class '-1' is not a whole number from 0 up",
    "labels/train/lines.txt:9: class '0.5' is not a whole number from 0 up",
    "labels/train/lines.txt:10: box from ",
    "labels/train/lines.txt:11: box from ",
    "labels/train/lines.txt:12: box of size 0 x 0.4",
    "labels/train/lines.txt:13: box of size -0.4 x 0.4",
    "images/train/cut.jpg: is a truncated JPEG",
    "images/train/empty.jpg: ",
    "labels/train/c_d_2.txt: seems to hold the labels of ",
    "labels/train/upper.TXT: seems to hold the labels of ",
    "train.txt:14: names ",
    "images/val/leaked.png: the picture of 'val' is in ",
  };

  private Cli check(String... more) {
    return Cli.run(
        Stream.concat(Stream.of("data", "check", "data=" + plants.folder()), Stream.of(more))
            .toArray(String[]::new));
  }

  private Cli train() {
    return Cli.run(
        "train",
        "model=yolov4-tiny@0.1",
        "data=" + plants.folder(),
        "imgsz=64",
        "epochs=1",
        "batch=4",
        "out=" + folder.resolve("run"));
  }

  private String without(String text) {
    return text.replace(plants.folder() + "/", "");
  }

  @Test
  void everyFaultIsToldByItsPlace() {
    plantFaults();
    Cli check = check();
    assertThat(check.status()).isEqualTo(2);
    String out = without(check.out());
    assertThat(out.lines().map(String::strip))
        .contains(
            "warning repeated label (2): counted once",
            "warning one box, two classes (1): both are learned",
            "warning picture turned by EXIF (1): turned before anything else",
            "note    empty label file (1): background")
        .anyMatch(line -> line.startsWith("labels/train/lines.txt:14: ") && line.contains("line 1"))
        .anyMatch(line -> line.startsWith("labels/train/lines.txt:15: "))
        .anyMatch(line -> line.startsWith("labels/train/twice.txt:2: "))
        .anyMatch(
            line -> line.startsWith("images/train/turned.jpg: ") && line.contains("orientation 6"))
        .anyMatch(line -> line.startsWith("images/train/both.txt: is not read"))
        .anyMatch(line -> line.startsWith("labels/train/orphan.txt: has no picture"))
        .anyMatch(
            line -> line.startsWith("train.txt:16: names ") && line.contains("as line 1 does"))
        .anyMatch(line ->
            line.startsWith("images/train/bare.png: has no label file")
                && line.contains("labels/train/bare.txt, ")
                && line.contains("images/train/bare.txt"));
    for (String error : ERRORS) {
      assertThat(out.lines().map(String::strip)).as(error).anyMatch(l -> l.startsWith(error));
    }
    assertThat(out).contains("images/train/scratched.png: is a damaged PNG");
    assertThat(out.lines().toList().getLast()).startsWith((ERRORS.length + 1) + " errors, ");
  }

  @Test
  void trainingRefusesWithTheListAndLeavesNothing() {
    plantFaults();
    Cli refused = train();
    assertThat(refused.status()).isEqualTo(2);
    String err = without(refused.err());
    assertThat(err).startsWith("yolo: " + ERRORS.length + " faults in the data set:");
    for (String error : ERRORS) {
      assertThat(err.lines()).as(error).anyMatch(line -> line.startsWith(error));
    }
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void oddNamesAndTurnedPicturesAreLearned() {
    list("train.txt", plantSound());
    describe();
    assertThat(check().ok().out())
        .contains("train: 6 pictures: 6 with labels, 0 without, 1 empty, 0 corrupt; 5 objects");
    assertThat(train().ok().out()).contains("6 pictures to learn from, 1 to measure on");
  }

  /** Of Pascal VOC the stated size tells that boxes were drawn before the picture was turned. */
  @Test
  void boxesDrawnBeforeTurningAreRefused() {
    plants.picture("JPEGImages/a.jpg", 64, 48, null);
    plants.turn("JPEGImages/a.jpg", 6);
    plants.text(
        "Annotations/a.xml",
        """
        <annotation><filename>a.jpg</filename><size><width>64</width><height>48</height></size>
        <object><name>cat</name><bndbox><xmin>5</xmin><ymin>5</ymin><xmax>60</xmax><ymax>20</ymax></bndbox></object>
        </annotation>
        """);
    Cli check = check();
    assertThat(check.status()).isEqualTo(2);
    assertThat(check.out()).contains("a.xml: ", "EXIF orientation 6", "unturned");
    Cli refused = train();
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("a.xml: ", "EXIF orientation 6");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  /** What the network and the data disagree on is found before the folder is made. */
  @Test
  void aWrongNumberOfClassesLeavesNothing() {
    list("train.txt", plantSound());
    plants.text("data.yaml", "train: train.txt\nnames: [cat, dog, cow]\n");
    Cli.run(
            "train",
            "model=" + Cli.smallCfg(folder),
            "data=" + plants.folder(),
            "epochs=1",
            "out=" + folder.resolve("run"))
        .refuses("small.cfg tells 2 classes apart", "names 3");
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
