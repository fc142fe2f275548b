package dev.peregrine.yolo.data.convert;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.data.convert.DataWriter.Placed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes Pascal VOC's files, and the order of the classes beside them. */
final class VocWriter {
  private VocWriter() {}

  static void write(Path folder, List<String> names, Map<Split, List<Placed>> splits)
      throws IOException {
    Path annotations = Files.createDirectories(folder.resolve("Annotations"));
    Path sets = Files.createDirectories(folder.resolve("ImageSets").resolve("Main"));
    for (Map.Entry<Split, List<Placed>> split : new TreeMap<>(splits).entrySet()) {
      StringBuilder list = new StringBuilder();
      for (Placed picture : split.getValue()) {
        list.append(picture.stem()).append('\n');
        Files.writeString(annotations.resolve(picture.stem() + ".xml"), xml(picture, names));
      }
      Files.writeString(sets.resolve(split.getKey() + ".txt"), list);
    }
    Files.writeString(folder.resolve("classes.txt"), String.join("\n", names) + "\n");
  }

  private static String xml(Placed picture, List<String> names) {
    StringBuilder text = new StringBuilder("<annotation>\n");
    text.append("  <folder>JPEGImages</folder>\n");
    text.append("  <filename>").append(escaped(picture.name())).append("</filename>\n");
    text.append("  <size>\n    <width>").append(picture.width()).append("</width>\n");
    text.append("    <height>").append(picture.height()).append("</height>\n");
    text.append("    <depth>3</depth>\n  </size>\n  <segmented>0</segmented>\n");
    picture.sample().labels().forEach(label -> object(text, picture, label, names, 0));
    picture.sample().ignored().forEach(label -> object(text, picture, label, names, 1));
    return text.append("</annotation>\n").toString();
  }

  private static void object(
      StringBuilder text, Placed picture, Label label, List<String> names, int difficult) {
    double[] box = picture.pixels(label);
    text.append("  <object>\n    <name>")
        .append(escaped(names.get(label.classIndex())))
        .append("</name>\n    <pose>Unspecified</pose>\n    <truncated>0</truncated>\n")
        .append("    <difficult>")
        .append(difficult)
        .append("</difficult>\n    <bndbox>\n");
    edge(text, "xmin", box[0]);
    edge(text, "ymin", box[1]);
    edge(text, "xmax", box[0] + box[2]);
    edge(text, "ymax", box[1] + box[3]);
    text.append("    </bndbox>\n  </object>\n");
  }

  private static void edge(StringBuilder text, String name, double at) {
    text.append("      <%s>%s</%s>\n".formatted(name, DataWriter.pixel(at), name));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
