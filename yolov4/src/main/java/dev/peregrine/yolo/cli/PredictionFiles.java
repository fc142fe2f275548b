package dev.peregrine.yolo.cli;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.plot.BoxPainter;
import dev.peregrine.yolo.video.Frame;
import dev.peregrine.yolo.video.FrameOverlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The files that {@code predict} makes in its run folder. */
final class PredictionFiles {
  private final RunFolder folder;
  private final boolean pictures;
  private final boolean labels;
  private final boolean crops;
  private final boolean video;
  private final Set<String> taken = new HashSet<>();

  /**
   * Chooses what is written.
   *
   * @param folder where to, made with the first file
   * @param pictures annotated pictures
   * @param labels one text a picture, readable as labels of a data set
   * @param crops one picture an object
   * @param video whether annotated pictures tell their number and the speed
   */
  PredictionFiles(
      RunFolder folder, boolean pictures, boolean labels, boolean crops, boolean video) {
    this.folder = folder;
    this.pictures = pictures;
    this.labels = labels;
    this.crops = crops;
    this.video = video;
  }

  /** Writes what was chosen for one picture. */
  void write(Frame frame, List<Detection> detections, double framesPerSecond) {
    String name = frame.name();
    ByteImage picture = frame.image();
    String stem = free(name);
    if (labels) {
      String text =
          detections.stream().map(d -> label(d, picture) + "\n").collect(Collectors.joining());
      TextFiles.write(folder.path().resolve("labels/" + stem + ".txt"), text);
    }
    if (!pictures && !crops) {
      return;
    }
    if (pictures) {
      String ending = name.toLowerCase(Locale.ROOT).endsWith(".png") ? ".png" : ".jpg";
      Images.write(
          place(stem + ending),
          video
              ? FrameOverlay.paint(frame, detections, framesPerSecond)
              : BoxPainter.paint(picture, detections));
    }
    if (crops) {
      Image image = picture.toImage();
      for (int i = 0; i < detections.size(); i++) {
        crop(image, detections.get(i), stem + "_" + i);
      }
    }
  }

  /** The folder, once something was written. */
  Optional<Path> where() {
    return folder.exists() ? Optional.of(folder.path()) : Optional.empty();
  }

  /** The name without its ending, with a number where two pictures have the same one. */
  private String free(String name) {
    int dot = name.lastIndexOf('.');
    String stem = dot > 0 ? name.substring(0, dot) : name;
    String candidate = stem;
    for (int number = 2; !taken.add(candidate); number++) {
      candidate = stem + "_" + number;
    }
    return candidate;
  }

  private Path place(String relative) {
    Path file = folder.path().resolve(relative);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException failure) {
      throw new FormatException(file + " cannot be written: " + failure, failure);
    }
    return file;
  }

  private static String label(Detection d, ByteImage image) {
    Box box = d.box();
    return String.format(
        Locale.ROOT,
        "%d %.6f %.6f %.6f %.6f",
        d.classIndex(),
        (box.x1() + box.x2()) / 2 / image.width(),
        (box.y1() + box.y2()) / 2 / image.height(),
        box.width() / image.width(),
        box.height() / image.height());
  }

  private void crop(Image image, Detection d, String name) {
    int left = (int) Math.floor(d.box().x1());
    int top = (int) Math.floor(d.box().y1());
    int width = Math.min(image.width(), (int) Math.ceil(d.box().x2())) - left;
    int height = Math.min(image.height(), (int) Math.ceil(d.box().y2())) - top;
    if (width <= 0 || height <= 0) {
      return;
    }
    float[] pixels = new float[width * height * 3];
    for (int row = 0; row < height; row++) {
      int from = 3 * ((top + row) * image.width() + left);
      System.arraycopy(image.rgb(), from, pixels, 3 * row * width, 3 * width);
    }
    String folderName = d.name().replaceAll("[^A-Za-z0-9._ -]", "_");
    Images.write(
        place("crops/" + folderName + "/" + name + ".jpg"), new Image(width, height, pixels));
  }
}
