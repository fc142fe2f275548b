package dev.peregrine.yolo.demo;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A data set of painted shapes: circles, squares, triangles and stars of random size, turn and
 * colour on grainy backgrounds, hard enough to need learning and easy enough to be learnt by a
 * small network in two minutes.
 *
 * <p>Every picture depends on the seed and its own number alone: the same settings give the same
 * bytes, and asking for more pictures does not change the first ones.
 *
 * @param train number of pictures to learn from
 * @param val number of held-back pictures
 * @param size width and height of each, in pixels; at least 64
 * @param seed chooses the pictures
 */
public record ShapesDataSet(int train, int val, int size, long seed) {

  /** Checks the numbers. */
  public ShapesDataSet {
    if (train < 1 || val < 1 || size < 64) {
      throw new IllegalArgumentException(
          "a shapes data set needs pictures to train and to validate of at least 64 pixels, got "
              + train
              + ", "
              + val
              + " and "
              + size);
    }
  }

  /**
   * The classes.
   *
   * @return names by class index
   */
  public static List<String> names() {
    return IntStream.range(0, Shape.Kind.values().length)
        .mapToObj(i -> Shape.Kind.values()[i].label())
        .toList();
  }

  /**
   * One picture for learning.
   *
   * @param index its number, from 0
   * @return the scene
   */
  public Scene trainScene(int index) {
    return ScenePainter.paint(size, mix(seed, 2L * index));
  }

  /**
   * One held-back picture.
   *
   * @param index its number, from 0
   * @return the scene
   */
  public Scene valScene(int index) {
    return ScenePainter.paint(size, mix(seed, 2L * index + 1));
  }

  /**
   * Writes the data set: {@code images/train}, {@code images/val}, {@code labels/train}, {@code
   * labels/val} and {@code data.yaml}. Files of an earlier writing are replaced.
   *
   * <p><b>Errors</b> {@link FormatException} when the folder cannot be written.
   *
   * <p><b>Cost</b> about five milliseconds a picture, spread over all cores.
   *
   * @param folder where to; made if it does not exist
   * @return the path of {@code data.yaml}
   */
  public Path write(Path folder) {
    try {
      for (String part : List.of("train", "val")) {
        Files.createDirectories(folder.resolve("images").resolve(part));
        Files.createDirectories(folder.resolve("labels").resolve(part));
      }
      IntStream.range(0, train).parallel().forEach(i -> write(folder, "train", i, trainScene(i)));
      IntStream.range(0, val).parallel().forEach(i -> write(folder, "val", i, valScene(i)));
      StringBuilder yaml =
          new StringBuilder("path: .\ntrain: images/train\nval: images/val\nnames:\n");
      for (int c = 0; c < names().size(); c++) {
        yaml.append("  ").append(c).append(": ").append(names().get(c)).append('\n');
      }
      return Files.writeString(folder.resolve("data.yaml"), yaml);
    } catch (IOException e) {
      throw new FormatException(
          folder + ": the shapes data set cannot be written there; choose another folder", e);
    }
  }

  private static void write(Path folder, String part, int index, Scene scene) {
    String name = String.format(Locale.ROOT, "%05d", index);
    Images.write(folder.resolve("images/" + part + "/" + name + ".jpg"), scene.image());
    StringBuilder lines = new StringBuilder();
    for (Label l : scene.labels()) {
      lines.append(
          String.format(
              Locale.ROOT,
              "%d %.6f %.6f %.6f %.6f\n",
              l.classIndex(),
              l.centerX(),
              l.centerY(),
              l.width(),
              l.height()));
    }
    Path file = folder.resolve("labels/" + part + "/" + name + ".txt");
    try {
      Files.writeString(file, lines);
    } catch (IOException e) {
      throw new FormatException(file + ": a label file cannot be written", e);
    }
  }

  /** Scatters neighbouring numbers to unrelated seeds (the finishing step of SplitMix64). */
  private static long mix(long seed, long index) {
    long z = seed * 0x9E3779B97F4A7C15L + index * 0xD1B54A32D192ED03L + 1;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
