package dev.peregrine.yolo.data.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.data.check.Plants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written in any form is read again as it was. */
class DataWriterTest {
  private static final List<String> NAMES = List.of("it's", "<b> & c", "plain");

  @TempDir Path folder;

  private Map<Split, DataSet> splits() {
    Plants plants = new Plants(folder);
    Path first = plants.picture("in/x/a.png", 37, 23, null);
    Path twin = plants.picture("in/y/a.png", 41, 29, null);
    Path jpeg = plants.picture("in/z/turned.jpg", 64, 48, null);
    plants.turn("in/z/turned.jpg", 6);
    Label crowd = new Label(0, 0.5, 0.5, 1, 1);
    Label one = new Label(2, 1 / 3.0, 0.25, 1 / 7.0, 0.1);
    Label two = new Label(1, 0.9, 0.9, 0.2, 0.2);
    return Map.of(
        Split.TRAIN,
        new DataSet(
            NAMES,
            List.of(
                new Sample(first, List.of(one, two), List.of(crowd), Map.of(one, 12.5)),
                new Sample(twin, List.of(two)))),
        Split.VAL,
        new DataSet(NAMES, List.of(new Sample(jpeg, List.of(one)))));
  }

  @ParameterizedTest
  @EnumSource(DataFormat.class)
  void whatIsWrittenIsReadAgain(DataFormat format) {
    Map<Split, DataSet> before = splits();
    DataWriter.Written written =
        DataWriter.write(before, format, folder.resolve("out"), format == DataFormat.COCO);
    DataConfig config = DataConfig.read(written.data());
    assertThat(config.names()).isEqualTo(NAMES);
    assertThat(written.pictures().get(Split.TRAIN)).containsExactly("a.png", "a_2.png");
    for (Split split : before.keySet()) {
      List<Sample> old = before.get(split).samples();
      List<Sample> now = DataSet.load(config, split).samples();
      assertThat(now).hasSameSizeAs(old);
      for (int i = 0; i < old.size(); i++) {
        assertThat(now.get(i).image()).hasSameBinaryContentAs(old.get(i).image());
        assertSame(now.get(i).labels(), old.get(i).labels());
        assertSame(
            now.get(i).ignored(), format == DataFormat.YOLO ? List.of() : old.get(i).ignored());
      }
    }
    Sample again = DataSet.load(config, Split.TRAIN).samples().getFirst();
    if (format == DataFormat.COCO) {
      assertThat(again.area(again.labels().getFirst(), 37, 23)).isEqualTo(12.5);
    }
  }

  private static void assertSame(List<Label> now, List<Label> old) {
    assertThat(now).hasSameSizeAs(old);
    for (int j = 0; j < old.size(); j++) {
      assertThat(now.get(j).classIndex()).isEqualTo(old.get(j).classIndex());
      assertThat(now.get(j).left()).isCloseTo(old.get(j).left(), within(3e-5));
      assertThat(now.get(j).bottom()).isCloseTo(old.get(j).bottom(), within(3e-5));
    }
  }

  @Test
  void nothingIsOverwrittenAndNothingIsLeftBehind() throws IOException {
    Map<Split, DataSet> splits = splits();
    Path full = Files.createDirectories(folder.resolve("full/x")).getParent();
    assertThatThrownBy(() -> DataWriter.write(splits, DataFormat.YOLO, full, true))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("nothing is overwritten");
    Path gone = folder.resolve("in/gone.png");
    Map<Split, DataSet> broken =
        Map.of(Split.TRAIN, new DataSet(NAMES, List.of(new Sample(gone, List.of()))));
    assertThatThrownBy(() -> DataWriter.write(broken, DataFormat.VOC, folder.resolve("out"), true))
        .isInstanceOf(FormatException.class);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("in", "full");
  }

  @Test
  void numbersAreWrittenPlainly() {
    assertThat(DataWriter.plain(1e-7)).isEqualTo("0.0000001");
    assertThat(DataWriter.plain(100)).isEqualTo("100");
    assertThat(DataWriter.plain(1 / 3.0)).isEqualTo("0.3333333333");
    assertThat(DataWriter.pixel(12)).isEqualTo("12");
    assertThat(DataWriter.pixel(-0.0001)).isEqualTo("0");
    assertThat(DataWriter.pixel(2.5)).isEqualTo("2.5");
  }
}
