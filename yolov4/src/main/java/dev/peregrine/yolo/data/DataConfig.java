package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a data set consists of: its classes and where each split's pictures are named.
 *
 * <p>Two forms of description are read. {@code data.yaml} as the PyTorch programs have it: {@code
 * path} (relative to the file), {@code train}, {@code val}, {@code test} (each a list file, a
 * folder of pictures or a list of those), {@code names} (a list, a map from index to name, or a
 * names file) and {@code nc}. {@code .data} as darknet has it: {@code classes}, {@code train},
 * {@code valid}, {@code test}, {@code names}. Data sets without a description are understood by
 * their files: COCO's instances in {@code .json}, Pascal VOC's {@code .xml}, and the folders {@code
 * images} and {@code labels} of YOLO, given as the file or the folder.
 *
 * @param file the description, or the file or folder that was given in its place
 * @param root the folder that relative paths start from
 * @param names the classes' names by index
 * @param sources for each split that is named: list files, COCO's {@code .json} files, folders of
 *     pictures or of VOC's {@code .xml} files
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
   * Reads a description or finds out what a file or folder holds.
   *
   * <p><b>Errors</b> {@link FormatException} with file, line where there is one, and the law; also
   * for tags and for lists that a yaml names and uses again, and for more than 65536 classes
   * without names.
   *
   * <p><b>Cost</b> at most 8 MiB and 2000 bytes for each of the file.
   *
   * @param place a {@code .yaml}, {@code .yml} or {@code .data} file, a COCO {@code .json}, or a
   *     folder with a description, with YOLO's, COCO's or VOC's files
   * @return what it says
   */
  public static DataConfig read(Path place) {
    return read(
        place,
        fault -> {
          if (fault.isError()) {
            throw new FormatException(fault.toString());
          }
        });
  }

  /**
   * Reads a description as {@link #read(Path)} does, but goes on where it contradicts itself.
   *
   * @param place the file or folder
   * @param faults is told of contradictions
   * @return what it says
   */
  public static DataConfig read(Path place, Consumer<Fault> faults) {
    if (Files.isDirectory(place)) {
      return FolderConfig.read(place, faults);
    }
    if (!Files.exists(place)) {
      throw new FormatException(
          place
              + " does not exist; a .yaml, .yml or .data file, a COCO .json file or a folder with"
              + " pictures and labels was expected");
    }
    return switch (TextFile.ending(place)) {
      case "yaml", "yml" -> YamlConfig.read(place, faults);
      case "data" -> DarknetConfig.read(place, faults);
      case "json" -> FolderConfig.ofJson(place);
      default ->
          throw new FormatException(
              place
                  + " does not describe a data set: a .yaml, .yml or .data file, a COCO .json file"
                  + " or a folder with pictures and labels was expected");
    };
  }

  /**
   * The list files and folders of a split. A data set without a description that is not divided
   * serves as any split.
   *
   * <p><b>Errors</b> {@link FormatException} when the description does not name the split.
   *
   * @param split which
   * @return paths, resolved
   */
  public List<Path> sources(Split split) {
    List<Path> paths = sources.get(split);
    if (paths == null && sources.size() == 1 && !isDescription(file)) {
      return sources.values().iterator().next();
    }
    if (paths == null) {
      throw new FormatException(
          "%s names no '%s' pictures: add the key '%s' with a list file or a folder"
              .formatted(file, split, split));
    }
    return paths;
  }

  /** Where the description names some sources, with the line if that is found. */
  String place(List<Path> named) {
    int line =
        sources.entrySet().stream()
            .filter(entry -> isDescription(file) && entry.getValue().equals(named))
            .map(Map.Entry::getKey)
            .sorted()
            .map(Split::toString)
            // darknet's word for val
            .mapToInt(key ->
                Math.max(
                    TextFile.lineOf(file, key),
                    key.equals("val") ? TextFile.lineOf(file, "valid") : 0))
            .findFirst()
            .orElse(0);
    return line > 0 ? file + ":" + line : file.toString();
  }

  private static boolean isDescription(Path file) {
    return !Files.isDirectory(file) && !TextFile.ending(file).equals("json");
  }
}
