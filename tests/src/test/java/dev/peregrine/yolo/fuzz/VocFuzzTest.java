package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.Split;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as an annotation of Pascal VOC. */
class VocFuzzTest {
  static Stream<byte[]> seeds() {
    return Seeds.of(
        "<annotation><filename>a.jpg</filename><size><width>4</width><height>3</height></size>"
            + "<object><name>dog</name><difficult>0</difficult><bndbox><xmin>1</xmin>"
            + "<ymin>1</ymin><xmax>2.5</xmax><ymax>2</ymax></bndbox></object></annotation>",
        "<?xml version='1.0' encoding='UTF-16'?><annotation/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><annotation>&b;</annotation>",
        "<annotation>" + "<object>".repeat(500),
        "<annotation><object/><object><name>cat</name></object><filename>/</filename></annotation>",
        "<a/>");
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] bytes) {
    Path file = Scratch.write(".xml", bytes);
    Path list = Scratch.write("-list.txt", file.toString().getBytes(StandardCharsets.UTF_8));
    DataConfig config =
        new DataConfig(
            list, list.getParent(), List.of("dog", "cat"), Map.of(Split.TRAIN, List.of(list)));
    Laws.hold(bytes.length, 2000, 1 << 23, () -> DataScan.of(config, Split.TRAIN, false));
  }
}
