package dev.peregrine.yolo.yaml;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.data.YamlText;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** Reads a yaml; each fault names its line. */
final class YamlReader {
  private static final Set<String> KEYS =
      Set.of("nc", "depth_multiple", "width_multiple", "anchors", "backbone", "head");
  private static final int LONGEST = 1 << 18;
  private static final int DEEPEST = 16;
  private static final int MOST_ROWS = 1000;
  private static final int MOST_MARKS = 64;

  /** What a list may have where each is read again for every alias of it. */
  private static final int MOST_ITEMS = 256;

  private final String file;

  YamlReader(String file) {
    this.file = file;
  }

  YamlFile read(String text) {
    Map<String, Node> keys = keys(compose(text));
    int classes = whole(keys.get("nc"), "nc", 1, 1_000_000);
    double depth = decimal(keys.get("depth_multiple"), "depth_multiple");
    double width = decimal(keys.get("width_multiple"), "width_multiple");
    List<List<Anchor>> anchors = anchors(keys.get("anchors"));
    List<YamlRow> rows = new ArrayList<>();
    for (String part : List.of("backbone", "head")) {
      for (Node row : items(keys.get(part), part)) {
        rows.add(row(row, rows.size()));
        if (rows.size() > MOST_ROWS) {
          throw error(row, "there are more than " + MOST_ROWS + " rows");
        }
      }
    }
    Node head = keys.get("head");
    if (rows.isEmpty() || rows.getLast().unit() != Unit.DETECT) {
      throw error(head, "the last row of head must be Detect");
    }
    for (YamlRow row : rows.subList(0, rows.size() - 1)) {
      if (row.unit() == Unit.DETECT) {
        throw error(head, "row " + row.index() + " is Detect, which must be the last row");
      }
    }
    int levels = rows.getLast().from().size();
    if (levels != anchors.size()) {
      throw error(
          keys.get("anchors"),
          "anchors has " + anchors.size() + " lines, but Detect reads " + levels + " rows");
    }
    return new YamlFile(file, classes, new Scale(width, depth), anchors, rows);
  }

  private Node compose(String text) {
    if (text.length() > LONGEST) {
      throw new FormatException(
          "%s: has %d characters, too many for a network's description"
              .formatted(file, text.length()));
    }
    LoadSettings settings = LoadSettings.builder().setLabel(file).build();
    requireFewMarks(text);
    YamlText.requirePlain(file, text, settings, DEEPEST);
    try {
      return new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text)))
          .getSingleNode()
          .orElseThrow(() -> new FormatException(file + ": is empty"));
    } catch (YamlEngineException failure) {
      throw YamlText.failure(file, failure);
    }
  }

  /**
   * Keys and lists that all begin in one line take the parser a time that grows with the square.
   */
  private void requireFewMarks(String text) {
    int line = 0;
    for (String row : text.lines().toList()) {
      line++;
      int marks = 0;
      for (char c : row.toCharArray()) {
        marks += c == '-' || c == '?' || c == ':' ? 1 : 0;
      }
      if (marks > MOST_MARKS || row.length() - row.stripLeading().length() > MOST_MARKS) {
        throw at(line, "is no line of a network's description");
      }
    }
  }

  private Map<String, Node> keys(Node root) {
    if (!(root instanceof MappingNode map)) {
      throw error(root, "keys such as 'nc:' and 'backbone:' were expected");
    }
    Map<String, Node> keys = new LinkedHashMap<>();
    for (NodeTuple entry : map.getValue()) {
      String key = text(entry.getKeyNode());
      if (!KEYS.contains(key)) {
        throw error(
            entry.getKeyNode(),
            "unknown key '%s'; there are nc, depth_multiple, width_multiple, anchors, backbone, head"
                .formatted(shown(key)));
      }
      if (keys.put(key, entry.getValueNode()) != null) {
        throw error(entry.getKeyNode(), "the key '" + key + "' is given twice");
      }
    }
    for (String key : KEYS) {
      if (!keys.containsKey(key)) {
        throw error(root, "there is no key '" + key + "'");
      }
    }
    return keys;
  }

  private List<List<Anchor>> anchors(@Nullable Node node) {
    List<List<Anchor>> levels = new ArrayList<>();
    for (Node level : few(node, "anchors")) {
      List<Node> sides = few(level, "anchors");
      if (sides.isEmpty() || sides.size() % 2 != 0) {
        throw error(level, "anchors needs a width and a height each");
      }
      List<Anchor> anchors = new ArrayList<>();
      for (int i = 0; i < sides.size(); i += 2) {
        anchors.add(
            new Anchor(decimal(sides.get(i), "anchors"), decimal(sides.get(i + 1), "anchors")));
      }
      levels.add(List.copyOf(anchors));
      if (levels.getLast().size() != levels.getFirst().size()) {
        throw error(level, "each head must have as many anchors as the first one");
      }
    }
    return levels;
  }

  private YamlRow row(Node node, int index) {
    List<Node> parts = items(node, "a row");
    if (parts.size() != 4) {
      throw error(node, "a row is [from, number, module, args], but this one has " + parts.size());
    }
    String key = text(parts.get(2));
    Unit unit =
        Unit.of(key)
            .orElseThrow(() ->
                error(
                    parts.get(2),
                    "there is no module '%s'; there are %s"
                        .formatted(shown(key), String.join(", ", Unit.keys()))));
    List<Node> arguments = items(parts.get(3), "args");
    if (!unit.takes(arguments.size())) {
      throw error(parts.get(3), unit.key() + " does not take " + arguments.size() + " args");
    }
    List<Integer> from = new ArrayList<>();
    boolean several = parts.get(0) instanceof SequenceNode;
    for (Node source : several ? few(parts.get(0), "from") : List.of(parts.get(0))) {
      from.add(source(source, index));
    }
    if (from.isEmpty() || from.size() > 1 && unit != Unit.CONCAT && unit != Unit.DETECT) {
      throw error(parts.get(0), unit.key() + " does not read " + from.size() + " rows");
    }
    // Only blocks are repeated; a join or an enlargement that were, no published file has.
    int number = whole(parts.get(1), "number", 1, unit.hasChannels() ? MOST_ROWS : 1);
    return new YamlRow(index, List.copyOf(from), number, unit, arguments(unit, arguments));
  }

  /** The row that is read; what was before the first one is the picture. */
  private int source(Node node, int index) {
    int written = whole(node, "from", -MOST_ROWS, MOST_ROWS);
    int row = written < 0 ? index + written : written;
    if (row >= index || row < -1 || index > 0 && row < 0) {
      throw error(node, "from " + written + " is row " + row + ", but this is row " + index);
    }
    return row;
  }

  private List<Integer> arguments(Unit unit, List<Node> arguments) {
    List<Integer> numbers = new ArrayList<>();
    switch (unit) {
      case DETECT -> {
        if (!text(arguments.get(0)).equals("nc") || !text(arguments.get(1)).equals("anchors")) {
          throw error(arguments.get(0), "Detect takes [nc, anchors]");
        }
      }
      case UPSAMPLE -> {
        if (!text(arguments.get(2)).equals("nearest")) {
          throw error(arguments.get(2), "nn.Upsample is supported with 'nearest' only");
        }
        numbers.add(whole(arguments.get(1), "the factor", 2, 64));
      }
      case CONCAT -> numbers.add(whole(arguments.get(0), "the axis of Concat", 1, 1));
      case CONV -> {
        int most = 1 << 16;
        for (Node argument : arguments) {
          numbers.add(whole(argument, "args of Conv", 1, most));
          most = 64;
        }
      }
      case BOTTLENECK, BOTTLENECK_CSP, BOTTLENECK_CSP2, SPP_CSP -> {
        numbers.add(whole(arguments.getFirst(), "channels", 1, 1 << 16));
        if (arguments.size() > 1) {
          numbers.add(truth(arguments.get(1)) ? 1 : 0);
        }
      }
    }
    return List.copyOf(numbers);
  }

  private List<Node> items(@Nullable Node node, String what) {
    if (node instanceof SequenceNode list) {
      return list.getValue();
    }
    throw error(node, what + " must be a list");
  }

  private List<Node> few(@Nullable Node node, String what) {
    List<Node> items = items(node, what);
    if (items.size() > MOST_ITEMS) {
      throw error(node, "%s has more than %d items".formatted(what, MOST_ITEMS));
    }
    return items;
  }

  private String text(@Nullable Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw error(node, "a word or a number was expected");
  }

  private boolean truth(Node node) {
    return switch (text(node).toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw error(node, "True or False was expected, not " + shown(text(node)));
    };
  }

  private int whole(@Nullable Node node, String what, int least, int most) {
    String text = text(node);
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException failure) {
      throw new FormatException(
          where(node) + what + " must be a whole number, not '" + shown(text) + "'", failure);
    }
    throw error(node, "%s must be from %d to %d, not %s".formatted(what, least, most, shown(text)));
  }

  private double decimal(@Nullable Node node, String what) {
    String text = text(node);
    try {
      double value = Double.parseDouble(text);
      if (value > 0 && Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException failure) {
      throw new FormatException(
          where(node) + what + " must be a number, not '" + shown(text) + "'", failure);
    }
    throw error(node, what + " must be above 0, not " + shown(text));
  }

  private static String shown(String text) {
    String clean = text.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= 40 ? clean : clean.substring(0, 40) + "...";
  }

  private FormatException error(@Nullable Node node, String problem) {
    return new FormatException(where(node) + problem);
  }

  private String where(@Nullable Node node) {
    int line = node == null ? 1 : node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    return file + ":" + line + ": ";
  }

  private FormatException at(int line, String problem) {
    return new FormatException(file + ":" + line + ": " + problem);
  }
}
