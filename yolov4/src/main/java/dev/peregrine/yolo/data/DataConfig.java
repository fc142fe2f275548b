package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The file that describes a data set: its classes and where each split's pictures are named.
 *
 * <p>Two forms are read. {@code data.yaml} as the PyTorch programs have it: {@code path} (relative
 * to the file), {@code train}, {@code val}, {@code test} (each a list file, a folder of pictures or
 * a list of those), {@code names} (a list, a map from index to name, or a names file) and {@code
 * nc}. {@code .data} as darknet has it: {@code classes}, {@code train}, {@code valid}, {@code
 * test}, {@code names}.
 *
 * @param file the file that was read
 * @param root the folder that relative paths start from
 * @param names the classes' names by index
 * @param sources for each split that is named, the list files and folders
 */
public record DataConfig(Path file, Path root, List<String> names, Map<Split, List<Path>> sources) {

  /**
   * Keeps unchangeable copies.
   *
   * @param file the file that was read
   * @param root the folder that relative paths start from
   * @param names the classes' names by index
   * @param sources the list files and folders
   */
  public DataConfig {
    names = List.copyOf(names);
    sources = Map.copyOf(sources);
  }

  /**
   * Reads a description, by its ending: {@code .yaml}, {@code .yml} or {@code .data}.
   *
   * <p><b>Errors</b> {@link FormatException} with file, line where there is one, and the law; also
   * for lists that a yaml names and uses again, and for more than 65536 classes without names.
   *
   * <p><b>Cost</b> at most 8 MiB and 2000 bytes for each of the file.
   *
   * @param file the description
   * @return what it says
   */
  public static DataConfig read(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      return YamlConfig.read(file);
    }
    if (name.endsWith(".data")) {
      return DarknetConfig.read(file);
    }
    throw new FormatException(
        file + " does not describe a data set: a .yaml, .yml or .data file was expected");
  }

  /**
   * The list files and folders of a split.
   *
   * <p><b>Errors</b> {@link FormatException} when the description does not name the split.
   *
   * @param split which
   * @return paths, resolved
   */
  public List<Path> sources(Split split) {
    List<Path> paths = sources.get(split);
    if (paths == null) {
      throw new FormatException(
          "%s names no '%s' pictures: add the key '%s' with a list file or a folder"
              .formatted(file, split, split));
    }
    return paths;
  }
}
