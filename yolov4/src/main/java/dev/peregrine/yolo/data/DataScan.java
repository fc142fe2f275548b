package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a look at every file of a split found: the pictures, sound or not, and the faults.
 *
 * <p>A picture without a label file counts as background; that is normal, but the number is told
 * because a wrong folder looks the same. When no picture at all has one, it is a fault.
 *
 * @param names the classes' names by index
 * @param entries all pictures, in the order of their list
 * @param general faults that belong to no single picture
 */
public record DataScan(List<String> names, List<Entry> entries, List<Fault> general) {
  private static final int FAULTS_SHOWN = 100;

  /**
   * Keeps unchangeable copies.
   *
   * @param names the classes' names by index
   * @param entries all pictures
   * @param general faults that belong to no single picture
   */
  public DataScan {
    names = List.copyOf(names);
    entries = List.copyOf(entries);
    general = List.copyOf(general);
  }

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
    SplitReader.Found found = SplitReader.read(config, sources);
    if (found.entries().isEmpty()) {
      throw new FormatException(
          "%s: the split '%s' has no pictures: %s names none (jpg, png, bmp, webp, gif, tiff are looked for)"
              .formatted(config.file(), split, join(sources)));
    }
    List<Entry> entries =
        found.entries().parallelStream()
            .map(e -> known(e) ? e : e.with(look(e.sample().image(), decode)))
            .toList();
    List<Fault> general = new ArrayList<>(found.faults());
    if (entries.stream().allMatch(e -> e.source().isEmpty() && e.sound())) {
      Path image = entries.getFirst().sample().image();
      general.add(
          new Fault(
              FaultKind.NO_LABELS,
              image,
              0,
              "no picture of the data set has a label file; for this one it was looked for at "
                  + join(LabelFile.candidates(image))
                  + "; labels have the name of their picture and lie in a folder 'labels' in the"
                  + " place of 'images', or beside the picture"));
    }
    return new DataScan(config.names(), entries, general);
  }

  /** Whether its line in a list was told to be wrong already. */
  private static boolean known(Entry entry) {
    return entry.faults().stream().anyMatch(f -> f.kind() == FaultKind.PICTURE_MISSING);
  }

  private static List<Fault> look(Path image, boolean decode) {
    if (!Files.isRegularFile(image)) {
      return List.of(new Fault(FaultKind.PICTURE_MISSING, image, 0, "picture does not exist"));
    }
    try {
      if (decode || !Images.looksWhole(image)) {
        Images.readBytes(image);
      }
      return List.of();
    } catch (FormatException e) {
      return List.of(damaged(image, e));
    }
  }

  /**
   * The fault of a picture that could not be decoded.
   *
   * @param image the picture
   * @param e what decoding it said
   * @return the fault
   */
  public static Fault damaged(Path image, FormatException e) {
    String told = String.valueOf(e.getMessage());
    String named = image + " "; // a fault names its file itself
    return new Fault(
        FaultKind.PICTURE_DAMAGED,
        image,
        0,
        told.startsWith(named) ? told.substring(named.length()) : told);
  }

  /**
   * The sound pictures.
   *
   * @return those without an error, with their labels
   */
  public DataSet dataSet() {
    return new DataSet(names, entries.stream().filter(Entry::sound).map(Entry::sample).toList());
  }

  /**
   * Errors: what training refuses.
   *
   * @return in the order of the pictures
   */
  public List<Fault> faults() {
    return all().stream().filter(Fault::isError).toList();
  }

  /**
   * All that was found, warnings and notes as well.
   *
   * @return in the order of the pictures
   */
  public List<Fault> all() {
    List<Fault> all = new ArrayList<>();
    entries.forEach(entry -> all.addAll(entry.faults()));
    all.addAll(general);
    return List.copyOf(all);
  }

  /**
   * Pictures with labels of their own, sound or not.
   *
   * @return their number
   */
  public int found() {
    return (int) entries.stream().filter(entry -> entry.source().isPresent()).count();
  }

  /**
   * Pictures without a label file, taken as background.
   *
   * @return their number
   */
  public int missing() {
    return entries.size() - found();
  }

  /**
   * Pictures whose labels are there and none: background.
   *
   * @return their number
   */
  public int empty() {
    return (int)
        entries.stream()
            .filter(e -> e.source().isPresent() && e.sound() && e.sample().labels().isEmpty())
            .count();
  }

  /**
   * Pictures with an error.
   *
   * @return their number
   */
  public int corrupt() {
    return (int) entries.stream().filter(entry -> !entry.sound()).count();
  }

  /**
   * Labels that repeat another, counted once.
   *
   * @return their number
   */
  public int duplicates() {
    return (int) all().stream().filter(fault -> fault.kind() == FaultKind.REPEATED_LABEL).count();
  }

  /**
   * Complains when there are errors.
   *
   * <p><b>Errors</b> {@link FormatException} that lists them.
   */
  public void requireSound() {
    requireSound(0);
  }

  /**
   * Complains when more than a part of the pictures have errors, or when something is wrong with
   * the whole.
   *
   * <p><b>Errors</b> {@link FormatException} that lists up to a hundred errors and their number.
   *
   * @param tolerated the part that may have errors and is left out, from 0 to 1
   */
  public void requireSound(double tolerated) {
    boolean whole = general.stream().anyMatch(Fault::isError);
    if (!whole && corrupt() <= tolerated * entries.size()) {
      return;
    }
    complain(faults());
  }

  /**
   * Throws what a list of errors amounts to.
   *
   * <p><b>Errors</b> {@link FormatException} that lists up to a hundred of them and their number.
   *
   * @param faults the errors; nothing happens when there are none
   */
  public static void complain(List<Fault> faults) {
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
                    more > 0
                        ? System.lineSeparator()
                            + "... and "
                            + more
                            + " more; './yolo data check' lists all"
                        : ""));
  }

  /** {@code 205 pictures: 205 with labels, 0 without, 0 empty, 0 corrupt; 3456 objects}. */
  @Override
  public String toString() {
    return "%d pictures: %d with labels, %d without, %d empty, %d corrupt; %d objects"
        .formatted(entries.size(), found(), missing(), empty(), corrupt(), dataSet().objects());
  }

  private static String join(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
  }
}
