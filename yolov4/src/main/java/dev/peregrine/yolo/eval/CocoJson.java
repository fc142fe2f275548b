package dev.peregrine.yolo.eval;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * COCO's files: annotations ({@code {"images", "annotations", "categories"}}) and results (a list
 * of {@code {"image_id", "category_id", "bbox", "score"}}).
 *
 * <p>Boxes in these files are {@code [left, top, width, height]} in pixels. Elements are read one
 * by one, so that the outlines that fill most of a big annotation file are never all in memory.
 */
public final class CocoJson {
  private CocoJson() {}

  /**
   * Reads annotations.
   *
   * <p><b>Errors</b> {@link FormatException} with file and line for anything that is missing or of
   * the wrong kind.
   *
   * @param file a COCO annotation file
   * @return pictures, categories and objects
   */
  public static Annotations readAnnotations(Path file) {
    List<Annotations.Picture> pictures = new ArrayList<>();
    SortedMap<Integer, String> categories = new TreeMap<>();
    List<GroundTruth> truths = new ArrayList<>();
    try (JsonParser parser = open(file)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new FormatException(at(file, parser) + "COCO annotations are one JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "images" -> elements(file, parser, n -> pictures.add(picture(n)));
          case "categories" ->
              elements(file, parser, n -> categories.put((int) integer(n, "id"), text(n, "name")));
          case "annotations" -> elements(file, parser, n -> truths.add(truth(n)));
          default -> parser.skipChildren();
        }
      }
      if (pictures.isEmpty() || categories.isEmpty()) {
        throw new FormatException(
            file + ": COCO annotations need the lists \"images\" and \"categories\"");
      }
    } catch (JacksonException e) {
      throw unreadable(file, e);
    }
    try {
      return new Annotations(pictures, categories, truths);
    } catch (FormatException e) {
      throw new FormatException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads results.
   *
   * <p><b>Errors</b> {@link FormatException} with file and line for anything that is missing or of
   * the wrong kind.
   *
   * @param file a COCO result file
   * @return the predictions in the order of the file
   */
  public static List<Prediction> readPredictions(Path file) {
    List<Prediction> predictions = new ArrayList<>();
    try (JsonParser parser = open(file)) {
      parser.nextToken();
      elements(file, parser, n -> predictions.add(prediction(n)));
    } catch (JacksonException e) {
      throw unreadable(file, e);
    }
    return predictions;
  }

  /**
   * Writes results: three decimals for boxes, five for scores, as is the custom.
   *
   * @param file where to; written beside and renamed
   * @param predictions what to write
   */
  public static void writePredictions(Path file, List<Prediction> predictions) {
    StringBuilder text = new StringBuilder("[");
    for (Prediction p : predictions) {
      text.append(text.length() == 1 ? "\n" : ",\n")
          .append(
              String.format(
                  Locale.ROOT,
                  "{\"image_id\":%d,\"category_id\":%d,\"bbox\":[%.3f,%.3f,%.3f,%.3f],"
                      + "\"score\":%.5f}",
                  p.imageId(),
                  p.category(),
                  p.x1(),
                  p.y1(),
                  p.x2() - p.x1(),
                  p.y2() - p.y1(),
                  p.score()));
    }
    try {
      WholeFile.write(file, text.append("\n]\n").toString());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": predictions cannot be written", e);
    }
  }

  private static JsonParser open(Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new FormatException(file + ": there is no such file to read");
    }
    return JsonMapper.shared().createParser(file);
  }

  private static void elements(Path file, JsonParser parser, Consumer<JsonNode> each) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new FormatException(at(file, parser) + "expected a list here");
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      String where = at(file, parser);
      JsonNode node = parser.readValueAsTree();
      try {
        each.accept(node);
      } catch (FormatException e) {
        throw new FormatException(where + e.getMessage(), e);
      }
    }
  }

  private static Annotations.Picture picture(JsonNode n) {
    return new Annotations.Picture(
        integer(n, "id"),
        n.path("file_name").asString(""),
        n.path("width").asInt(0),
        n.path("height").asInt(0));
  }

  private static GroundTruth truth(JsonNode n) {
    double[] box = box(n);
    return new GroundTruth(
        integer(n, "image_id"),
        (int) integer(n, "category_id"),
        box[0],
        box[1],
        box[0] + box[2],
        box[1] + box[3],
        n.has("area") ? number(n.path("area"), "area") : box[2] * box[3],
        n.path("iscrowd").asInt(0) != 0,
        box[2] * box[3]);
  }

  private static Prediction prediction(JsonNode n) {
    double[] box = box(n);
    return new Prediction(
        integer(n, "image_id"),
        (int) integer(n, "category_id"),
        number(n.path("score"), "score"),
        box[0],
        box[1],
        box[0] + box[2],
        box[1] + box[3],
        box[2] * box[3]);
  }

  private static double[] box(JsonNode n) {
    JsonNode list = n.path("bbox");
    if (!list.isArray() || list.size() != 4) {
      throw new FormatException("\"bbox\" must be [left, top, width, height]");
    }
    double[] box = new double[4];
    for (int i = 0; i < 4; i++) {
      box[i] = number(list.path(i), "bbox");
    }
    if (box[2] < 0 || box[3] < 0) {
      throw new FormatException("\"bbox\" has a negative width or height");
    }
    return box;
  }

  private static double number(JsonNode value, String name) {
    if (!value.isNumber()) {
      throw new FormatException("\"" + name + "\" must be a number");
    }
    return value.asDouble();
  }

  private static long integer(JsonNode n, String name) {
    JsonNode value = n.path(name);
    if (!value.isIntegralNumber()) {
      throw new FormatException("\"" + name + "\" must be a whole number");
    }
    return value.asLong();
  }

  private static String text(JsonNode n, String name) {
    JsonNode value = n.path(name);
    if (!value.isString()) {
      throw new FormatException("\"" + name + "\" must be a text");
    }
    return value.asString();
  }

  private static String at(Path file, JsonParser parser) {
    return file + ":" + parser.currentTokenLocation().getLineNr() + ": ";
  }

  private static FormatException unreadable(Path file, JacksonException e) {
    return new FormatException(
        file
            + ":"
            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr())
            + ": not valid JSON: "
            + e.getOriginalMessage(),
        e);
  }
}
