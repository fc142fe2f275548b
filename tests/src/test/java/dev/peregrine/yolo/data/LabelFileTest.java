package dev.peregrine.yolo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelFileTest {
  @TempDir Path folder;

  @Test
  void readsWhatIsWritten() throws IOException {
    LabelFile file = read("\uFEFF1 0.5 0.25 0.1 0.2\r\n\n  0\t.5 5e-1 1 1  \n1 0.5 0.25 0.1 0.2\n");
    assertThat(file.faults()).extracting(Fault::kind).containsExactly(FaultKind.REPEATED_LABEL);
    assertThat(file.lines()).containsExactly(1, 3);
    assertThat(file.labels())
        .containsExactly(new Label(1, .5, .25, .1, .2), new Label(0, .5, .5, 1, 1));
    assertThat(read("").labels()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 0.5 0.5 0.1 | 4 numbers",
        "0 0.5 0.5 0.1 0.1 0.9 | 6 numbers",
        "3 0.5 0.5 0.1 0.1 | class 3 is out of range",
        "-1 0.5 0.5 0.1 0.1 | class '-1' is not a whole number",
        "0.5 0.5 0.5 0.1 0.1 | class '0.5' is not a whole number",
        "0 NaN 0.5 0.1 0.1 | 'NaN' is not a finite number",
        "0 0.5 0.5 Infinity 0.1 | 'Infinity' is not a finite number",
        "dog 0.5 0.5 0.1 0.1 | 'dog' is not a number",
        "0 0,5 0.5 0.1 0.1 | '0,5' is not a number",
        "0 0.5 0.5 0 0.1 | must be positive",
        "0 0.5 0.5 0.1 -0.1 | must be positive",
        "0 0.98 0.5 0.1 0.1 | lies outside the picture",
        "0 0.5 0.01 0.1 0.1 | lies outside the picture",
        "0 200 100 50 60 | are these numbers pixels?",
        "0 1.0005 0.5 0.0005 0.1 | nothing inside",
      })
  void wrongLinesAreToldWithTheirNumber(String line, String expected) throws IOException {
    LabelFile file = read("0 0.5 0.5 0.1 0.1\n" + line + "\n");
    assertThat(file.labels()).hasSize(1);
    assertThat(file.faults()).hasSize(1);
    assertThat(file.faults().getFirst().toString())
        .startsWith(folder.resolve("a.txt") + ":2: ")
        .contains(expected);
  }

  @Test
  void roundingAtTheBorderIsCut() {
    Label label = LabelFile.parse("0 0.95 0.5 0.1008 1", 1);
    assertThat(label.right()).isCloseTo(1, within(1e-12));
    assertThat(label.left()).isCloseTo(0.95 - 0.0504, within(1e-12));
    assertThatThrownBy(() -> LabelFile.parse("0 0.95 0.5 0.1042 1", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outside");
    // inside the picture nothing is touched
    assertThat(LabelFile.parse("0 0.3 0.3 0.1 0.1", 1)).isEqualTo(new Label(0, .3, .3, .1, .1));
  }

  @ParameterizedTest
  @CsvSource({
    "set/images/a.jpg, set/labels/a.txt",
    "set/images/train2017/a.b.JPG, set/labels/train2017/a.b.txt",
    "images/x/images/a.png, images/x/labels/a.txt",
    "images/x/images/a.png, labels/x/labels/a.txt",
    "VOC/JPEGImages/a.jpg, VOC/labels/a.txt",
    "plain/a.bmp, plain/a.txt",
    "set/images/a.jpg, set/images/a.txt",
    "myimages/a.jpg, myimages/a.txt"
  })
  void labelsAreFoundByTheRulesOfBothFamilies(String image, String labels) throws IOException {
    Path file = folder.resolve(labels);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
    assertThat(LabelFile.find(folder.resolve(image))).contains(file);
  }

  @Test
  void labelsFolderGoesBeforeTheNeighbour() {
    Path image = folder.resolve("set/images/a.jpg");
    assertThat(LabelFile.candidates(image))
        .containsExactly(folder.resolve("set/labels/a.txt"), folder.resolve("set/images/a.txt"));
    assertThat(LabelFile.find(image)).isEmpty();
  }

  @Test
  void edges() {
    Label label = Label.ofEdges(2, .1, .2, .5, .4);
    assertThat(label.centerX()).isCloseTo(.3, within(1e-12));
    assertThat(label.left()).isCloseTo(.1, within(1e-12));
    assertThat(label.top()).isCloseTo(.2, within(1e-12));
    assertThat(label.right()).isCloseTo(.5, within(1e-12));
    assertThat(label.bottom()).isCloseTo(.4, within(1e-12));
  }

  private LabelFile read(String text) throws IOException {
    Path file = folder.resolve("a.txt");
    Files.writeString(file, text);
    return LabelFile.read(file, 3);
  }
}
