package dev.peregrine.yolo;

import dev.peregrine.nn.io.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The detector that comes with the program: it finds red and white blood cells and platelets in
 * pictures of blood under a microscope.
 *
 * <p>A YOLOv4-tiny of half the channels, trained by {@code ./yolo train} alone on the pictures of
 * BCCD (MIT licence). Its settings and curves lie beside it among the resources of this package.
 *
 * <p><b>Source</b> github.com/Shenggan/BCCD_Dataset.
 */
public final class Pretrained {
  /** What users call it. */
  public static final String NAME = "blood-cells";

  private static final String FILE = NAME + ".safetensors";

  private Pretrained() {}

  /**
   * Reads it.
   *
   * <p><b>Cost</b> 3 MB.
   *
   * @return the network with its numbers and class names
   */
  public static Models.Trained load() {
    try (InputStream in = open()) {
      return Models.of(Path.of(FILE), Safetensors.parse(FILE, in.readAllBytes()));
    } catch (IOException failure) {
      throw new UncheckedIOException(FILE + ": cannot be read from the program's jar", failure);
    }
  }

  /**
   * Reads what it finds, and none of its numbers.
   *
   * @return the names of its classes
   */
  public static List<String> names() {
    try (InputStream in = open()) {
      return Models.classNames(Safetensors.readMetadata(FILE, in)).orElseThrow();
    } catch (IOException failure) {
      throw new UncheckedIOException(FILE + ": cannot be read from the program's jar", failure);
    }
  }

  private static InputStream open() {
    InputStream in = Pretrained.class.getResourceAsStream(FILE);
    if (in == null) {
      throw new IllegalStateException(
          FILE + ": is missing among the program's resources; build it again with mvn package");
    }
    return in;
  }
}
