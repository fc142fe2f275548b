package dev.peregrine.yolo.data.convert;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.data.convert.DataWriter.Placed;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** Writes COCO's instances, one element a line. Category ids count from 1. */
final class CocoWriter {
  private CocoWriter() {}

  static void write(Path folder, List<String> names, Map<Split, List<Placed>> splits)
      throws IOException {
    Path annotations = Files.createDirectories(folder.resolve("annotations"));
    for (Map.Entry<Split, List<Placed>> split : new TreeMap<>(splits).entrySet()) {
      Path file = annotations.resolve("instances_" + split.getKey() + ".json");
      try (BufferedWriter out = Files.newBufferedWriter(file)) {
        out.write("{\"images\": [\n");
        out.write(String.join(",\n", images(split.getValue())));
        out.write("\n],\n\"annotations\": [\n");
        out.write(String.join(",\n", boxes(split.getValue())));
        out.write("\n],\n\"categories\": [\n");
        out.write(String.join(",\n", categories(names)));
        out.write("\n]}\n");
      }
    }
  }

  private static String text(String value) {
    return JsonMapper.shared().writeValueAsString(value);
  }

  private static List<String> images(List<Placed> pictures) {
    List<String> lines = new ArrayList<>();
    for (Placed picture : pictures) {
      lines.add(
          "{\"id\": %d, \"file_name\": %s, \"width\": %d, \"height\": %d}"
              .formatted(
                  lines.size() + 1, text(picture.name()), picture.width(), picture.height()));
    }
    return lines;
  }

  private static List<String> boxes(List<Placed> pictures) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      Placed picture = pictures.get(i);
      for (Label label : picture.sample().labels()) {
        lines.add(box(lines.size() + 1, i + 1, picture, label, 0));
      }
      for (Label label : picture.sample().ignored()) {
        lines.add(box(lines.size() + 1, i + 1, picture, label, 1));
      }
    }
    return lines;
  }

  private static String box(int id, int picture, Placed placed, Label label, int crowd) {
    double[] box = placed.pixels(label);
    double area = placed.sample().area(label, placed.width(), placed.height());
    return ("{\"id\": %d, \"image_id\": %d, \"category_id\": %d, \"bbox\": [%s, %s, %s, %s],"
            + " \"area\": %s, \"iscrowd\": %d}")
        .formatted(
            id,
            picture,
            label.classIndex() + 1,
            DataWriter.pixel(box[0]),
            DataWriter.pixel(box[1]),
            DataWriter.pixel(box[2]),
            DataWriter.pixel(box[3]),
            DataWriter.pixel(area),
            crowd);
  }

  private static List<String> categories(List<String> names) {
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      lines.add("{\"id\": %d, \"name\": %s}".formatted(lines.size() + 1, text(name)));
    }
    return lines;
  }
}
