package dev.peregrine.yolo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.Split;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as COCO's instances. */
class CocoFuzzTest {
  static Stream<byte[]> seeds() {
    return Seeds.of(
        """
        {"images": [{"id": 1, "file_name": "a.jpg", "width": 4, "height": 3}],
         "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 1.5],
           "area": 3, "iscrowd": 0, "segmentation": [[1, 1, 2, 2, 1, 2]]}],
         "categories": [{"id": 7, "name": "dog"}]}
        """,
        """
        {"annotations": [{}, {"image_id": 2, "category_id": 1e9}, {"bbox": [1, "2", null, {}]}],
         "images": [{"id": 2, "file_name": "\\u0000"}, {}], "categories": [{"id": 1, "name": ""}]}
        """,
        "{\"images\": [" + "[".repeat(900),
        "{\"categories\": [{\"id\": 123456789012345678901234567890, \"name\": \"a\"}]}");
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10m")
  void reads(byte[] bytes) {
    Path file = Scratch.write(".json", bytes);
    Laws.hold(
        bytes.length, 3000, 1 << 23, () -> DataScan.of(DataConfig.read(file), Split.TRAIN, false));
  }
}
