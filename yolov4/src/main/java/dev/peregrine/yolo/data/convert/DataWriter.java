package dev.peregrine.yolo.data.convert;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.image.PictureHeader;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes a data set in another form; reading it again gives the same boxes to a thousandth of a
 * pixel. The folder appears whole or not at all.
 *
 * <p>Crowds and difficult objects have a place in COCO's and VOC's files; YOLO's label files have
 * none, so they are left out there. Outline areas are kept in COCO's files alone.
 */
public final class DataWriter {
  private final DataFormat format;
  private final Path folder;
  private final boolean copy;
  private final Map<Split, List<Placed>> done = new HashMap<>();

  /**
   * A picture in its new place.
   *
   * @param sample as it was
   * @param name of the new file, with its ending
   * @param image where the picture lies now
   * @param width pixels
   * @param height pixels
   */
  record Placed(Sample sample, String name, Path image, int width, int height) {
    String stem() {
      int dot = name.lastIndexOf('.');
      return dot > 0 ? name.substring(0, dot) : name;
    }

    /** Left, top, width, height of a box in pixels. */
    double[] pixels(Label label) {
      return new double[] {
        label.left() * width, label.top() * height, label.width() * width, label.height() * height
      };
    }
  }

  /**
   * What was written.
   *
   * @param data the file or folder to give as a data set
   * @param pictures for each split, the new names of its pictures in their order
   */
  public record Written(Path data, Map<Split, List<String>> pictures) {
    /**
     * Keeps an unchangeable copy.
     *
     * @param data the file or folder to give as a data set
     * @param pictures the new names of the pictures
     */
    public Written {
      pictures = Map.copyOf(pictures);
    }

    /**
     * The new names of a split's pictures.
     *
     * @param split which
     * @return in their order; none for a split that was not written
     */
    public List<String> pictures(Split split) {
      return pictures.getOrDefault(split, List.of());
    }
  }

  private DataWriter(DataFormat format, Path folder, boolean copy) {
    this.format = format;
    this.folder = folder;
    this.copy = copy;
  }

  /**
   * Writes all splits.
   *
   * <p><b>Errors</b> {@link FormatException} when the folder is not empty or cannot be written, or
   * a picture cannot be read.
   *
   * @param splits what to write
   * @param format in which form
   * @param folder where to; made, or there and empty
   * @param copy true: pictures are copied; false: they are linked where the file system can, else
   *     copied
   * @return where it lies now
   */
  public static Written write(
      Map<Split, DataSet> splits, DataFormat format, Path folder, boolean copy) {
    Path place = folder.toAbsolutePath().normalize();
    Path beside =
        place.resolveSibling("." + place.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      if (Files.exists(place)) {
        String[] content = place.toFile().list();
        if (content == null || content.length > 0) {
          throw new FormatException(
              folder + " exists and is not empty; nothing is overwritten, take a new folder");
        }
      }
      Files.createDirectories(beside);
      Path made;
      Map<Split, List<String>> names = new HashMap<>();
      try {
        DataWriter writer = new DataWriter(format, beside, copy);
        made = writer.write(splits);
        writer.done.forEach(
            (split, all) -> names.put(split, all.stream().map(Placed::name).toList()));
        Files.deleteIfExists(place);
        WholeFile.rename(beside, place);
      } finally {
        delete(beside);
      }
      return new Written(folder.resolve(beside.relativize(made).toString()), names);
    } catch (IOException e) {
      throw new FormatException(
          "%s cannot be written (%s): the folder must be writable".formatted(folder, e), e);
    }
  }

  /** Removes what a failed writing left. */
  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
  }

  private Path write(Map<Split, DataSet> splits) throws IOException {
    List<String> names = splits.values().iterator().next().names();
    for (Split split : Split.values()) {
      if (splits.containsKey(split)) {
        done.put(split, place(split, splits.get(split)));
      }
    }
    return switch (format) {
      case YOLO -> yolo(names);
      case COCO -> {
        CocoWriter.write(folder, names, done);
        yield folder;
      }
      case VOC -> {
        VocWriter.write(folder, names, done);
        yield folder;
      }
    };
  }

  /** Puts the pictures of a split into their folder; equal names get a number. */
  private List<Placed> place(Split split, DataSet data) throws IOException {
    Path images =
        switch (format) {
          case YOLO, COCO -> folder.resolve("images").resolve(split.toString());
          case VOC -> folder.resolve("JPEGImages");
        };
    Files.createDirectories(images);
    Set<String> taken = new HashSet<>();
    if (format == DataFormat.VOC) {
      done.values().forEach(all -> all.forEach(placed -> taken.add(placed.stem())));
    }
    List<Placed> placed = new ArrayList<>();
    for (Sample sample : data.samples()) {
      String name = free(String.valueOf(sample.image().getFileName()), taken);
      Path image = images.resolve(name);
      put(sample.image(), image);
      PictureHeader header =
          PictureHeader.find(sample.image())
              .orElseThrow(
                  () -> new FormatException(sample.image() + " is a picture of unknown size"));
      placed.add(new Placed(sample, name, image, header.width(), header.height()));
    }
    return placed;
  }

  private static String free(String name, Set<String> taken) {
    int dot = name.lastIndexOf('.');
    String stem = dot > 0 ? name.substring(0, dot) : name;
    String ending = dot > 0 ? name.substring(dot) : "";
    String candidate = stem;
    for (int number = 2; !taken.add(candidate); number++) {
      candidate = stem + "_" + number;
    }
    return candidate + ending;
  }

  private void put(Path from, Path to) throws IOException {
    if (!copy) {
      try {
        Files.createLink(to, from.toRealPath());
        return;
      } catch (IOException | UnsupportedOperationException _) {
        // another file system, or one without links: the copy below serves as well
      }
    }
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private Path yolo(List<String> names) throws IOException {
    StringBuilder yaml = new StringBuilder("path: .\n");
    for (Split split : Split.values()) {
      List<Placed> pictures = done.get(split);
      if (pictures == null) {
        continue;
      }
      yaml.append(split).append(": images/").append(split).append('\n');
      Path labels = Files.createDirectories(folder.resolve("labels").resolve(split.toString()));
      for (Placed placed : pictures) {
        StringBuilder lines = new StringBuilder();
        for (Label l : placed.sample().labels()) {
          lines.append(l.classIndex());
          for (double part : new double[] {l.centerX(), l.centerY(), l.width(), l.height()}) {
            lines.append(' ').append(plain(part));
          }
          lines.append('\n');
        }
        Files.writeString(labels.resolve(placed.stem() + ".txt"), lines);
      }
    }
    yaml.append("names:\n");
    for (int c = 0; c < names.size(); c++) {
      yaml.append("  ").append(c).append(": ").append(quoted(names.get(c))).append('\n');
    }
    return Files.writeString(folder.resolve("data.yaml"), yaml);
  }

  private static String quoted(String name) {
    return "'" + name.replace("'", "''") + "'";
  }

  /** A number with ten digits at most, without an exponent. */
  static String plain(double number) {
    BigDecimal value = new BigDecimal(number).round(new MathContext(10)).stripTrailingZeros();
    return value.scale() < 0 ? value.setScale(0).toPlainString() : value.toPlainString();
  }

  /** Pixels to a thousandth; whole ones without a point. */
  static String pixel(double number) {
    String text = String.format(Locale.ROOT, "%.3f", number);
    text = text.replaceFirst("0+$", "").replaceFirst("\\.$", "");
    return text.equals("-0") ? "0" : text;
  }
}
