package dev.peregrine.yolo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetTest {
  @TempDir Path folder;

  @Test
  void referenceSetsAreSound() {
    DataConfig bccd = DataConfig.read(Reference.require("datasets/bccd/data.yaml"));
    assertThat(bccd.names()).containsExactly("RBC", "WBC", "Platelets");
    assertThat(DataSet.load(bccd, Split.TRAIN).size()).isEqualTo(205);
    assertThat(DataSet.load(bccd, Split.VAL).size()).isEqualTo(87);
    assertThatThrownBy(() -> DataSet.load(bccd, Split.TEST))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("add the key 'test'");
    DataScan coco =
        DataScan.of(
            DataConfig.read(Reference.require("datasets/coco_val2017_64/data.yaml")),
            Split.VAL,
            true);
    assertThat(coco.faults()).isEmpty();
    assertThat(coco.dataSet().names()).hasSize(80);
    assertThat(coco.dataSet().size()).isEqualTo(64);
    assertThat(DataSet.load(Reference.require("datasets/voc60/data.yaml"), Split.VAL).size())
        .isEqualTo(60);
  }

  @Test
  void yamlForms() throws IOException {
    picture("set/images/a/1.png", "0 .5 .5 .1 .1");
    picture("set/images/b/2.png", "1 .5 .5 .1 .1\n1 .5 .5 .1 .1");
    Files.writeString(folder.resolve("set/list.txt"), "images/a/1.png\r\n\nimages/b/2.png\n");
    Files.writeString(folder.resolve("set/c.names"), "cat\ndog\n\n");

    DataSet folders =
        DataSet.load(
            yaml("path: set\ntrain: [images/a, images/b]\nnc: 2\nnames: [cat, dog]\n"),
            Split.TRAIN);
    assertThat(folders.names()).containsExactly("cat", "dog");
    assertThat(folders.samples())
        .extracting(sample -> sample.image().getFileName().toString())
        .containsExactly("1.png", "2.png");
    assertThat(folders.objects()).isEqualTo(2);

    // YAML 1.2: the class 'no' is a word
    DataSet list = DataSet.load(yaml("train: set/list.txt\nnames: {1: no, 0: cat}\n"), Split.TRAIN);
    assertThat(list.names()).containsExactly("cat", "no");
    assertThat(list.samples()).isEqualTo(folders.samples());
    assertThat(DataConfig.read(yaml("path: set\nval: images\nnames: c.names")).names())
        .containsExactly("cat", "dog");
    assertThat(DataConfig.read(yaml("val: set\nnc: 2")).names()).containsExactly("0", "1");
  }

  @Test
  void darknetForm() throws IOException {
    picture("root/data/images/1.png", "0 .5 .5 .1 .1");
    Files.writeString(folder.resolve("root/data/list.txt"), "data/images/1.png\n");
    Files.writeString(folder.resolve("root/data/c.names"), "cat\n");
    Path file = folder.resolve("root/data/my.data");
    Files.writeString(
        file, "classes = 1\n# comment\ntrain = data/list.txt\nvalid=list.txt\nnames = c.names\n");
    DataConfig config = DataConfig.read(file);
    assertThat(config.names()).containsExactly("cat");
    assertThat(config.sources(Split.TRAIN)).isEqualTo(config.sources(Split.VAL));
    // the list's entry starts at darknet's folder, one above the list's
    Files.writeString(folder.resolve("root/data/list.txt"), "images/1.png\n");
    assertThat(DataSet.load(config, Split.VAL).size()).isEqualTo(1);
    Files.writeString(file, "classes = 2\nvalid = list.txt\nnames = c.names\n");
    assertRefused(file, "classes = 2 but c.names has 1 names");
    Files.writeString(file, "classes = 2\nnonsense\n");
    assertRefused(file, "my.data:2: 'nonsense' is not of the form key = value");
  }

  @Test
  void badDescriptionsAreNamed() throws IOException {
    assertRefused(folder.resolve("none.yaml"), "none.yaml does not exist");
    assertRefused(folder.resolve("a.json"), "a.json does not exist");
    assertRefused(folder.resolve("a.png"), ".yaml, .yml or .data");
    assertRefused(yaml("train: a\nnames: [a\n"), "data.yaml:");
    assertRefused(yaml("just text"), "keys such as");
    assertRefused(yaml(""), "keys such as");
    assertRefused(yaml("train: a\nnc: 3\nnames: [a, b]"), "nc is 3 but names has 2");
    assertRefused(yaml("train: a\nnc: many"), "nc 'many'");
    assertRefused(yaml("train: a\nnames: {0: a, 2: b}"), "none for class 1");
    assertRefused(yaml("train: a"), "names no classes");
    assertRefused(yaml("train: a\nnames: []"), "at least one class");
    assertRefused(yaml("names: [a]"), "names no pictures");
    assertRefused(yaml("path: nowhere\ntrain: a\nnames: [a]"), "nowhere");
    assertRefused(yaml("train: {a: b}\nnames: [a]"), "'train' is not a path");
  }

  @Test
  void emptySetIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("images"));
    Path folderOnly = yaml("train: images\nnames: [a]");
    assertThatThrownBy(() -> DataSet.load(folderOnly, Split.TRAIN))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has no pictures");
    Path missing = yaml("train: gone.txt\nnames: [a]");
    assertThatThrownBy(() -> DataSet.load(missing, Split.TRAIN))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("gone.txt cannot be read (it does not exist)")
        .hasMessageContaining("data.yaml:1 names it");
    Path second = yaml("train: images\nnames: [a]\nval: images/none");
    assertThatThrownBy(() -> DataSet.load(second, Split.VAL))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("none cannot be read (it does not exist)")
        .hasMessageContaining("data.yaml:3 names it");
    Path darknet = folder.resolve("my.data");
    Files.writeString(darknet, "classes = 1\nvalid = gone.txt\n");
    assertThatThrownBy(() -> DataSet.load(darknet, Split.VAL))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("my.data:2 names it");
  }

  @Test
  void scanCountsAndFaultsAreListedTogether() throws IOException {
    picture("images/good.png", "0 .5 .5 .1 .1\n0 .5 .5 .1 .1");
    picture("images/empty.png", "");
    picture("images/background.png", null);
    picture("images/four.png", "0 .5 .5 .1");
    picture("images/class.png", "0 .5 .5 .1 .1\n7 .5 .5 .1 .1");
    Path list = folder.resolve("list.txt");
    Files.writeString(
        list,
        "images/good.png\nimages/empty.png\nimages/background.png\nimages/four.png\n"
            + "images/class.png\nimages/gone.png\n");
    DataConfig config = DataConfig.read(yaml("train: list.txt\nnames: [a]"));
    DataScan scan = DataScan.of(config, Split.TRAIN, false);
    assertThat(scan.dataSet().size()).isEqualTo(3);
    assertThat(scan.found()).isEqualTo(4);
    assertThat(scan.missing()).isEqualTo(2);
    assertThat(scan.empty()).isEqualTo(1);
    assertThat(scan.corrupt()).isEqualTo(3);
    assertThat(scan.duplicates()).isEqualTo(1);
    assertThat(scan)
        .hasToString("6 pictures: 4 with labels, 2 without, 1 empty, 3 corrupt; 1 objects");
    assertThatThrownBy(() -> DataSet.load(config, Split.TRAIN))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("3 faults")
        .hasMessageContaining("four.txt:1: 4 numbers")
        .hasMessageContaining("class.txt:2: class 7")
        .hasMessageContaining("list.txt:6: names ");
  }

  @Test
  void manyFaultsAreCutAtAHundred() throws IOException {
    for (int i = 0; i < 103; i++) {
      picture("images/%03d.png".formatted(i), "nonsense");
    }
    assertThatThrownBy(() -> DataSet.load(yaml("train: images\nnames: [a]"), Split.TRAIN))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("103 faults")
        .hasMessageContaining("099.txt:1:")
        .hasMessageNotContaining("100.txt")
        .hasMessageContaining("and 3 more");
  }

  @Test
  void wrongLabelFolderIsNotTakenForBackground() throws IOException {
    picture("pictures/a.png", null);
    assertThatThrownBy(() -> DataSet.load(yaml("train: pictures\nnames: [a]"), Split.TRAIN))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no picture of the data set has a label file");
  }

  @Test
  void damagedPicturesAreFoundWhenDecoded() throws IOException {
    picture("images/a.png", "");
    Path file = folder.resolve("images/a.png");
    byte[] whole = Files.readAllBytes(file);
    whole[whole.length - 20] ^= 0x55; // between the two ends
    Files.write(file, whole);
    DataConfig config = DataConfig.read(yaml("train: images\nnames: [a]"));
    assertThat(DataScan.of(config, Split.TRAIN, false).faults()).isEmpty();
    assertThat(DataScan.of(config, Split.TRAIN, true).faults())
        .singleElement()
        .asString()
        .contains("a.png: is a damaged PNG picture");
  }

  @Test
  void cutAndForeignFilesAreFoundWithoutDecodingAll() throws IOException {
    for (String name : List.of("cut", "foreign", "longer")) {
      picture("images/" + name + ".jpg", "");
    }
    Path cut = folder.resolve("images/cut.jpg");
    byte[] whole = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(whole, whole.length - 2));
    Files.writeString(folder.resolve("images/foreign.jpg"), "no picture");
    // Zeros behind the end, as some cameras and downloads leave them: a whole picture all the same.
    Files.write(folder.resolve("images/longer.jpg"), Arrays.copyOf(whole, whole.length + 9000));
    DataConfig config = DataConfig.read(yaml("train: images\nnames: [a]"));
    assertThat(DataScan.of(config, Split.TRAIN, false).faults())
        .extracting(Fault::toString)
        .satisfiesExactly(
            fault -> assertThat(fault).contains("cut.jpg: is a truncated JPEG"),
            fault -> assertThat(fault).contains("foreign.jpg: is not a picture"));
  }

  @Test
  void listsWithoutPathsAreNamed() throws IOException {
    Files.writeString(folder.resolve("list.txt"), "a.jpg\n\0\0\n");
    assertThatThrownBy(() -> DataSet.load(yaml("train: list.txt\nnames: [a]"), Split.TRAIN))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("list.txt:2:");
    Files.writeString(folder.resolve("gap.names"), "a\n\nb\n");
    assertThatThrownBy(() -> ClassNames.read(folder.resolve("gap.names")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("gap.names:2:");
    assertThat(List.of(Split.values())).hasSize(3);
  }

  private static void assertRefused(Path file, String message) {
    assertThatThrownBy(() -> DataConfig.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }

  private Path yaml(String text) throws IOException {
    Path file = folder.resolve("data.yaml");
    Files.writeString(file, text);
    return file;
  }

  private void picture(String name, String labels) throws IOException {
    Path image = folder.resolve(name);
    Files.createDirectories(image.getParent());
    Images.write(image, new Image(2, 2));
    if (labels != null) {
      Path file = LabelFile.candidates(image).getFirst();
      Files.createDirectories(file.getParent());
      Files.writeString(file, labels);
    }
  }

  @Test
  void classesInAnotherOrder() {
    Label first = new Label(0, 0.5, 0.5, 0.1, 0.1);
    Label second = new Label(1, 0.4, 0.4, 0.1, 0.1);
    Sample sample =
        new Sample(Path.of("a.png"), List.of(first), List.of(second), Map.of(first, 7.0));
    DataSet set = new DataSet(List.of("cat", "dog"), List.of(sample));
    DataSet turned = set.inOrder(List.of("dog", "cat"));
    assertThat(turned.names()).containsExactly("dog", "cat");
    Sample other = turned.samples().getFirst();
    assertThat(other.labels()).containsExactly(new Label(1, 0.5, 0.5, 0.1, 0.1));
    assertThat(other.ignored()).containsExactly(new Label(0, 0.4, 0.4, 0.1, 0.1));
    assertThat(other.areas()).containsExactly(Map.entry(other.labels().getFirst(), 7.0));
    assertThat(set.inOrder(List.of("cat", "dog"))).isSameAs(set);
    assertThatThrownBy(() -> set.inOrder(List.of("cat", "cow")))
        .hasMessageContaining("[cat, dog] cannot be counted in the order of [cat, cow]");
  }
}
