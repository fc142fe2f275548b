package dev.peregrine.yolo.darknet;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.darknet.Section.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A darknet cfg: the description of a network and of its training, checked and typed.
 *
 * <p>The text is kept as {@link #sections() sections}; from these come {@link #net()} and {@link
 * #layers()}, with all extents worked out. Changing the input size or a key gives another object.
 *
 * <p><b>Errors</b> every method that reads text fails with a {@link FormatException} whose message
 * starts with {@code file:line:}, shows the offending text and says what is expected.
 *
 * <p><b>Cost</b> whatever a text claims, reading it allocates at most 1500 bytes for each of its
 * own, and nothing for the sizes that it names.
 */
public final class CfgFile {
  private final String name;
  private final List<Section> sections;
  private final List<String> warnings;
  private final Net net;
  private final List<Layer> layers;

  private CfgFile(String name, List<Section> sections) {
    this.name = name;
    this.sections = List.copyOf(sections);
    if (sections.isEmpty()) {
      throw new FormatException(name + ": has no sections: a cfg starts with [net]");
    }
    SectionReader first = new SectionReader(name, sections.getFirst());
    if (!first.type().equals("net")) {
      throw first.error(
          "the first section is [" + sections.getFirst().name() + "], but a cfg starts with [net]");
    }
    this.net = NetReader.read(first);
    LayerReader reader = new LayerReader(net.input());
    for (Section section : sections.subList(1, sections.size())) {
      reader.read(new SectionReader(name, section));
    }
    this.layers = reader.layers();
    if (layers.isEmpty()) {
      throw first.error("there is no layer after [net]");
    }
    this.warnings = warnings(name, sections);
  }

  private static List<String> warnings(String name, List<Section> sections) {
    List<String> found = new ArrayList<>();
    Map<String, List<Integer>> idle = new LinkedHashMap<>();
    for (Section section : sections) {
      Set<String> seen = new HashSet<>();
      for (Entry entry : section.entries()) {
        if (!seen.add(entry.key())) {
          found.add(
              "%s:%d: %s=%s in [%s] is given twice; the first one counts"
                  .formatted(
                      name,
                      entry.line(),
                      SectionReader.shown(entry.key()),
                      SectionReader.shown(entry.value()),
                      section.name()));
        }
        if (CfgKeys.notTrained(entry.key()) && !entry.value().equals("0")) {
          found.add(
              "%s:%d: %s in [%s] is not followed: training goes without it"
                  .formatted(name, entry.line(), entry.key(), section.name()));
        } else if (CfgKeys.withoutEffect(section.name(), entry.key())) {
          String place = "%s in [%s]".formatted(entry.key(), section.name());
          idle.computeIfAbsent(place, _ -> new ArrayList<>()).add(entry.line());
        }
      }
    }
    idle.forEach((place, lines) ->
        found.add(
            "%s:%d: %s has no effect here%s"
                .formatted(
                    name,
                    lines.getFirst(),
                    place,
                    lines.size() == 1 ? "" : ", nor has it in " + (lines.size() - 1) + " more")));
    return List.copyOf(found);
  }

  /**
   * Reads a cfg file.
   *
   * <p><b>Errors</b> {@link FormatException} for a missing or unreadable file, or where its text
   * breaks a rule.
   *
   * @param file the file
   * @return the checked content
   */
  public static CfgFile read(Path file) {
    try {
      // malformed bytes become a replacement character: they occur in comments only
      return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), file.toString());
    } catch (NoSuchFileException missing) {
      throw new FormatException(file + ": there is no such cfg file", missing);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  /**
   * Reads a cfg from its text.
   *
   * @param text the whole text
   * @param name what errors call it, usually the file's name
   * @return the checked content
   */
  public static CfgFile parse(String text, String name) {
    return new CfgFile(name, CfgText.parse(text, name));
  }

  /**
   * What errors call this cfg.
   *
   * @return the file's name or another one
   */
  public String name() {
    return name;
  }

  /**
   * The sections as they stand in the file.
   *
   * @return all sections, {@code [net]} first
   */
  public List<Section> sections() {
    return sections;
  }

  /**
   * Oddities that are not errors: keys given twice, keys of training that are not followed, and
   * keys that darknet knows and that change nothing here.
   *
   * @return one sentence each, starting with {@code file:line:}
   */
  public List<String> warnings() {
    return warnings;
  }

  /**
   * The {@code [net]} section.
   *
   * @return input size, optimisation and augmentation
   */
  public Net net() {
    return net;
  }

  /**
   * The layers in their order.
   *
   * @return layer {@code i} at index {@code i}
   */
  public List<Layer> layers() {
    return layers;
  }

  /**
   * The detection heads in their order.
   *
   * @return the {@code [yolo]} and {@code [Gaussian_yolo]} layers
   */
  public List<Layer.Yolo> heads() {
    return ofType(Layer.Yolo.class);
  }

  /**
   * The layers that have numbers in a weights file, in its order.
   *
   * @return the convolutions, and the shortcuts with factors
   */
  public List<Layer> weighted() {
    return layers.stream().filter(layer -> layer.storedFloats() > 0).toList();
  }

  /**
   * The convolutions in their order.
   *
   * @return the {@code [convolutional]} layers
   */
  public List<Layer.Convolutional> convolutions() {
    return ofType(Layer.Convolutional.class);
  }

  private <L extends Layer> List<L> ofType(Class<L> type) {
    return layers.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /**
   * Learnable numbers of the whole network.
   *
   * @return the sum over all layers
   */
  public long parameters() {
    return layers.stream().mapToLong(Layer::parameters).sum();
  }

  /**
   * Numbers in a weights file of this network.
   *
   * @return the sum over all layers
   */
  public long storedFloats() {
    return layers.stream().mapToLong(Layer::storedFloats).sum();
  }

  /**
   * Darknet's cost figure of the whole network for one picture.
   *
   * @return the sum over all layers, in 10^9 operations
   */
  public double bflops() {
    return layers.stream().mapToDouble(Layer::bflops).sum();
  }

  /**
   * The same network for another input size. Anchors stay as they are: they are pixels of the
   * input.
   *
   * @param height rows of the input
   * @param width columns of the input
   * @return the changed cfg
   */
  public CfgFile withInputSize(int height, int width) {
    List<Section> changed = new ArrayList<>(sections);
    changed.set(
        0,
        sections
            .getFirst()
            .with("width", Integer.toString(width))
            .with("height", Integer.toString(height)));
    return new CfgFile(name, changed);
  }

  /**
   * The same cfg with other sections, as tools that adapt a cfg need it; everything is checked
   * again.
   *
   * @param changed all sections, {@code [net]} first
   * @return the changed cfg
   */
  public CfgFile withSections(List<Section> changed) {
    return new CfgFile(name, changed);
  }

  /**
   * The text of this cfg; comments and blanks of the original are not kept.
   *
   * @return sections and their keys, readable by {@link #parse} and by darknet
   */
  public String toText() {
    return CfgText.write(sections);
  }

  /**
   * Draws the network.
   *
   * @return the text of an SVG file: a box a layer
   */
  public String toSvg() {
    return CfgDrawing.svg(this);
  }

  /** The name, the number of layers and the input size. */
  @Override
  public String toString() {
    return name + " (" + layers.size() + " layers, " + net.input() + ")";
  }
}
