package dev.peregrine.yolo.data.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.data.Fault;
import dev.peregrine.yolo.data.FaultKind;
import dev.peregrine.yolo.data.FaultKind.Severity;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of fault is planted, and every one is found at its place. */
class DataCheckTest {
  private static final String BOX = "0 0.5 0.5 0.4 0.4\n";
  private static final AnchorRule ANCHORS =
      new AnchorRule(List.of(new Anchor(10, 14), new Anchor(80, 80)), 64, 64);

  @TempDir Path folder;
  private Plants plants;

  @BeforeEach
  void plants() {
    plants = new Plants(folder);
  }

  private DataReport check(String name) {
    return DataCheck.run(folder.resolve(name), Optional.of(ANCHORS), (_, _) -> {});
  }

  /** The faults of one kind as texts, with the folder left out. */
  private List<String> found(DataReport report, FaultKind kind) {
    return report.faults().stream()
        .filter(fault -> fault.kind() == kind)
        .map(fault -> fault.toString().replace(folder + "/", ""))
        .toList();
  }

  /** One fault of a kind is found, that begins with the first text and has the others. */
  private void assertOnly(DataReport report, FaultKind kind, String start, String... parts) {
    assertThat(found(report, kind)).hasSize(1);
    String fault = found(report, kind).getFirst();
    assertThat(fault).startsWith(start);
    assertThat(List.of(parts)).allMatch(fault::contains);
  }

  private void plantYolo() {
    plants.picture("images/train/good.jpg", 64, 48, BOX + "1 0.5 0.5 0.2 0.2\n");
    plants.picture(
        "images/train/label.png",
        64,
        48,
        BOX
            + "0 0.5 0.5 0.4\n" // line 2: four numbers
            + "dog 0.5 0.5 0.4 0.4\n" // line 3: no number
            + "0 NaN 0.5 0.4 0.4\n" // line 4
            + "5 0.5 0.5 0.4 0.4\n" // line 5: class 5 of 5
            + "-1 0.5 0.5 0.4 0.4\n" // line 6
            + "0 320 240 100 80\n" // line 7: pixels
            + "0 -0.2 0.5 0.4 0.4\n" // line 8: negative
            + "0 0.9 0.5 0.4 0.4\n" // line 9: leaves the picture
            + "0 0.5 0.5 0 0.4\n" // line 10: no width
            + "0 0.5 0.5 0.4 -0.1\n" // line 11: negative height
            + BOX // line 12: repeated
            + "1 0.5 0.5 0.4 0.4\n" // line 13: the box of line 1 with another class
            + "0 0.3 0.3 0.01 0.01\n"); // line 14: 0.6 pixels
    plants.picture("images/train/empty.png", 64, 48, "");
    plants.picture("images/train/none.png", 64, 48, null);
    plants.picture("images/train/bare.png", 64, 48, null);
    plants.picture("images/train/cut.jpg", 64, 48, BOX);
    plants.cut("images/train/cut.jpg", 0.6);
    plants.picture("images/train/scratched.png", 64, 48, BOX);
    plants.scratch("images/train/scratched.png");
    plants.text("images/train/text.jpg", "no picture");
    plants.text("labels/train/text.txt", BOX);
    plants.picture("images/train/turned.jpg", 64, 48, BOX);
    plants.turn("images/train/turned.jpg", 6);
    plants.picture("images/train/tiny.png", 6, 6, BOX);
    plants.picture("images/train/twice.png", 64, 48, BOX);
    plants.copy("images/train/twice.png", "images/train/again.png");
    plants.text("labels/train/again.txt", "2 0.5 0.5 0.4 0.4\n");
    plants.picture("images/train/stem.png", 64, 48, BOX);
    plants.picture("images/train/stem.jpg", 64, 48, null);
    plants.text("images/train/good.txt", BOX);
    plants.text("labels/train/orphan.txt", BOX);
    plants.text("labels/train/none.TXT", BOX);
    plants.text("images/train/phone.heic", "a format that is not read");
    plants.copy("images/train/good.jpg", "images/val/leaked.jpg");
    plants.text("labels/val/leaked.txt", BOX);
    Image once = Images.read(folder.resolve("images/train/good.jpg"));
    Images.write(folder.resolve("images/val/saved-again.png"), brighter(once));
    plants.text("labels/val/saved-again.txt", BOX);
    plants.picture("images/val/own.png", 64, 48, BOX);
    plants.text("train.txt", listing("train") + "images/train/gone.jpg\nimages/train/good.jpg\n");
    plants.text("labels/train.cache", "old");
    plants.age("labels/train.cache", 3600);
    plants.text(
        "data.yaml",
        "train: train.txt\nval: images/val\ntest: lost.txt\nnc: 4\nnames: [a, b, c, d, a]\n");
  }

  private static Image brighter(Image image) {
    Image other = new Image(image.width(), image.height());
    for (int i = 0; i < other.rgb().length; i++) {
      other.rgb()[i] = Math.min(1, image.rgb()[i] + 1 / 255f);
    }
    return other;
  }

  private String listing(String split) {
    String[] names =
        folder
            .resolve("images/" + split)
            .toFile()
            .list((_, name) -> name.endsWith(".jpg") || name.endsWith(".png"));
    assertThat(names).isNotNull();
    return List.of(names).stream()
        .sorted()
        .map(name -> "images/" + split + "/" + name + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void everyFaultOfYoloIsFoundAtItsPlace() {
    plantYolo();
    DataReport report = check("data.yaml");
    String label = "labels/train/label.txt:";
    assertOnly(report, FaultKind.CLASS_COUNT, "data.yaml:4: nc is 4 but names has 5");
    assertThat(found(report, FaultKind.SAME_NAME)).singleElement().asString().contains("'a'");
    assertThat(found(report, FaultKind.DESCRIPTION))
        .singleElement()
        .asString()
        .contains("lost.txt");
    assertOnly(report, FaultKind.PICTURE_MISSING, "train.txt:");
    assertThat(found(report, FaultKind.PICTURE_DAMAGED))
        .hasSize(3)
        .anyMatch(fault -> fault.startsWith("images/train/cut.jpg: is a truncated JPEG"))
        .anyMatch(fault -> fault.startsWith("images/train/scratched.png: is a damaged PNG"))
        .anyMatch(fault -> fault.startsWith("images/train/text.jpg: is not a picture"));
    assertOnly(report, FaultKind.WRONG_FIELDS, label + "2: ");
    assertThat(found(report, FaultKind.NOT_A_NUMBER))
        .satisfiesExactly(
            fault -> assertThat(fault).startsWith(label + "3: "),
            fault -> assertThat(fault).startsWith(label + "4: "));
    assertThat(found(report, FaultKind.CLASS_UNKNOWN))
        .satisfiesExactly(
            fault -> assertThat(fault).startsWith(label + "5: class 5 is out of range"),
            fault -> assertThat(fault).startsWith(label + "6: "));
    assertOnly(report, FaultKind.NOT_NORMALISED, label + "7: ", "pixels?");
    assertThat(found(report, FaultKind.OUTSIDE))
        .satisfiesExactly(
            fault -> assertThat(fault).startsWith(label + "8: "),
            fault -> assertThat(fault).startsWith(label + "9: "));
    assertThat(found(report, FaultKind.EMPTY_BOX))
        .satisfiesExactly(
            fault -> assertThat(fault).startsWith(label + "10: "),
            fault -> assertThat(fault).startsWith(label + "11: "));
    assertOnly(report, FaultKind.REPEATED_LABEL, label + "12: ", "line 1");
    assertOnly(report, FaultKind.TWO_CLASSES, label + "13: ");
    assertOnly(
        report, FaultKind.UNSERVED_BOX, label + "14: box of 0.6 x 0.5 pixels at imgsz=64x64");
    assertOnly(report, FaultKind.LABELS_EMPTY, "labels/train/empty.txt: ");
    assertThat(found(report, FaultKind.LABELS_MISSING))
        .anyMatch(fault -> fault.startsWith("images/train/bare.png: "));
    assertOnly(report, FaultKind.LABELS_MISNAMED, "labels/train/none.TXT: ", "none.png");
    assertThat(found(report, FaultKind.LABELS_WITHOUT_PICTURE))
        .satisfiesExactlyInAnyOrder(
            fault -> assertThat(fault).startsWith("labels/train/none.TXT: ").contains("lower case"),
            fault -> assertThat(fault).startsWith("labels/train/orphan.txt: "));
    assertThat(found(report, FaultKind.TWO_LABEL_FILES))
        .contains(
            "images/train/good.txt: is not read, because labels/train/good.txt goes before it;"
                + " remove one");
    assertOnly(report, FaultKind.SHARED_LABELS, "labels/train/stem.txt: ");
    assertOnly(
        report, FaultKind.LISTED_TWICE, "train.txt:", "images/train/good.jpg again, as line");
    assertOnly(
        report,
        FaultKind.SAME_PICTURE,
        "images/train/twice.png: ",
        "again.png",
        "their labels differ");
    assertOnly(report, FaultKind.LEAKED, "images/val/leaked.jpg: ", "images/train/good.jpg");
    assertOnly(report, FaultKind.ALIKE, "images/val/saved-again.png: ");
    assertOnly(report, FaultKind.TURNED, "images/train/turned.jpg: ", "orientation 6");
    assertOnly(report, FaultKind.TINY_PICTURE, "images/train/tiny.png: ");
    assertOnly(report, FaultKind.FORMAT_UNREAD, "images/train/phone.heic: ");
    assertOnly(report, FaultKind.STALE_CACHE, "labels/train.cache: ");
    assertThat(found(report, FaultKind.UNUSED_CLASS))
        .anyMatch(fault -> fault.contains("class 3 'd' has no object"));
    assertThat(report.count(Severity.ERROR)).isEqualTo(18);
  }

  private void plantVoc() {
    String size = "<size><width>64</width><height>48</height></size>";
    plants.picture("voc/JPEGImages/a.png", 64, 48, null);
    plants.text(
        "voc/Annotations/a.xml",
        "<annotation><filename>a.png</filename>"
            + size
            + "\n"
            + object("cat", "1", "5", "5", "20", "20", "0")
            + "\n"
            + object("cow", "2", "5", "5", "20", "20", "0")
            + "\n" // line 3: no such class
            + object("cat", "3", "20", "5", "10", "20", "0")
            + "\n" // line 4: right of its right
            + object("cat", "4", "5", "5", "90", "20", "0")
            + "\n" // line 5: leaves the picture
            + object("cat", "5", "five", "5", "9", "20", "0")
            + "\n" // line 6: no number
            + object("cat", "6", "1", "1", "30", "30", "1")
            + "\n" // line 7: difficult
            + "</annotation>");
    plants.picture("voc/JPEGImages/b.png", 64, 48, null);
    plants.text("voc/Annotations/b.xml", "<annotation>\n<object>");
    plants.picture("voc/JPEGImages/c.png", 64, 48, null);
    plants.text(
        "voc/Annotations/c.xml",
        "<annotation><filename>c.png</filename>" + size.replace("64", "640") + "</annotation>");
    plants.picture("voc/JPEGImages/d.jpg", 64, 48, null);
    plants.turn("voc/JPEGImages/d.jpg", 8);
    plants.text(
        "voc/Annotations/d.xml",
        "<annotation><filename>d.jpg</filename>"
            + size
            + object("cat", "1", "5", "5", "20", "20", "0")
            + "</annotation>");
    plants.text("voc/Annotations/e.xml", "<annotation><filename>e.jpg</filename></annotation>");
    plants.text("voc/classes.txt", "cat\ndog\n");
  }

  private static String object(
      String name, String pose, String left, String top, String right, String bottom, String hard) {
    return "<object><name>%s</name><pose>%s</pose><difficult>%s</difficult><bndbox><xmin>%s</xmin>"
            .formatted(name, pose, hard, left)
        + "<ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox></object>"
            .formatted(top, right, bottom);
  }

  @Test
  void everyFaultOfVocIsFoundAtItsPlace() {
    plantVoc();
    DataReport report = check("voc");
    String a = "voc/Annotations/a.xml:";
    assertOnly(report, FaultKind.CLASS_UNKNOWN, a + "3: object 'cow'");
    assertOnly(report, FaultKind.EMPTY_BOX, a + "4: ");
    assertOnly(report, FaultKind.OUTSIDE, a + "5: ", "leaves the picture of 64 x 48");
    assertOnly(report, FaultKind.NOT_A_NUMBER, a + "6: ");
    assertOnly(report, FaultKind.IGNORED, a + "7: ");
    assertOnly(report, FaultKind.LABELS_UNREADABLE, "voc/Annotations/b.xml:2: not valid XML");
    assertThat(found(report, FaultKind.SIZE_DIFFERS))
        .satisfiesExactly(
            fault ->
                assertThat(fault).startsWith("voc/Annotations/c.xml: states 640 x 48 pixels but"),
            fault ->
                assertThat(fault)
                    .startsWith("voc/Annotations/d.xml: ")
                    .contains("EXIF orientation 8", "unturned"));
    assertOnly(report, FaultKind.PICTURE_MISSING, "voc/JPEGImages/e.jpg: ");
    assertThat(found(report, FaultKind.UNUSED_CLASS)).singleElement().asString().contains("'dog'");
  }

  private void plantCoco() {
    plants.picture("coco/images/a.png", 64, 48, null);
    plants.text(
        "coco/annotations/instances_train.json",
        """
        {"images": [{"id": 7, "file_name": "a.png", "width": 64, "height": 48},
         {"id": 9, "file_name": "gone.png", "width": 64, "height": 48}],
         "annotations": [
         {"id": 1, "image_id": 7, "category_id": 18, "bbox": [1, 2, 30, 20], "area": 300},
         {"id": 2, "image_id": 7, "category_id": 4, "bbox": [1, 2, 30, 20]},
         {"id": 3, "image_id": 8, "category_id": 18, "bbox": [1, 2, 30, 20]},
         {"id": 4, "image_id": 7, "category_id": 18, "bbox": [1, 2, 0, 20]},
         {"id": 5, "image_id": 7, "category_id": 18, "bbox": [-9, 2, 20, 20]},
         {"id": 6, "image_id": 7, "category_id": 18},
         {"id": 7, "image_id": 7, "category_id": 18, "bbox": [1, 2, 9, 9], "iscrowd": 1}],
         "categories": [{"id": 18, "name": "dog"}]}
        """);
  }

  @Test
  void everyFaultOfCocoIsFoundAtItsPlace() {
    plantCoco();
    DataReport report = check("coco");
    String json = "coco/annotations/instances_train.json:";
    assertOnly(report, FaultKind.CLASS_UNKNOWN, json + "5: annotation 2 has category 4");
    assertOnly(
        report, FaultKind.LABEL_WITHOUT_PICTURE, json + "6: annotation 3 belongs to picture 8");
    assertOnly(report, FaultKind.EMPTY_BOX, json + "7: ");
    assertOnly(report, FaultKind.OUTSIDE, json + "8: ");
    assertOnly(report, FaultKind.NOT_A_NUMBER, json + "9: ");
    assertOnly(report, FaultKind.IGNORED, json + "10: ");
    assertOnly(report, FaultKind.PICTURE_MISSING, "coco/images/gone.png: ");
  }

  @Test
  void noKindOfFaultIsNeverPlanted() {
    plantYolo();
    plantVoc();
    plantCoco();
    plants.picture("one/images/a.png", 32, 32, "1 0.5 0.5 0.5 0.5\n2 0.5 0.5 0.2 0.2\n");
    plants.text("one/data.yaml", "train: images\nval: images\nnames: [a, b]\n");
    plants.picture("bare/pictures/a.png", 32, 32, null);
    plants.text("bare/data.yaml", "train: pictures\nnames: [a]\n");
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    for (String place : List.of("data.yaml", "voc", "coco", "one", "bare")) {
      check(place).faults().stream().map(Fault::kind).forEach(kinds::add);
    }
    assertThat(kinds).isEqualTo(EnumSet.allOf(FaultKind.class));
    assertThat(found(check("one"), FaultKind.COUNTED_FROM_ONE)).hasSize(1);
    assertThat(found(check("one"), FaultKind.SAME_SPLITS)).hasSize(1);
    assertThat(found(check("bare"), FaultKind.NO_LABELS)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bccd", "bccd/annotations_voc", "voc60", "coco_val2017_64"})
  void publishedDataHaveNoErrors(String name) {
    DataReport report =
        DataCheck.run(Reference.require("datasets/" + name), Optional.empty(), (_, _) -> {});
    List<Fault> errors = report.faults().stream().filter(Fault::isError).toList();
    if (name.endsWith("voc")) {
      // two boxes of the original files have no area, as the reference's notes say
      assertThat(errors).hasSize(2).allMatch(fault -> fault.kind() == FaultKind.EMPTY_BOX);
    } else {
      assertThat(errors).isEmpty();
    }
  }
}
