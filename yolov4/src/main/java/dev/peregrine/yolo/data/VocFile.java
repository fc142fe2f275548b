package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.MissingResourceException;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * One {@code .xml} file of Pascal VOC: a picture's name, its size, and an {@code <object>} for each
 * box, whose edges are pixels.
 *
 * <p>Edges are taken as they stand, as positions between 0 and the extent; that VOC counts its
 * first pixel as 1 is left alone, as in the label files that other programs make of it.
 *
 * @param fileName of the picture as the file states it, empty when it does not
 * @param width pixels as the file states, 0 when it does not
 * @param height pixels as the file states, 0 when it does not
 * @param objects in the order of the file
 */
record VocFile(String fileName, int width, int height, List<VocObject> objects) {
  /**
   * One box.
   *
   * @param line where it begins in the file
   * @param name of its class
   * @param difficult whether it is marked so
   * @param edges left, top, right, bottom as they are written; a missing one is empty
   */
  record VocObject(int line, String name, boolean difficult, List<String> edges) {}

  private static final int DEEPEST = 32;
  private static final List<String> EDGES = List.of("xmin", "ymin", "xmax", "ymax");

  /**
   * Reads a file.
   *
   * <p><b>Errors</b> {@link FormatException} with file and line when it is no such XML.
   *
   * <p><b>Cost</b> at most 8 MiB and 2000 bytes for each of the file.
   */
  static VocFile read(Path file) {
    byte[] text;
    try {
      text = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new FormatException("%s: cannot be read: %s".formatted(file, TextFile.reason(e)), e);
    }
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    try {
      XMLStreamReader xml = factory.createXMLStreamReader(new ByteArrayInputStream(text));
      try {
        return read(file, xml);
      } finally {
        xml.close();
      }
    } catch (XMLStreamException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
      String reason = String.valueOf(e.getMessage()).replaceFirst("(?s).*?Message: ", "");
      throw new FormatException(
          "%s:%d: not valid XML: %s".formatted(file, Math.max(line, 1), TextFile.shown(reason)), e);
    } catch (MissingResourceException e) {
      // The JDK's parser has no words for some faults of a DOCTYPE, and fails when it looks for
      // them.
      throw new FormatException(
          "%s: not valid XML: its DOCTYPE is damaged (%s)".formatted(file, e.getKey()), e);
    }
  }

  private static VocFile read(Path file, XMLStreamReader xml) throws XMLStreamException {
    Map<String, String> top = new HashMap<>();
    List<VocObject> objects = new ArrayList<>();
    List<String> path = new ArrayList<>();
    Map<String, String> object = new HashMap<>();
    int line = 0;
    StringBuilder text = new StringBuilder();
    while (xml.hasNext()) {
      switch (xml.next()) {
        case XMLStreamReader.START_ELEMENT -> {
          path.add(xml.getLocalName());
          if (path.size() > DEEPEST) {
            throw new FormatException(
                "%s:%d: elements are nested too deeply for an annotation of Pascal VOC"
                    .formatted(file, xml.getLocation().getLineNumber()));
          }
          text.setLength(0);
          if (path.size() == 2 && xml.getLocalName().equals("object")) {
            line = xml.getLocation().getLineNumber();
            object.clear();
          }
        }
        case XMLStreamReader.CHARACTERS, XMLStreamReader.CDATA -> text.append(xml.getText());
        case XMLStreamReader.END_ELEMENT -> {
          String where = String.join("/", path.subList(1, path.size()));
          if (where.equals("object")) {
            objects.add(object(line, object));
          } else if (where.startsWith("object/")) {
            object.put(where.substring("object/".length()), text.toString().strip());
          } else {
            top.putIfAbsent(where, text.toString().strip());
          }
          path.removeLast();
          text.setLength(0);
        }
        default -> {
          // comments and the like
        }
      }
      if (path.size() == 1 && !path.getFirst().equals("annotation")) {
        throw new FormatException(
            "%s:%d: <%s> is no annotation of Pascal VOC, which begins with <annotation>"
                .formatted(
                    file, xml.getLocation().getLineNumber(), TextFile.shown(path.getFirst())));
      }
    }
    return new VocFile(
        top.getOrDefault("filename", ""),
        whole(top.getOrDefault("size/width", "")),
        whole(top.getOrDefault("size/height", "")),
        List.copyOf(objects));
  }

  private static VocObject object(int line, Map<String, String> parts) {
    List<String> edges =
        EDGES.stream().map(edge -> parts.getOrDefault("bndbox/" + edge, "")).toList();
    String difficult = parts.getOrDefault("difficult", "0");
    return new VocObject(
        line,
        parts.getOrDefault("name", ""),
        difficult.equals("1") || difficult.equalsIgnoreCase("true"),
        edges);
  }

  private static int whole(String text) {
    return text.matches("[0-9]{1,7}") ? Integer.parseInt(text) : 0;
  }
}
