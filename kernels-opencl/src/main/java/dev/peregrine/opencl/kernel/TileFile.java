package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.WholeFile;
import dev.peregrine.tensor.device.DeviceException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The file of measured tiles: a heading, then one row for each device, driver, version of the
 * kernels and shape, with the tile that was fastest, parted by tabs.
 *
 * <p>Nothing is ever computed wrongly for what stands in it, so a file that cannot be read is left
 * aside with a warning.
 */
public final class TileFile {
  private static final System.Logger LOGGER = System.getLogger(TileFile.class.getName());
  private static final String HEADING = "peregrine opencl tiles 1";
  private static final int KEY_COLUMNS = 4;

  private final Path path;

  /**
   * Names a file, which need not be there.
   *
   * @param path where it lies
   */
  public TileFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  /**
   * Names the file of this user: in the folder {@code PEREGRINE_CACHE}, else in {@code peregrine}
   * under {@code XDG_CACHE_HOME}, else under {@code .cache} of the home folder.
   *
   * @param environment the environment's variables
   * @return the file
   */
  public static TileFile of(Map<String, String> environment) {
    String own = environment.getOrDefault("PEREGRINE_CACHE", "");
    Path shared = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
    Path folder =
        !own.isEmpty()
            ? Path.of(own)
            : (shared.isAbsolute() ? shared : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("peregrine");
    return new TileFile(folder.resolve("opencl-tiles.tsv"));
  }

  /** The first columns of a row. */
  static String key(String device, String driver, String kernels, String shape) {
    return Stream.of(device, driver, kernels, shape)
        .map(column -> column.strip().replaceAll("\\s+", " "))
        .collect(Collectors.joining("\t"));
  }

  /** The tiles by key, none where there is no such file. */
  Map<String, String> read() {
    Map<String, String> rows = new LinkedHashMap<>();
    if (!Files.exists(path)) {
      return rows;
    }
    try {
      List<String> lines = Files.readAllLines(path);
      boolean sound = !lines.isEmpty() && lines.getFirst().equals(HEADING);
      for (int i = 1; sound && i < lines.size(); i++) {
        String line = lines.get(i);
        sound = line.chars().filter(c -> c == '\t').count() == KEY_COLUMNS;
        int end = line.lastIndexOf('\t');
        if (sound) {
          rows.put(line.substring(0, end), line.substring(end + 1));
        }
      }
      if (sound) {
        return rows;
      }
      ignored("it is no file of tiles");
    } catch (CharacterCodingException _) {
      ignored("it is no text");
    } catch (IOException failure) {
      ignored(failure.toString());
    }
    return new LinkedHashMap<>();
  }

  private void ignored(String why) {
    LOGGER.log(
        System.Logger.Level.WARNING,
        "opencl: {0} is ignored: {1}; tiles go by a rule until tune=true writes it anew",
        path,
        why);
  }

  /** Adds a row to what the file holds by now. */
  void add(String key, String tile) {
    add(this, key, tile);
  }

  /** One at a time in the whole process: several devices may be searched at once. */
  private static synchronized void add(TileFile file, String key, String tile) {
    Path path = file.path;
    Map<String, String> rows = file.read();
    rows.put(key, tile);
    StringBuilder text = new StringBuilder(HEADING).append('\n');
    rows.forEach((row, value) -> text.append(row).append('\t').append(value).append('\n'));
    // Programs that tune at the same time write beside each other.
    Path part = path.resolveSibling(path.getFileName() + "." + ProcessHandle.current().pid());
    try {
      Files.createDirectories(part.getParent());
      Files.writeString(part, text);
      WholeFile.rename(part, path);
    } catch (IOException failure) {
      throw new DeviceException(
          "opencl: the tiles cannot be kept in "
              + path
              + " ("
              + failure
              + "); set PEREGRINE_CACHE to a folder that can be written",
          failure);
    }
  }

  /**
   * Says what is in the file.
   *
   * @return one line: how many shapes of which device, or the command that searches
   */
  public String report() {
    Map<String, Integer> shapes = new TreeMap<>();
    for (String key : read().keySet()) {
      String[] columns = key.split("\t", -1);
      shapes.merge(columns[0] + ", driver " + columns[1], 1, Integer::sum);
    }
    return shapes.isEmpty()
        ? "chosen by a rule, none measured in "
            + path
            + "; to search: ./yolo benchmark model=yolov4-csp weights=random device=opencl"
            + " tune=true"
        : shapes.entrySet().stream()
            .map(entry ->
                entry.getValue()
                    + (entry.getValue() == 1 ? " shape" : " shapes")
                    + " measured on "
                    + entry.getKey())
            .collect(Collectors.joining("; ", "", " (" + path + ")"));
  }
}
