package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * COCO's instances: {@code {"images", "annotations", "categories"}}, read element by element, so
 * that the outlines that fill most of a big file are never all in memory.
 *
 * @param pictures in the order of the file
 * @param boxes in the order of the file
 * @param categories names by id; ids may have gaps
 */
record CocoFile(
    List<CocoPicture> pictures, List<CocoBox> boxes, SortedMap<Integer, String> categories) {
  /** One element of {@code images}; extents are 0 when not stated. */
  record CocoPicture(int line, long id, String fileName, int width, int height) {}

  /**
   * One element of {@code annotations}.
   *
   * @param line where it begins
   * @param id its number, -1 when it has none
   * @param picture whose it is
   * @param category its class, -1 when it has none
   * @param edges left, top, right, bottom; not numbers where it has none
   * @param area of the outline, not a number when unknown
   * @param crowd whether it marks a group
   */
  record CocoBox(
      int line, long id, long picture, int category, double[] edges, double area, boolean crowd) {}

  /**
   * Reads a file.
   *
   * <p><b>Errors</b> {@link FormatException} with file and line when it is no JSON of this form.
   * Single boxes may be wrong; that is told by what uses them.
   *
   * <p><b>Cost</b> at most 8 MiB and 3000 bytes for each of the file, the pictures' headers left
   * out.
   */
  static CocoFile read(Path file) {
    List<CocoPicture> pictures = new ArrayList<>();
    List<CocoBox> boxes = new ArrayList<>();
    SortedMap<Integer, String> categories = new TreeMap<>();
    read(
        file,
        (section, parser) -> {
          switch (section) {
            case "images" -> elements(file, parser, (line, n) -> pictures.add(picture(line, n)));
            case "annotations" -> elements(file, parser, (line, n) -> boxes.add(box(line, n)));
            case "categories" ->
                elements(file, parser, (line, n) -> addCategory(file, line, n, categories));
            default -> parser.skipChildren();
          }
        });
    if (pictures.isEmpty() || categories.isEmpty()) {
      throw new FormatException(
          file + ": COCO's instances need the lists \"images\" and \"categories\"");
    }
    return new CocoFile(List.copyOf(pictures), List.copyOf(boxes), categories);
  }

  /** Reads the categories alone. */
  static SortedMap<Integer, String> categories(Path file) {
    SortedMap<Integer, String> categories = new TreeMap<>();
    read(
        file,
        (section, parser) -> {
          if (section.equals("categories")) {
            elements(file, parser, (line, n) -> addCategory(file, line, n, categories));
          } else {
            parser.skipChildren();
          }
        });
    if (categories.isEmpty()) {
      throw new FormatException(file + ": COCO's instances need the list \"categories\"");
    }
    return categories;
  }

  private static void read(Path file, BiConsumer<String, JsonParser> section) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new FormatException(file + " does not exist; COCO's instances were expected there");
    }
    try (JsonParser parser = JsonMapper.shared().createParser(file)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new FormatException(
            "%s:%d: COCO's instances are one JSON object".formatted(file, line(parser)));
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        section.accept(name, parser);
      }
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new FormatException(
          "%s:%d: not valid JSON: %s".formatted(file, line, TextFile.shown(e.getOriginalMessage())),
          e);
    }
  }

  private static int line(JsonParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }

  private static void elements(Path file, JsonParser parser, BiConsumer<Integer, JsonNode> each) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new FormatException("%s:%d: a list was expected here".formatted(file, line(parser)));
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      int line = line(parser);
      each.accept(line, parser.readValueAsTree());
    }
  }

  private static CocoPicture picture(int line, JsonNode n) {
    return new CocoPicture(
        line,
        n.path("id").asLong(-1),
        n.path("file_name").asString(""),
        n.path("width").asInt(0),
        n.path("height").asInt(0));
  }

  private static void addCategory(
      Path file, int line, JsonNode n, SortedMap<Integer, String> categories) {
    JsonNode id = n.path("id");
    if (!id.isIntegralNumber() || !n.path("name").isString()) {
      throw new FormatException(
          "%s:%d: a category needs a whole \"id\" and a \"name\"".formatted(file, line));
    }
    String before = categories.put(id.asInt(), n.path("name").asString());
    if (before != null) {
      throw new FormatException(
          "%s:%d: category id %d is taken by '%s' already"
              .formatted(file, line, id.asInt(), TextFile.shown(before)));
    }
  }

  private static CocoBox box(int line, JsonNode n) {
    JsonNode bbox = n.path("bbox");
    double[] edges = {Double.NaN, Double.NaN, Double.NaN, Double.NaN};
    if (bbox.isArray() && bbox.size() == 4) {
      for (int i = 0; i < 4; i++) {
        edges[i] = number(bbox.path(i));
      }
      edges[2] += edges[0];
      edges[3] += edges[1];
    } else if (n.path("segmentation").isArray()) {
      around(n.path("segmentation"), edges);
    }
    JsonNode category = n.path("category_id");
    return new CocoBox(
        line,
        n.path("id").asLong(-1),
        n.path("image_id").asLong(-1),
        category.isIntegralNumber() ? category.asInt() : -1,
        edges,
        number(n.path("area")),
        n.path("iscrowd").asInt(0) != 0);
  }

  /** The box about outlines, each a list of x and y in turn. */
  private static void around(JsonNode outlines, double[] edges) {
    for (JsonNode outline : outlines) {
      for (int i = 0; i < outline.size(); i++) {
        double at = number(outline.path(i));
        int low = i % 2;
        edges[low] = Double.isNaN(edges[low]) ? at : Math.min(edges[low], at);
        edges[low + 2] = Double.isNaN(edges[low + 2]) ? at : Math.max(edges[low + 2], at);
      }
    }
  }

  private static double number(JsonNode value) {
    return value.isNumber() ? value.asDouble() : Double.NaN;
  }
}
