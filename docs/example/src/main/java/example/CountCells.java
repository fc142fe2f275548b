package example;

import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.Pretrained;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Images;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Counts the cells in a picture of blood with the detector that comes with Peregrine. */
public final class CountCells {
  private final Detector detector;

  CountCells() {
    Models.Trained trained = Pretrained.load();
    detector =
        Detector.of(trained.model(), trained.params()).names(trained.names()).confidence(0.3);
  }

  /** One detector serves any number of threads. */
  Map<String, Long> count(Path picture) {
    return detector.detect(Images.read(picture)).stream()
        .collect(Collectors.groupingBy(Detection::name, TreeMap::new, Collectors.counting()));
  }

  public static void main(String[] args) {
    CountCells cells = new CountCells();
    for (String picture : args) {
      System.out.println(picture + ": " + cells.count(Path.of(picture)));
    }
  }
}
