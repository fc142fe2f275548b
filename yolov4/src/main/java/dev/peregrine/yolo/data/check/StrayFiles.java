package dev.peregrine.yolo.data.check;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.Entry;
import dev.peregrine.yolo.data.Fault;
import dev.peregrine.yolo.data.FaultKind;
import dev.peregrine.yolo.data.LabelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Looks at the files that lie beside pictures and labels and belong to none. */
final class StrayFiles {
  private static final Set<String> NOT_LABELS =
      Set.of("classes", "train", "val", "valid", "test", "trainval", "names", "readme", "license");
  private static final Set<String> UNREAD =
      Set.of("heic", "heif", "avif", "jp2", "jxl", "ppm", "pgm", "psd", "tga", "raw", "dng", "svg");

  private final Set<Path> images = new HashSet<>();
  private final Set<String> stems = new HashSet<>();
  private final Set<Path> read = new HashSet<>();
  private final Set<Path> labelFolders = new TreeSet<>();
  private final Set<Path> imageFolders = new TreeSet<>();

  /**
   * Prepares for a data set.
   *
   * @param config its description
   * @param entries the pictures of all splits
   */
  StrayFiles(DataConfig config, List<Entry> entries) {
    config.sources().values().forEach(read::addAll);
    for (Entry entry : entries) {
      Path image = entry.sample().image().toAbsolutePath();
      images.add(image);
      stems.add(stem(image));
      imageFolders.add(image.resolveSibling(""));
      entry.source().ifPresent(read::add);
      boolean coco = entry.source().filter(s -> ending(s).equals("json")).isPresent();
      Path folder = entry.source().orElse(LabelFile.candidates(image).getFirst());
      if (!coco) {
        labelFolders.add(folder.toAbsolutePath().resolveSibling(""));
      }
    }
  }

  /** All that is told of them. */
  List<Fault> faults() {
    List<Fault> faults = new ArrayList<>();
    for (Path folder : labelFolders) {
      for (Path file : list(folder)) {
        if (isLabels(file) && !read.contains(file)) {
          orphan(file, faults);
        }
      }
    }
    for (Path folder : imageFolders) {
      for (Path file : list(folder)) {
        if (UNREAD.contains(ending(file))) {
          faults.add(
              new Fault(
                  FaultKind.FORMAT_UNREAD,
                  file,
                  0,
                  "is a picture of a format that is not read; save it as JPEG or PNG"));
        }
      }
    }
    staleCaches(faults);
    return faults;
  }

  private static boolean isLabels(Path file) {
    String name = stem(file).toLowerCase(Locale.ROOT);
    String ending = ending(file);
    return (ending.equals("txt") || ending.equals("xml")) && !NOT_LABELS.contains(name);
  }

  private void orphan(Path file, List<Fault> faults) {
    boolean wrongCase = !file.toString().endsWith(ending(file));
    String stem = stem(file);
    if (wrongCase && stems.contains(stem)) {
      faults.add(
          new Fault(
              FaultKind.LABELS_WITHOUT_PICTURE,
              file,
              0,
              "is not read: the ending must be in lower case; rename it"));
      return;
    }
    if (!stems.contains(stem) && !pictureExists(file, stem)) {
      faults.add(
          new Fault(
              FaultKind.LABELS_WITHOUT_PICTURE,
              file,
              0,
              "has no picture of its name; add the picture or remove the labels"));
    }
  }

  /** A picture that no split lists, in the folder that belongs to the labels. */
  private boolean pictureExists(Path file, String stem) {
    for (Path folder : imageFolders) {
      for (String ending : List.of(".jpg", ".jpeg", ".png", ".bmp", ".webp", ".JPG", ".tif")) {
        if (Files.isRegularFile(folder.resolve(stem + ending))) {
          return true;
        }
      }
    }
    return LabelFile.candidates(file).stream().anyMatch(images::contains);
  }

  private void staleCaches(List<Fault> faults) {
    Set<Path> places = new TreeSet<>(labelFolders);
    places.addAll(imageFolders);
    for (Path folder : List.copyOf(places)) {
      if (folder.getParent() != null) {
        places.add(folder.getParent());
      }
    }
    read.stream().map(p -> p.toAbsolutePath().resolveSibling("")).forEach(places::add);
    FileTime newest = FileTime.fromMillis(0);
    Path newestFile = Path.of("");
    for (Path file : read) {
      FileTime time = Files.isRegularFile(file) ? modified(file) : newest;
      if (time.compareTo(newest) > 0) {
        newest = time;
        newestFile = file;
      }
    }
    for (Path folder : places) {
      for (Path file : list(folder)) {
        if (ending(file).equals("cache") && modified(file).compareTo(newest) < 0) {
          faults.add(
              new Fault(
                  FaultKind.STALE_CACHE,
                  file,
                  0,
                  "is older than %s; programs that trust it read old labels: delete it"
                      .formatted(newestFile)));
        }
      }
    }
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new FormatException("%s cannot be read (%s)".formatted(file, e), e);
    }
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new FormatException("%s cannot be listed (%s)".formatted(folder, e), e);
    }
  }

  private static String ending(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
