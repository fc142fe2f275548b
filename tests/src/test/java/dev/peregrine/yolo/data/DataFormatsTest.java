package dev.peregrine.yolo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.data.check.Plants;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One data set in every form and layout gives the same labels. */
class DataFormatsTest {
  @TempDir Path folder;
  private Plants plants;

  @BeforeEach
  void plants() {
    plants = new Plants(folder);
  }

  private static final String VOC =
      """
      <annotation><folder>x</folder><filename>%s</filename>
      <size><width>40</width><height>20</height><depth>3</depth></size>
      <object><name>dog</name><part><name>head</name>
       <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
       <bndbox><xmin>10</xmin><ymin>5</ymin><xmax>30</xmax><ymax>15.5</ymax></bndbox></object>
      <object><name>cat</name><difficult>1</difficult>
       <bndbox><xmin>0</xmin><ymin>0</ymin><xmax>4</xmax><ymax>4</ymax></bndbox></object>
      </annotation>
      """;
  private static final String COCO =
      """
      {"annotations": [
       {"id": 1, "image_id": 3, "category_id": 90, "bbox": [10, 5, 20, 10.5], "area": 77,
        "segmentation": [[10, 5, 30, 5, 30, 15.5]], "iscrowd": 0},
       {"id": 2, "image_id": 3, "category_id": 2, "bbox": [0, 0, 4, 4], "area": 16, "iscrowd": 1}],
       "images": [{"id": 3, "file_name": "a.png", "width": 40, "height": 20}],
       "categories": [{"id": 90, "name": "dog"}, {"id": 2, "name": "cat"}]}
      """;

  private void assertIsTheDataSet(DataSet data) {
    assertThat(data.names()).contains("cat", "dog");
    Sample sample = data.samples().getFirst();
    assertThat(sample.image()).hasFileName("a.png");
    Label label = sample.labels().getFirst();
    assertThat(data.names().get(label.classIndex())).isEqualTo("dog");
    assertThat(label.left()).isCloseTo(0.25, within(1e-12));
    assertThat(label.top()).isCloseTo(0.25, within(1e-12));
    assertThat(label.right()).isCloseTo(0.75, within(1e-12));
    assertThat(label.bottom()).isCloseTo(0.775, within(1e-12));
    assertThat(sample.labels()).hasSize(1);
  }

  private void assertHasTheDifficultCat(DataSet data) {
    Label cat = data.samples().getFirst().ignored().getFirst();
    assertThat(data.names().get(cat.classIndex())).isEqualTo("cat");
    assertThat(cat.width()).isCloseTo(0.1, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({
    "JPEGImages/a.png, Annotations/a.xml, .",
    "images/a.png, annotations/a.xml, .",
    "images/train/a.png, annotations/train/a.xml, described.yaml",
    "train/a.png, train/a.xml, .",
    "a.png, a.xml, .",
    "images/a.png, boxes/a.xml, boxes"
  })
  void vocInAnyLayout(String picture, String xml, String place) {
    plants.picture(picture, 40, 20, null);
    plants.text(xml, VOC.formatted("a.png"));
    if (place.endsWith(".yaml")) {
      plants.text(place, "train: images/train\nnames: [dog, cat]\n");
    }
    DataSet data = DataSet.load(folder.resolve(place), Split.TRAIN);
    assertIsTheDataSet(data);
    assertHasTheDifficultCat(data);
    assertThat(data.samples().getFirst().areas()).isEmpty();
  }

  @Test
  void vocWithListsOfSplits() {
    plants.picture("JPEGImages/a.png", 40, 20, null);
    plants.picture("JPEGImages/b.png", 40, 20, null);
    plants.text("Annotations/a.xml", VOC.formatted("a.png"));
    plants.text("Annotations/b.xml", VOC.formatted("b.png"));
    plants.text("ImageSets/Main/train.txt", "a\n");
    plants.text("ImageSets/Main/val.txt", "b 1\n");
    DataConfig config = DataConfig.read(folder);
    assertThat(config.names()).as("VOC's own twenty").hasSize(20).startsWith("aeroplane");
    assertIsTheDataSet(DataSet.load(config, Split.TRAIN));
    assertThat(DataSet.load(config, Split.VAL).samples().getFirst().image()).hasFileName("b.png");
    assertThatThrownBy(() -> DataSet.load(config, Split.TEST))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("names no 'test' pictures");
    plants.text("classes.txt", "cat\ndog\n");
    assertThat(DataConfig.read(folder).names()).containsExactly("cat", "dog");
  }

  @ParameterizedTest
  @CsvSource({
    "images/a.png, annotations/instances_train2017.json, .",
    "train2017/a.png, annotations/instances_train2017.json, .",
    "images/train2017/a.png, annotations/instances_train2017.json,"
        + " annotations/instances_train2017.json",
    "train/a.png, train/_annotations.coco.json, .",
    "images/a.png, truth.json, truth.json",
    "images/a.png, boxes.json, described.yaml"
  })
  void cocoInAnyLayout(String picture, String json, String place) {
    plants.picture(picture, 40, 20, null);
    plants.text(json, COCO);
    if (place.endsWith(".yaml")) {
      plants.text(place, "train: boxes.json\nnames: [dog, cat]\n");
    }
    DataSet data = DataSet.load(folder.resolve(place), Split.TRAIN);
    assertIsTheDataSet(data);
    assertHasTheDifficultCat(data);
    Sample sample = data.samples().getFirst();
    assertThat(sample.area(sample.labels().getFirst(), 40, 20)).as("of the outline").isEqualTo(77);
  }

  @Test
  void cocoIdsHaveGapsAndAnyOrder() {
    plants.picture("images/a.png", 40, 20, null);
    Path json = plants.text("annotations/instances_train2017.json", COCO);
    Path val = plants.text("annotations/instances_val2017.json", COCO);
    plants.text("annotations/captions_train2017.json", "{\"images\": [], \"annotations\": []}");
    DataConfig config = DataConfig.read(folder);
    assertThat(config.names()).containsExactly("cat", "dog");
    assertThat(config.sources()).containsOnlyKeys(Split.TRAIN, Split.VAL);
    assertThat(DataConfig.read(json).sources(Split.VAL)).containsExactly(val);
    assertThat(DataConfig.read(val).sources(Split.TRAIN)).as("serves as any").containsExactly(val);
    plants.text("annotations/instances_val2017.json", COCO.replace("\"cat\"", "\"cow\""));
    assertThatThrownBy(() -> DataConfig.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("name different categories");
  }

  @Test
  void outlinesGiveBoxesWhereThereAreNone() {
    plants.picture("images/a.png", 40, 20, null);
    Path json = plants.text("truth.json", COCO.replace("\"bbox\": [10, 5, 20, 10.5],", ""));
    assertIsTheDataSet(DataSet.load(json, Split.TRAIN));
  }

  @ParameterizedTest
  @CsvSource({
    "images/a.png, labels/a.txt",
    "images/train/a.png, labels/train/a.txt",
    "images/train2017/a.png, labels/train2017/a.txt",
    "train/images/a.png, train/labels/a.txt",
    "a.png, a.txt"
  })
  void yoloInAnyLayout(String picture, String labels) {
    plants.picture(picture, 40, 20, null);
    plants.text(labels, "1 0.5 0.5125 0.5 0.525\n");
    assertThatThrownBy(() -> DataSet.load(folder, Split.TRAIN))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no class names: put a classes.txt there");
    plants.text("classes.txt", "cat\ndog\n");
    assertIsTheDataSet(DataSet.load(folder, Split.TRAIN));
  }

  @Test
  void windowsListsAreRead() {
    plants.picture("data/images/a b (1) [x].png", 40, 20, "0 .5 .5 .1 .1\r\n");
    plants.text("list.txt", "data\\images\\a b (1) [x].png\r\n");
    plants.text("data.yaml", "train: list.txt\nnames: [a]\r\n");
    assertThat(DataSet.load(folder.resolve("data.yaml"), Split.TRAIN).objects()).isEqualTo(1);
  }

  @Test
  void otherPlacesAreRefusedWithOneSentence() {
    assertThatThrownBy(() -> DataConfig.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("does not describe a data set: there is no .yaml");
    plants.text("a.yaml", "train: x\nnames: [a]\n");
    plants.text("b.yaml", "train: x\nnames: [a]\n");
    assertThatThrownBy(() -> DataConfig.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("several descriptions of data sets (a.yaml, b.yaml)");
    Path cut = plants.text("cut.json", "{\"images\": [\n{\"id\": 1,");
    assertThatThrownBy(() -> DataConfig.read(cut))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("cut.json:2: not valid JSON");
    Path other = plants.text("other.json", "{\"images\": [], \"annotations\": []}");
    assertThatThrownBy(() -> DataConfig.read(other))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("need the list \"categories\"");
  }

  /**
   * The labels of voc60 were made from its xml, and its json from its labels, by other programs.
   */
  @Test
  void threeFormsOfAPublishedSetAgree() {
    Path set = Reference.require("datasets/voc60");
    DataSet yolo = DataSet.load(set.resolve("data.yaml"), Split.VAL);
    DataSet coco = DataSet.load(set.resolve("annotations_coco.json"), Split.VAL);
    DataSet voc = DataSet.load(set.resolve("annotations_voc"), Split.VAL);
    assertThat(coco.names()).isEqualTo(yolo.names());
    assertThat(voc.names()).isEqualTo(yolo.names());
    assertThat(List.of(coco.size(), voc.size())).containsOnly(60);
    // The labels have six decimals; edges of VOC are whole pixels.
    assertAgree(yolo, coco, 2e-6);
    assertAgree(yolo, voc, 2e-6);
  }

  private static void assertAgree(DataSet one, DataSet other, double tolerance) {
    List<Sample> a = sorted(one);
    List<Sample> b = sorted(other);
    for (int i = 0; i < a.size(); i++) {
      assertThat(b.get(i).image()).isEqualTo(a.get(i).image());
      List<Label> left = all(a.get(i));
      List<Label> right = all(b.get(i));
      assertThat(right).as("%s", a.get(i).image()).hasSameSizeAs(left);
      for (int j = 0; j < left.size(); j++) {
        assertThat(right.get(j).classIndex()).isEqualTo(left.get(j).classIndex());
        assertThat(right.get(j).left()).isCloseTo(left.get(j).left(), within(tolerance));
        assertThat(right.get(j).bottom()).isCloseTo(left.get(j).bottom(), within(tolerance));
      }
    }
  }

  private static List<Label> all(Sample sample) {
    return java.util.stream.Stream.concat(sample.labels().stream(), sample.ignored().stream())
        .sorted(
            Comparator.comparing((Label l) -> Math.round(l.left() * 1e4))
                .thenComparing(Label::bottom))
        .toList();
  }

  private static List<Sample> sorted(DataSet data) {
    return data.samples().stream().sorted(Comparator.comparing(Sample::image)).toList();
  }
}
