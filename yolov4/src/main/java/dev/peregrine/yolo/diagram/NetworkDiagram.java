package dev.peregrine.yolo.diagram;

import dev.peregrine.yolo.diagram.DrawnLayer.Look;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A network as an SVG picture: layers from above to below in their order, each resolution in a
 * column of its own, so that the backbone runs down to the right, and a neck back and forth.
 *
 * <p>Each layer has a line of the page to itself, so a horizontal stroke at its height meets no
 * other box; vertical strokes run between the columns. So no line crosses a box.
 */
public final class NetworkDiagram {
  private static final int BOX_WIDTH = 250;
  private static final int BOX_HEIGHT = 18;
  private static final int LINE = 26;
  private static final int LANES = 9;
  private static final int LANE = 8;
  private static final int COLUMN = BOX_WIDTH + (LANES + 2) * LANE;
  private static final int MARGIN = 16;
  private static final int TOP = 48;
  private static final int CORNER = 5;

  private final String title;
  private final List<DrawnLayer> layers;

  /** The numbers of rows that maps have, the largest first: one a column. */
  private final List<Integer> columns;

  private final Map<Integer, Integer> lanes = new HashMap<>();

  /**
   * Lays out a network.
   *
   * @param title stands above all
   * @param input extents of the picture, which is drawn first
   * @param rows of the picture
   * @param layers in their order
   */
  public NetworkDiagram(String title, String input, int rows, List<DrawnLayer> layers) {
    this.title = title;
    this.layers =
        Stream.concat(
                Stream.of(
                    new DrawnLayer("picture", input, "the input", Look.PICTURE, rows, List.of())),
                layers.stream())
            .toList();
    this.columns =
        this.layers.stream()
            .map(DrawnLayer::rows)
            .distinct()
            .sorted(Collections.reverseOrder())
            .toList();
  }

  /**
   * Draws it.
   *
   * @return the text of an SVG file
   */
  public String svg() {
    int width = 2 * MARGIN + columns.size() * COLUMN;
    int height = TOP + layers.size() * LINE + MARGIN;
    List<String> lines = new ArrayList<>();
    lines.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                .formatted(width, height, width, height)
            + " font-family=\"sans-serif\" font-size=\"11\">");
    lines.add("<title>" + escaped(title) + "</title>");
    lines.add("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
    lines.add(
        "<text x=\"%d\" y=\"26\" font-size=\"16\">%s</text>".formatted(MARGIN, escaped(title)));
    lines.add(
        "<defs><marker id=\"tip\" markerWidth=\"6\" markerHeight=\"6\" refX=\"5\" refY=\"3\""
            + " orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"#555555\"/></marker></defs>");
    lines.add("<g fill=\"none\" stroke=\"#555555\" marker-end=\"url(#tip)\">");
    for (int place = 0; place < layers.size(); place++) {
      for (int source : layers.get(place).sources()) {
        lines.add("<path d=\"" + line(source + 1, place) + "\"/>");
      }
    }
    lines.add("</g>");
    IntStream.range(0, layers.size()).forEach(place -> lines.add(box(place)));
    lines.add("</svg>\n");
    return String.join("\n", lines);
  }

  private String box(int place) {
    DrawnLayer layer = layers.get(place);
    int x = left(place);
    int y = top(place);
    return ("<g><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\""
            + " fill=\"%s\" stroke=\"#777777\"/><text x=\"%d\" y=\"%d\">%s</text>"
            + "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#555555\">%s</text></g>")
        .formatted(
            escaped(layer.detail()),
            x,
            y,
            BOX_WIDTH,
            BOX_HEIGHT,
            layer.look().fill(),
            x + 6,
            y + 13,
            escaped(layer.label()),
            x + BOX_WIDTH - 6,
            y + 13,
            escaped(layer.extents()));
  }

  private int column(int place) {
    return columns.indexOf(layers.get(place).rows());
  }

  private int left(int place) {
    return MARGIN + column(place) * COLUMN;
  }

  private int top(int place) {
    return TOP + place * LINE;
  }

  /** The way from a layer to one that reads it. */
  private String line(int from, int to) {
    int start = column(from);
    int end = column(to);
    if (from + 1 == to && start == end) {
      int x = left(to) + BOX_WIDTH / 2;
      return "M%d %dV%d".formatted(x, top(from) + BOX_HEIGHT, top(to) - 1);
    }
    int gutter = Math.min(start, end);
    int lane = lanes.merge(gutter, 1, Integer::sum) % LANES;
    int x = MARGIN + gutter * COLUMN + BOX_WIDTH + (lane + 1) * LANE;
    boolean leavesRight = start == gutter;
    boolean entersRight = end == gutter;
    int y1 = top(from) + BOX_HEIGHT / 2;
    int y2 = top(to) + BOX_HEIGHT / 2;
    return "M%d %dH%dQ%d %d %d %dV%dQ%d %d %d %dH%d"
        .formatted(
            leavesRight ? left(from) + BOX_WIDTH : left(from),
            y1,
            leavesRight ? x - CORNER : x + CORNER,
            x,
            y1,
            x,
            y1 + CORNER,
            y2 - CORNER,
            x,
            y2,
            entersRight ? x - CORNER : x + CORNER,
            y2,
            entersRight ? left(to) + BOX_WIDTH + 1 : left(to) - 1);
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    for (char c : text.toCharArray()) {
      switch (c) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        default -> out.append(c < ' ' || Character.isSurrogate(c) || c > '\uFFFD' ? '?' : c);
      }
    }
    return out.toString();
  }
}
