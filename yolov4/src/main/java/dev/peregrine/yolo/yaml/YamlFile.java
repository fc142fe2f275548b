package dev.peregrine.yolo.yaml;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A network's description as Scaled-YOLOv4's PyTorch code has it: classes, factors of width and
 * depth, anchors, and rows of blocks.
 *
 * <p><b>Errors</b> every method that reads text fails with a {@link FormatException} whose message
 * starts with {@code file:line:} and says what is expected.
 *
 * <p><b>Cost</b> whatever a text claims, reading it allocates at most 1 MiB and 2000 bytes for each
 * of its own.
 */
public final class YamlFile {
  private final String name;
  private final int classes;
  private final Scale scale;
  private final List<List<Anchor>> anchors;
  private final List<YamlRow> rows;

  YamlFile(String name, int classes, Scale scale, List<List<Anchor>> anchors, List<YamlRow> rows) {
    this.name = name;
    this.classes = classes;
    this.scale = scale;
    this.anchors = List.copyOf(anchors);
    this.rows = List.copyOf(rows);
  }

  /**
   * Reads a file.
   *
   * @param file a {@code .yaml}
   * @return the description
   */
  public static YamlFile read(Path file) {
    try {
      return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), file.toString());
    } catch (NoSuchFileException missing) {
      throw new FormatException(file + ": there is no such yaml file", missing);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  /**
   * Reads a text.
   *
   * @param text the whole text
   * @param name what errors call it, usually the file's name
   * @return the description
   */
  public static YamlFile parse(String text, String name) {
    return new YamlReader(name).read(text);
  }

  /**
   * What errors call it.
   *
   * @return the file's name or another one
   */
  public String name() {
    return name;
  }

  /**
   * The number of classes.
   *
   * @return {@code nc}
   */
  public int classes() {
    return classes;
  }

  /**
   * The factors of width and depth.
   *
   * @return {@code width_multiple} and {@code depth_multiple}
   */
  public Scale scale() {
    return scale;
  }

  /**
   * The anchors of each head, finest head first.
   *
   * @return pixels of the network's input
   */
  public List<List<Anchor>> anchors() {
    return anchors;
  }

  List<YamlRow> rows() {
    return rows;
  }

  /**
   * The rows as a file has them.
   *
   * @return {@code [from, number, module, args]}, those of backbone and head together
   */
  public List<String> rowTexts() {
    return rows.stream().map(YamlRow::toText).toList();
  }

  /** The last row, which names the levels. */
  YamlRow detect() {
    return rows.getLast();
  }

  /**
   * The same network for other classes, factors and anchors.
   *
   * @param newClasses how many classes it tells apart
   * @param newScale factors of width and depth
   * @param newAnchors as many for each head, those of the finest head first
   * @return the changed description
   */
  public YamlFile with(int newClasses, Scale newScale, List<Anchor> newAnchors) {
    int heads = anchors.size();
    if (newClasses < 1 || newAnchors.isEmpty() || newAnchors.size() % heads != 0) {
      throw new FormatException(
          "%s: %d classes and %d anchors, but it takes at least one class, and as many anchors for"
                  .formatted(name, newClasses, newAnchors.size())
              + " each of its "
              + heads
              + " heads");
    }
    int each = newAnchors.size() / heads;
    List<List<Anchor>> groups =
        IntStream.range(0, heads)
            .mapToObj(i -> List.copyOf(newAnchors.subList(i * each, (i + 1) * each)))
            .toList();
    return new YamlFile(name, newClasses, newScale, groups, rows);
  }

  /**
   * The description as a file has it; comments are not kept.
   *
   * @return a text that {@link #parse} and the PyTorch code read
   */
  public String toText() {
    String levels =
        anchors.stream()
            .map(level ->
                level.stream()
                    .map(anchor -> anchor.width() + "," + anchor.height())
                    .collect(Collectors.joining(", ", "  - [", "]\n")))
            .collect(Collectors.joining());
    return "nc: %d\ndepth_multiple: %s\nwidth_multiple: %s\nanchors:\n%sbackbone:\n  [\n"
            .formatted(classes, scale.depth(), scale.width(), levels)
        + "  ]\nhead:\n  [\n"
        + rowTexts().stream().collect(Collectors.joining(",\n   ", "   ", "\n"))
        + "  ]\n";
  }
}
