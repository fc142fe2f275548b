package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CountCellsTest {
  private static final Path BLOOD = Path.of(System.getProperty("picture", "../blood.jpg"));

  @Test
  void findsOneWhiteCell() {
    Map<String, Long> counts = new CountCells().count(BLOOD);
    assertEquals(1, counts.get("WBC"));
    assertTrue(counts.get("RBC") > 8, counts.toString());
  }

  @Test
  void countsTheSameInEveryThread() {
    CountCells cells = new CountCells();
    List<Map<String, Long>> counts =
        IntStream.range(0, 4).parallel().mapToObj(i -> cells.count(BLOOD)).toList();
    assertEquals(1, counts.stream().distinct().count());
  }
}
