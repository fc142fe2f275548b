package dev.peregrine.yolo.diagram;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.yaml.YamlModel;
import java.awt.Rectangle;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What a drawing of a network shows, read back from its XML. */
class NetworkDiagramTest {
  private static final String SMALL =
      """
      [net]
      width=8
      height=8
      channels=3
      [conv]
      filters=4
      activation=linear
      [conv]
      filters=4
      size=3
      pad=1
      stride=2
      activation=mish
      [shortcut]
      from=-1
      [upsample]
      stride=2
      [route]
      layers=-1,0
      """;

  private static Document read(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Element> elements(Document svg, String name) {
    NodeList found = svg.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  /** The boxes of the picture and the layers, in their order. */
  private static List<Rectangle> boxes(Document svg) {
    return elements(svg, "rect").stream()
        .filter(rect -> rect.hasAttribute("rx"))
        .map(rect ->
            new Rectangle(
                number(rect, "x"),
                number(rect, "y"),
                number(rect, "width"),
                number(rect, "height")))
        .toList();
  }

  private static int number(Element element, String attribute) {
    return Integer.parseInt(element.getAttribute(attribute));
  }

  /** The lines between boxes, without the tip of the arrow. */
  private static List<String> lines(Document svg) {
    return elements(svg, "path").stream()
        .map(path -> path.getAttribute("d"))
        .filter(d -> !d.endsWith("z"))
        .toList();
  }

  /** The straight strokes of a line as rectangles without an inside, a pixel short at both ends. */
  private static List<Rectangle> strokes(String line) {
    List<Rectangle> strokes = new ArrayList<>();
    int x = 0;
    int y = 0;
    Matcher parts = Pattern.compile("([MHVQ])([\\d ]+)").matcher(line);
    while (parts.find()) {
      String[] n = parts.group(2).strip().split(" ");
      int nextX = parts.group(1).equals("V") ? x : Integer.parseInt(n[Math.max(0, n.length - 2)]);
      int nextY = parts.group(1).equals("H") ? y : Integer.parseInt(n[n.length - 1]);
      if (parts.group(1).equals("H") || parts.group(1).equals("V")) {
        Rectangle stroke = new Rectangle(x, y, 1, 1);
        stroke.add(nextX, nextY);
        strokes.add(stroke);
      }
      x = nextX;
      y = nextY;
    }
    return strokes;
  }

  @Test
  void showsEveryLayerAndWhatItReads() throws Exception {
    CfgFile cfg = CfgFile.parse(SMALL, "a<b>&\"c\".cfg");
    Document svg = read(cfg.toSvg());
    List<Rectangle> boxes = boxes(svg);
    assertThat(boxes).hasSize(6);
    // The picture, conv 0, upsample and route are of one size; conv 1 and the shortcut of another.
    assertThat(boxes.stream().map(box -> box.x).distinct()).hasSize(2);
    assertThat(boxes.get(2).x).isEqualTo(boxes.get(3).x).isGreaterThan(boxes.get(4).x);
    assertThat(boxes.get(4).x).isEqualTo(boxes.get(5).x).isEqualTo(boxes.getFirst().x);
    // picture-0, 0-1, 1-shortcut twice, shortcut-upsample, upsample-route, 0-route
    assertThat(lines(svg)).hasSize(7);
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("a<b>&\"c\": 5 layers", "1  conv 4  3x3/2 mish", "4 x 4 x 4", "8 x 8 x 8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yolov4-tiny", "yolov4", "yolov4-p6", "yolov4-p7-yaml"})
  void noLineCrossesABox(String name) throws Exception {
    Document svg =
        read(
            Models.named(name, 80) instanceof YamlModel yaml
                ? yaml.toSvg()
                : CfgOfModel.of(Models.named(name, 80)).toSvg());
    List<Rectangle> boxes = boxes(svg);
    assertThat(lines(svg)).hasSizeGreaterThanOrEqualTo(boxes.size() - 1);
    for (String line : lines(svg)) {
      for (Rectangle stroke : strokes(line)) {
        Rectangle whole = new Rectangle(stroke.x, stroke.y, stroke.width + 1, stroke.height + 1);
        // It may touch the box that it leaves, and the one that it enters.
        assertThat(boxes).as(line).noneMatch(box -> inner(box).intersects(whole));
      }
    }
    Rectangle page =
        new Rectangle(
            0,
            0,
            number(svg.getDocumentElement(), "width"),
            number(svg.getDocumentElement(), "height"));
    assertThat(boxes).allMatch(page::contains);
  }

  private static Rectangle inner(Rectangle box) {
    return new Rectangle(box.x + 3, box.y + 3, box.width - 6, box.height - 6);
  }
}
