package dev.peregrine.yolo.classify;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Pictures in one folder a class, the folder's name being the class's.
 *
 * @param names names of the classes, in alphabetical order
 * @param items the pictures, class by class and in alphabetical order
 */
public record ImageFolder(List<String> names, List<Item> items) {
  private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "png", "bmp", "gif", "webp");

  /**
   * One picture.
   *
   * @param file where it is
   * @param label index of its class
   */
  public record Item(Path file, int label) {}

  /**
   * The same pictures as a data set, each with one object of its class that fills it.
   *
   * @return the data set, in the same order
   */
  public DataSet toDataSet() {
    return new DataSet(
        names,
        items.stream()
            .map(item -> new Sample(item.file(), List.of(new Label(item.label(), 0.5, 0.5, 1, 1))))
            .toList());
  }

  /**
   * Reads one part of a data set.
   *
   * <p><b>Errors</b> {@link FormatException} if the folder is missing, has fewer than two classes,
   * classes that the training part lacks, a class without pictures, or pictures that are cut: all
   * faults in one message.
   *
   * @param root the folder that has {@code train} and perhaps {@code val}
   * @param part {@code train} or {@code val}
   * @return the pictures, labelled by the classes of the training part
   */
  public static ImageFolder read(Path root, String part) {
    return read(root, part, classes(root));
  }

  /** The classes of a data set: the folders of its training part. */
  private static List<String> classes(Path root) {
    List<String> names = folders(root.resolve("train"));
    if (names.size() < 2) {
      throw new FormatException(
          root.resolve("train")
              + ": has "
              + names.size()
              + " folders of classes; a data set for classifying has at least two, such as"
              + " train/cat/1.jpg and train/dog/1.jpg");
    }
    return names;
  }

  /**
   * Reads one part of a data set, labelled by given classes; pictures of others are faults.
   *
   * <p><b>Errors</b> as {@link #read(Path, String)}.
   *
   * @param root the folder that has a folder of that name
   * @param part such as {@code val}
   * @param names of the classes
   * @return the pictures
   */
  public static ImageFolder read(Path root, String part, List<String> names) {
    List<String> faults = new ArrayList<>();
    for (String name : folders(root.resolve(part))) {
      if (!names.contains(name)) {
        faults.add(root.resolve(part).resolve(name) + ": the training part has no such class");
      }
    }
    List<Item> items = new ArrayList<>();
    for (int label = 0; label < names.size(); label++) {
      Path folder = root.resolve(part).resolve(names.get(label));
      List<Path> files = Files.isDirectory(folder) ? files(folder) : List.of();
      if (files.isEmpty() && part.equals("train")) {
        faults.add(folder + ": has no pictures");
      }
      for (Path file : files) {
        if (!Images.looksWhole(file)) {
          faults.add(file + ": is no whole picture");
        }
        items.add(new Item(file, label));
      }
    }
    if (!faults.isEmpty()) {
      throw new FormatException("the data set cannot be trained on:\n" + String.join("\n", faults));
    }
    if (items.isEmpty()) {
      throw new FormatException(root.resolve(part) + ": has no pictures");
    }
    return new ImageFolder(names, List.copyOf(items));
  }

  private static List<String> folders(Path folder) {
    try (Stream<Path> content = Files.list(folder)) {
      return content
          .filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    } catch (IOException failure) {
      throw new FormatException(
          folder + ": cannot be listed (" + failure + "); data= names a folder with train/CLASS/",
          failure);
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> content = Files.list(folder)) {
      return content.filter(ImageFolder::isPicture).sorted().toList();
    } catch (IOException failure) {
      throw new FormatException(folder + ": cannot be listed (" + failure + ")", failure);
    }
  }

  private static boolean isPicture(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(file) && ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
  }
}
