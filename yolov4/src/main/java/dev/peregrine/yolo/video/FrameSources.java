package dev.peregrine.yolo.video;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Opens videos: folders of frames by itself, everything else by providers. */
public final class FrameSources {
  /** Frames in a second of a folder, which has no clock of its own. */
  public static final double FOLDER_RATE = 25;

  private static final Pattern VIDEO =
      Pattern.compile(
          "(?i)camera(:\\d+)?|\\w+://.*|.*\\.(mp4|m4v|mov|avi|mkv|webm|mpe?g|wmv|flv|ts|ogv)");
  private static final Pattern PICTURE =
      Pattern.compile("(?i).*\\.(jpg|jpeg|png|bmp|webp|gif)", Pattern.DOTALL);

  private FrameSources() {}

  /**
   * Tells whether a name looks like a video's.
   *
   * @param source a file, an address such as {@code rtsp://host/path}, or {@code camera:0}
   * @return whether only a provider can open it
   */
  public static boolean looksLikeVideo(String source) {
    return VIDEO.matcher(source).matches() && !Files.isDirectory(Path.of(source));
  }

  /**
   * Opens a video.
   *
   * <p><b>Errors</b> {@link FormatException} where the folder has no pictures, or no provider knows
   * the source.
   *
   * @param source a folder, whose pictures are taken by name, numbers in it by their value; or
   *     whatever a provider opens
   * @return its frames, to be closed
   */
  public static FrameSource open(String source) {
    if (Files.isDirectory(Path.of(source))) {
      List<Path> files = pictures(Path.of(source));
      return new PictureFrames(files, List.of());
    }
    for (FrameSourceProvider provider : ServiceLoader.load(FrameSourceProvider.class)) {
      Optional<FrameSource> frames = provider.open(source);
      if (frames.isPresent()) {
        return frames.get();
      }
    }
    throw new FormatException(
        "source="
            + source
            + " is no folder of frames, and nothing that reads such videos is on the class path;"
            + " build the provider in docs/video and name its jars in PEREGRINE_CLASSPATH, as"
            + " docs/video.md shows, or give a folder of frames with video=true");
  }

  private static List<Path> pictures(Path folder) {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(file -> PICTURE.matcher(file.toString()).matches())
          .filter(Files::isRegularFile)
          .forEach(files::add);
    } catch (IOException | UncheckedIOException failure) {
      throw new FormatException(folder + ": cannot be listed: " + failure, failure);
    }
    if (files.isEmpty()) {
      throw new FormatException(
          "source="
              + folder
              + ": no frame was found there (jpg, png, bmp, webp, gif, tif); the frames of a video"
              + " are pictures, one after the other by name");
    }
    files.sort(
        Comparator.comparing(file -> String.valueOf(file.getFileName()), new NaturalOrder()));
    return files;
  }
}
