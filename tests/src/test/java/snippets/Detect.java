package snippets;

// @start region="detect"
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Images;
import java.nio.file.Path;

public final class Detect {
  public static void main(String[] args) {
    Detector detector = Detector.load(Path.of(args[0]));
    for (Detection found : detector.detect(Images.read(Path.of(args[1])))) {
      System.out.println(found);
    }
  }
}
// @end
