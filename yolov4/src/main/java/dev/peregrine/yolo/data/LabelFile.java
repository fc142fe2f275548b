package dev.peregrine.yolo.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The label file of a picture: one object a line, {@code class centerX centerY width height}, the
 * box in fractions of the picture. An empty file means that the picture shows no object.
 *
 * <p>Boxes may reach beyond the picture by rounding ({@value #TOLERANCE} of its extent) and are
 * then cut; a repeated line counts once.
 *
 * <p><b>Source</b> darknet {@code fill_truth_detection}, {@code replace_image_to_label};
 * ScaledYOLOv4 {@code LoadImagesAndLabels}.
 *
 * @param labels the objects that could be read, each once
 * @param lines for each label, its line
 * @param faults what is wrong in the file, of every severity
 */
public record LabelFile(List<Label> labels, List<Integer> lines, List<Fault> faults) {
  /** How far an edge may lie outside the picture, in fractions of it. */
  public static final double TOLERANCE = 1e-3;

  private static final int FIELDS = 5;

  /** A file with more of them is none of labels. */
  private static final int MOST_FAULTS = 1000;

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  /**
   * Finds the label file of a picture, by the rules of both families: the last folder {@code
   * images} of its path becomes {@code labels} (or all of them, or {@code JPEGImages}), or it lies
   * beside the picture; the ending is {@code .txt}.
   *
   * @param image the picture's file
   * @return the first that exists
   */
  public static Optional<Path> find(Path image) {
    return candidates(image).stream().filter(Files::isRegularFile).findFirst();
  }

  /**
   * Where the label file of a picture may lie, the likeliest first.
   *
   * @param image the picture's file
   * @return the places that {@link #find} looks at
   */
  public static List<Path> candidates(Path image) {
    Path whole = image.toAbsolutePath();
    String name = String.valueOf(whole.getFileName());
    int dot = name.lastIndexOf('.');
    Path text = whole.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ".txt");
    Set<Path> places = new LinkedHashSet<>();
    places.add(replaceFolder(text, "images", false));
    places.add(replaceFolder(text, "images", true));
    places.add(replaceFolder(text, "JPEGImages", false));
    places.remove(text);
    places.add(text);
    return List.copyOf(places);
  }

  private static Path replaceFolder(Path file, String folder, boolean all) {
    Path result = file;
    for (int i = file.getNameCount() - 2; i >= 0; i--) {
      if (file.getName(i).toString().equals(folder)) {
        Path rest = file.subpath(i + 1, file.getNameCount());
        Path tail = result.subpath(i + 1, result.getNameCount());
        Path head = i == 0 ? file.getRoot() : file.getRoot().resolve(file.subpath(0, i));
        result = head.resolve("labels").resolve(all ? tail : rest);
        if (!all) {
          break;
        }
      }
    }
    return result;
  }

  /**
   * Reads a label file. Wrong lines become {@link #faults}, not exceptions, so that all of them can
   * be shown at once; after the first thousand of them the file is not read on.
   *
   * <p><b>Cost</b> at most 8 MiB and 300 bytes for each of the file.
   *
   * @param file the label file
   * @param classes number of classes
   * @return what it says
   */
  public static LabelFile read(Path file, int classes) {
    TreeMap<Label, Integer> known = new TreeMap<>(LabelRules.ORDER);
    List<Label> labels = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    List<Fault> faults = new ArrayList<>();
    try {
      List<String> lines = TextFile.lines(file);
      if (String.join("", lines).isBlank()) {
        faults.add(
            new Fault(FaultKind.LABELS_EMPTY, file, 0, "has no label: the picture is background"));
      }
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (line.isEmpty()) {
          continue;
        }
        int number = i + 1;
        try {
          Label label = parse(line, classes);
          LabelRules.again(label, known).ifPresent(bad -> faults.add(bad.at(file, number)));
          if (known.putIfAbsent(label, number) == null) {
            labels.add(label);
            numbers.add(number);
          }
        } catch (BadLabel bad) {
          faults.add(bad.at(file, number));
        }
        if (faults.size() == MOST_FAULTS) {
          faults.add(
              new Fault(
                  FaultKind.LABELS_UNREADABLE,
                  file,
                  number,
                  "too many wrong lines; the rest is not looked at"));
          break;
        }
      }
    } catch (IOException e) {
      faults.add(
          new Fault(FaultKind.LABELS_UNREADABLE, file, 0, "cannot be read: " + TextFile.reason(e)));
    }
    return new LabelFile(List.copyOf(labels), List.copyOf(numbers), List.copyOf(faults));
  }

  /**
   * Reads one line.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} with a sentence that says what is wrong.
   *
   * @param line {@code class centerX centerY width height}
   * @param classes number of classes
   * @return the object
   */
  static Label parse(String line, int classes) {
    String[] fields = BLANKS.split(line.strip(), -1);
    if (fields.length != FIELDS) {
      throw new BadLabel(
          FaultKind.WRONG_FIELDS,
          "%d numbers in '%s': a label has 5, class centerX centerY width height"
              .formatted(fields.length, shorten(line)));
    }
    double[] numbers = new double[FIELDS];
    for (int i = 0; i < FIELDS; i++) {
      numbers[i] = number(fields[i]);
    }
    int classIndex = (int) numbers[0];
    if (classIndex != numbers[0] || classIndex < 0) {
      throw new BadLabel(
          FaultKind.CLASS_UNKNOWN,
          "class '%s' is not a whole number from 0 up".formatted(shorten(fields[0])));
    }
    if (classIndex >= classes) {
      throw new BadLabel(
          FaultKind.CLASS_UNKNOWN,
          "class %d is out of range: the data set has %d %s, counted 0 to %d; the data's names must list every class"
              .formatted(classIndex, classes, classes == 1 ? "class" : "classes", classes - 1));
    }
    Label label = new Label(classIndex, numbers[1], numbers[2], numbers[3], numbers[4]);
    if (!(label.width() > 0) || !(label.height() > 0)) {
      throw new BadLabel(
          FaultKind.EMPTY_BOX,
          "box of size %s x %s: width and height must be positive"
              .formatted(shorten(fields[3]), shorten(fields[4])));
    }
    return LabelRules.inside(label, TOLERANCE, TOLERANCE);
  }

  private static double number(String field) {
    double value;
    try {
      value = Double.parseDouble(field);
    } catch (NumberFormatException e) {
      throw new BadLabel(
          FaultKind.NOT_A_NUMBER, "'%s' is not a number".formatted(shorten(field)), e);
    }
    if (!Double.isFinite(value)) {
      throw new BadLabel(
          FaultKind.NOT_A_NUMBER, "'%s' is not a finite number".formatted(shorten(field)));
    }
    return value;
  }

  private static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
