package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Understands data sets that come without a description, by the files in their folder.
 *
 * <p>What is looked for, in this order: one {@code .yaml} or {@code .data} description; COCO's
 * {@code .json} files in the folder, in {@code annotations} or in a folder for each split; VOC's
 * {@code Annotations} with {@code ImageSets/Main}, or {@code .xml} files; YOLO's {@code images} and
 * {@code labels} with a file of class names.
 */
final class FolderConfig {
  private static final int PEEKED_BYTES = 1 << 16;
  private static final List<String> NAMES_FILES =
      List.of("classes.txt", "classes.names", "obj.names", "names.txt", "labels/classes.txt");

  private FolderConfig() {}

  static DataConfig read(Path folder, Consumer<Fault> faults) {
    List<Path> descriptions =
        PictureList.directly(
            folder,
            file ->
                Set.of("yaml", "yml", "data").contains(TextFile.ending(file))
                    && describesSplits(file));
    Optional<Path> usual =
        descriptions.stream().filter(file -> TextFile.stem(file).equals("data")).findFirst();
    if (descriptions.size() > 1 && usual.isEmpty()) {
      throw new FormatException(
          "%s holds several descriptions of data sets (%s): name one of them with data="
              .formatted(folder, String.join(", ", fileNames(descriptions))));
    }
    if (!descriptions.isEmpty()) {
      return DataConfig.read(usual.orElseGet(descriptions::getFirst), faults);
    }
    return coco(folder)
        .or(() -> voc(folder))
        .or(() -> yolo(folder, faults))
        .orElseThrow(() ->
            new FormatException(
                folder
                    + " does not describe a data set: there is no .yaml or .data description, no"
                    + " COCO .json with \"images\" and \"annotations\", no VOC .xml (in"
                    + " Annotations) and no folder images with pictures"));
  }

  /** COCO's instances given as a file; others of the same kind beside it are the other splits. */
  static DataConfig ofJson(Path json) {
    if (!Files.isRegularFile(json)) {
      throw new FormatException(json + " does not exist; COCO's instances were expected there");
    }
    Map<Split, List<Path>> sources = new EnumMap<>(Split.class);
    sources.put(splitOf(json), List.of(json));
    if (splitOf(json) == Split.TRAIN) {
      String name = String.valueOf(json.getFileName());
      Path val = json.resolveSibling(name.replace("train", "val"));
      if (!val.equals(json) && Files.isRegularFile(val)) {
        sources.put(Split.VAL, List.of(val));
      }
    }
    return config(json, TextFile.folder(json), cocoNames(sources), sources);
  }

  private static DataConfig config(
      Path place, Path root, List<String> names, Map<Split, List<Path>> sources) {
    return new DataConfig(place, root.toAbsolutePath(), names, sources);
  }

  private static boolean describesSplits(Path file) {
    return Stream.of("train", "val", "valid", "test")
        .anyMatch(key -> TextFile.lineOf(file, key) > 0);
  }

  private static List<String> fileNames(List<Path> files) {
    return files.stream().map(file -> String.valueOf(file.getFileName())).toList();
  }

  /** The split that a file's or folder's name speaks of, else the one to learn from. */
  private static Split splitOf(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.contains("val") && !name.contains("trainval")) {
      return Split.VAL;
    }
    return name.contains("test") ? Split.TEST : Split.TRAIN;
  }

  private static boolean speaksOfSplit(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.contains("train") || splitOf(file) != Split.TRAIN;
  }

  private static Map<Split, List<Path>> bySplit(List<Path> files) {
    Map<Split, List<Path>> sources = new EnumMap<>(Split.class);
    for (Path file : files) {
      sources.computeIfAbsent(splitOf(file), split -> new ArrayList<>()).add(file);
    }
    return sources;
  }

  // COCO

  private static Optional<DataConfig> coco(Path folder) {
    List<Path> places = new ArrayList<>(List.of(folder, folder.resolve("annotations")));
    places.addAll(
        PictureList.directly(folder, child -> Files.isDirectory(child) && speaksOfSplit(child)));
    for (Path place : places) {
      List<Path> files =
          PictureList.directly(
              place, file -> TextFile.ending(file).equals("json") && isInstances(file));
      List<Path> instances =
          files.stream().filter(file -> TextFile.stem(file).startsWith("instances")).toList();
      files = instances.isEmpty() ? files : instances;
      if (files.isEmpty()) {
        continue;
      }
      boolean folderOfSplit = !place.equals(folder) && speaksOfSplit(place);
      Map<Split, List<Path>> sources = folderOfSplit ? eachFolder(folder) : bySplit(files);
      return Optional.of(config(folder, folder, cocoNames(sources), sources));
    }
    return Optional.empty();
  }

  /** One file of instances in the folder of each split. */
  private static Map<Split, List<Path>> eachFolder(Path folder) {
    Map<Split, List<Path>> sources = new EnumMap<>(Split.class);
    for (Path child : PictureList.directly(folder, FolderConfig::speaksOfSplit)) {
      List<Path> files =
          PictureList.directly(
              child, file -> TextFile.ending(file).equals("json") && isInstances(file));
      if (!files.isEmpty()) {
        sources.put(splitOf(child), files);
      }
    }
    return sources;
  }

  private static boolean isInstances(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String head = new String(in.readNBytes(PEEKED_BYTES), StandardCharsets.UTF_8);
      return head.stripLeading().startsWith("{")
          && Stream.of("\"images\"", "\"annotations\"", "\"categories\"").anyMatch(head::contains);
    } catch (IOException e) {
      throw new FormatException("%s cannot be read: %s".formatted(file, TextFile.reason(e)), e);
    }
  }

  private static List<String> cocoNames(Map<Split, List<Path>> sources) {
    List<String> names = new ArrayList<>();
    Path first = Path.of("");
    for (List<Path> files : sources.values()) {
      for (Path file : files) {
        List<String> here = List.copyOf(CocoFile.categories(file).values());
        if (names.isEmpty()) {
          names.addAll(here);
          first = file;
        } else if (!names.equals(here)) {
          throw new FormatException(
              "%s and %s name different categories: %s and %s; splits of a data set have the same"
                  .formatted(first, file, names, here));
        }
      }
    }
    return names;
  }

  // Pascal VOC

  private static Optional<DataConfig> voc(Path folder) {
    Map<Split, List<Path>> sources = new EnumMap<>(Split.class);
    List<Path> files = new ArrayList<>();
    for (String name : List.of("", "Annotations", "annotations")) {
      Path place = folder.resolve(name);
      files.addAll(PictureList.directly(place, PictureList::isXml));
      if (!files.isEmpty()) {
        Path sets = folder.resolve("ImageSets/Main");
        for (Split split : Split.values()) {
          Path list = sets.resolve(split + ".txt");
          if (Files.isRegularFile(list)) {
            sources.put(split, List.of(list));
          }
        }
        if (sources.isEmpty()) {
          sources.put(Split.TRAIN, List.of(place));
        }
        break;
      }
    }
    if (sources.isEmpty()) {
      for (Path child : PictureList.directly(folder, FolderConfig::speaksOfSplit)) {
        List<Path> here = PictureList.directly(child, PictureList::isXml);
        if (!here.isEmpty()) {
          files.addAll(here);
          sources.put(splitOf(child), List.of(child));
        }
      }
    }
    return sources.isEmpty()
        ? Optional.empty()
        : Optional.of(config(folder, folder, vocNames(folder, files), sources));
  }

  private static List<String> vocNames(Path folder, List<Path> files) {
    Optional<Path> given = namesFile(folder);
    if (given.isPresent()) {
      return ClassNames.read(given.get());
    }
    Set<String> found = new LinkedHashSet<>();
    for (Path file : files) {
      try {
        VocFile.read(file).objects().forEach(object -> found.add(object.name()));
      } catch (FormatException _) {
        // told with its place when the pictures are looked at
      }
    }
    found.remove("");
    if (found.isEmpty()) {
      throw new FormatException(
          "%s: none of its %d .xml files names an object, so there are no classes"
              .formatted(folder, files.size()));
    }
    return ClassNames.ofFound(found);
  }

  // YOLO

  private static Optional<DataConfig> yolo(Path folder, Consumer<Fault> faults) {
    Map<Split, List<Path>> sources = new EnumMap<>(Split.class);
    Path images = folder.resolve("images");
    Path parent = Files.isDirectory(images) ? images : folder;
    for (Path child : PictureList.directly(parent, FolderConfig::speaksOfSplit)) {
      if (Files.isDirectory(child)) {
        Path inner = child.resolve("images");
        sources
            .computeIfAbsent(splitOf(child), split -> new ArrayList<>())
            .add(Files.isDirectory(inner) ? inner : child);
      }
    }
    if (sources.isEmpty()) {
      for (Split split : Split.values()) {
        Path list = folder.resolve(split + ".txt");
        if (Files.isRegularFile(list)) {
          sources.put(split, new ArrayList<>(List.of(list)));
        }
      }
    }
    if (sources.isEmpty()
        && (parent.equals(images)
            || !PictureList.directly(folder, PictureList::isPicture).isEmpty())) {
      sources.put(Split.TRAIN, List.of(parent));
    }
    if (sources.isEmpty()) {
      return Optional.empty();
    }
    Path given =
        namesFile(folder)
            .orElseThrow(() ->
                new FormatException(
                    folder
                        + " has pictures but no class names: put a classes.txt there, one name a"
                        + " line, or a data.yaml"));
    List<String> names = ClassNames.read(given);
    ClassNames.tellRepeated(given, names, faults);
    return Optional.of(config(folder, folder, names, sources));
  }

  private static Optional<Path> namesFile(Path folder) {
    Path whole = folder.toAbsolutePath().normalize();
    Path above = whole.getParent();
    List<Path> places = above == null ? List.of(whole) : List.of(whole, above);
    return places.stream()
        .flatMap(place -> NAMES_FILES.stream().map(place::resolve))
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
