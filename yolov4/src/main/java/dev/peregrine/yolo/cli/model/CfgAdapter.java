package dev.peregrine.yolo.cli.model;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.Layer;
import dev.peregrine.yolo.darknet.Section;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Makes the cfg of another data set: more or fewer classes, other anchors. */
final class CfgAdapter {
  static final Key<Integer> CLASSES =
      Key.whole("classes", "", 1, 100_000, "of a .cfg: how many classes it is to tell apart");
  static final Key<String> ANCHORS =
      Key.text(
          "anchors",
          "",
          "of a .cfg: its anchors in pixels, such as 10,14,23,27,...; as many as before");

  private CfgAdapter() {}

  /** Does what a call asks for; its size is that of the cfg already. */
  static CfgFile adapt(Call call, CfgFile cfg) {
    CfgFile counted = call.find(CLASSES).map(count -> classes(cfg, count)).orElse(cfg);
    return call.find(ANCHORS).map(text -> anchors(counted, text)).orElse(counted);
  }

  /**
   * Gives every head another number of classes, and the convolution before it the filters they
   * need.
   */
  private static CfgFile classes(CfgFile cfg, int classes) {
    List<Section> sections = new ArrayList<>(cfg.sections());
    for (Layer.Yolo head : cfg.heads()) {
      if (head.index() == 0
          || !(cfg.layers().get(head.index() - 1) instanceof Layer.Convolutional conv)) {
        throw new FormatException(
            "%s:%d: no convolution gives the numbers of this [%s], so its classes cannot change"
                .formatted(cfg.name(), head.line(), head.place().kind()));
      }
      int filters = head.head().mask().size() * (head.head().objectness() + 1 + classes);
      replace(sections, head, "classes", String.valueOf(classes));
      replace(sections, conv, "filters", String.valueOf(filters));
    }
    return cfg.withSections(sections);
  }

  /** Gives all heads other anchors, as many as they had: width and height in turn. */
  private static CfgFile anchors(CfgFile cfg, String text) {
    String[] numbers = text.strip().split("[,\\s]+");
    List<Section> sections = new ArrayList<>(cfg.sections());
    for (Layer.Yolo head : cfg.heads()) {
      int needed = 2 * head.head().anchors().size();
      if (numbers.length != needed) {
        throw new UsageException(
            "anchors= has "
                + numbers.length
                + " numbers, but "
                + cfg.name()
                + " takes "
                + needed
                + ": width and height of each anchor, in pixels of the input");
      }
      replace(
          sections, head, ANCHORS.name(), Arrays.stream(numbers).collect(Collectors.joining(",")));
    }
    return cfg.withSections(sections);
  }

  /** The first section is that of the whole network, the others are the layers. */
  private static void replace(List<Section> sections, Layer layer, String key, String value) {
    int at = layer.index() + 1;
    sections.set(at, sections.get(at).with(key, value));
  }
}
