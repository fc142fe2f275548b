package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a look at every file of a split found: the pictures that can be used, and the faults.
 *
 * <p>A picture without a label file counts as background; that is normal, but the number is told
 * because a wrong folder looks the same. When no picture at all has one, it is a fault.
 *
 * @param dataSet the pictures without a fault
 * @param found pictures with a label file
 * @param missing pictures without one, taken as background
 * @param empty pictures whose label file is empty: background
 * @param corrupt pictures that are missing or damaged or whose label file has faults
 * @param duplicates repeated lines in label files, counted once
 * @param faults all that is wrong
 */
public record DataScan(
    DataSet dataSet,
    int found,
    int missing,
    int empty,
    int corrupt,
    int duplicates,
    List<Fault> faults) {
  private static final int FAULTS_SHOWN = 10;
  private static final Set<String> PICTURE_ENDINGS =
      Set.of("jpg", "jpeg", "png", "bmp", "webp", "gif");

  /**
   * Looks at a split.
   *
   * <p><b>Errors</b> {@link FormatException} when the split is not named, its list cannot be read
   * or it names no picture; everything else becomes a fault.
   *
   * @param config what the description says
   * @param split which part
   * @param decode true: every picture is decoded as well, which takes long; otherwise only those
   *     whose beginning or end is not that of a whole picture
   * @return what was found
   */
  public static DataScan of(DataConfig config, Split split, boolean decode) {
    List<Path> sources = config.sources(split);
    List<Path> images = new ArrayList<>();
    for (Path source : sources) {
      images.addAll(Files.isDirectory(source) ? inFolder(source) : inList(source, config.root()));
    }
    if (images.isEmpty()) {
      throw new FormatException(
          "%s: the split '%s' has no pictures: %s names none (jpg, png, bmp, webp are looked for)"
              .formatted(config.file(), split, join(sources)));
    }
    int classes = config.names().size();
    List<Checked> checked =
        images.parallelStream().map(image -> check(image, classes, decode)).toList();
    return summary(config, checked);
  }

  /**
   * Complains when there are faults.
   *
   * <p><b>Errors</b> {@link FormatException} that lists up to ten of them and their number.
   */
  public void requireSound() {
    if (faults.isEmpty()) {
      return;
    }
    String shown =
        faults.stream()
            .limit(FAULTS_SHOWN)
            .map(Fault::toString)
            .collect(Collectors.joining(System.lineSeparator()));
    int more = faults.size() - FAULTS_SHOWN;
    throw new FormatException(
        faults.size() == 1
            ? shown
            : "%d faults in the data set:%n%s%s"
                .formatted(
                    faults.size(),
                    shown,
                    more > 0 ? System.lineSeparator() + "... and " + more + " more" : ""));
  }

  /** {@code 205 pictures: 205 with labels, 0 without, 0 empty, 0 corrupt; 3456 objects}. */
  @Override
  public String toString() {
    return "%d pictures: %d with labels, %d without, %d empty, %d corrupt; %d objects"
        .formatted(dataSet.size() + corrupt, found, missing, empty, corrupt, dataSet.objects());
  }

  private record Checked(Sample sample, boolean found, int duplicates, List<Fault> faults) {}

  private static Checked check(Path image, int classes, boolean decode) {
    List<Fault> faults = new ArrayList<>();
    if (!Files.isRegularFile(image)) {
      faults.add(new Fault(image, 0, "picture does not exist"));
    } else {
      try {
        if (decode || !Images.looksWhole(image)) {
          Images.readBytes(image);
        }
      } catch (FormatException e) {
        String told = String.valueOf(e.getMessage());
        String named = image + " "; // a fault names its file itself
        faults.add(
            new Fault(image, 0, told.startsWith(named) ? told.substring(named.length()) : told));
      }
    }
    Optional<Path> file = LabelFile.find(image);
    if (file.isEmpty()) {
      return new Checked(new Sample(image, List.of()), false, 0, faults);
    }
    LabelFile labels = LabelFile.read(file.get(), classes);
    faults.addAll(labels.faults());
    return new Checked(
        new Sample(image, labels.labels()), true, labels.duplicates(), List.copyOf(faults));
  }

  private static DataScan summary(DataConfig config, List<Checked> checked) {
    List<Sample> samples = new ArrayList<>();
    List<Fault> faults = new ArrayList<>();
    int found = 0;
    int empty = 0;
    int duplicates = 0;
    for (Checked one : checked) {
      faults.addAll(one.faults());
      duplicates += one.duplicates();
      found += one.found() ? 1 : 0;
      if (one.faults().isEmpty()) {
        samples.add(one.sample());
        empty += one.found() && one.sample().labels().isEmpty() ? 1 : 0;
      }
    }
    int corrupt = checked.size() - samples.size();
    if (found == 0 && faults.isEmpty()) {
      Path image = checked.getFirst().sample().image();
      faults.add(
          new Fault(
              image,
              0,
              "no picture of the data set has a label file; for this one it was looked for at "
                  + join(LabelFile.candidates(image))));
    }
    return new DataScan(
        new DataSet(config.names(), samples),
        found,
        checked.size() - found,
        empty,
        corrupt,
        duplicates,
        List.copyOf(faults));
  }

  private static List<Path> inFolder(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(DataScan::isPicture).sorted().toList();
    } catch (IOException e) {
      throw new FormatException("%s cannot be listed: %s".formatted(folder, TextFile.reason(e)), e);
    }
  }

  private static boolean isPicture(Path file) {
    String name = file.toString();
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return PICTURE_ENDINGS.contains(ending) && Files.isRegularFile(file);
  }

  private static List<Path> inList(Path list, Path root) {
    List<String> lines;
    try {
      lines = TextFile.lines(list);
    } catch (IOException e) {
      throw new FormatException(
          "%s cannot be read (%s); a list of pictures, one a line, or a folder was expected there"
              .formatted(list, TextFile.reason(e)),
          e);
    }
    Path folder = TextFile.folder(list);
    List<Path> images = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty()) {
        try {
          images.add(resolve(line, folder, root));
        } catch (InvalidPathException e) {
          throw new FormatException(
              "%s:%d: this line is not the path of a picture".formatted(list, i + 1), e);
        }
      }
    }
    return images;
  }

  /** Relative paths start at the list's folder, or at the data set's, or here. */
  private static Path resolve(String line, Path folder, Path root) {
    Path beside = folder.resolve(line).normalize();
    if (Files.exists(beside)) {
      return beside;
    }
    Path below = root.resolve(line).normalize();
    if (Files.exists(below)) {
      return below;
    }
    Path here = Path.of(line).toAbsolutePath().normalize();
    return Files.exists(here) ? here : beside;
  }

  private static String join(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
  }
}
