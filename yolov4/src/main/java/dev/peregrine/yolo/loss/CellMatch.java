package dev.peregrine.yolo.loss;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import java.util.ArrayList;
import java.util.List;

/**
 * One anchor of one cell that learns one truth, as Scaled-YOLOv4 assigns them.
 *
 * <p>A truth is learned by every anchor whose width and height differ from its own by less than a
 * factor, in the cell of its centre and in up to two neighbours: those whose boxes can reach the
 * centre. With boxes that reach half a cell beyond their own these are the two nearest ones. A
 * centre within one cell of the border of the map has no neighbour beyond it.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, training code ({@code build_targets}).
 *
 * @param image which picture of the batch
 * @param anchor which of the head's own anchors
 * @param row of the cell
 * @param column of the cell
 * @param classIndex the truth's class
 * @param truth the truth's box, its centre from the cell's corner
 * @param prior the anchor's width and height
 */
record CellMatch(
    int image,
    int anchor,
    int row,
    int column,
    int classIndex,
    CentredBox truth,
    CentredBox prior) {

  /** The five cells that may learn a truth: its own, left, above, right and below. */
  private static final int[][] SIDES = {{0, 0}, {1, 0}, {0, 1}, {-1, 0}, {0, -1}};

  /**
   * Finds the matches of a head.
   *
   * <p><b>Units</b> boxes in cells.
   *
   * @param spec the head
   * @param rows of its map
   * @param columns of its map
   * @param truths the labels of each picture
   * @param size rows and columns of the network's input
   * @param ratio sides differ by less than this factor
   * @return by cell (own, left, above, right, below), then anchor, then truth
   */
  static List<CellMatch> find(
      HeadSpec spec, int rows, int columns, List<List<Label>> truths, int[] size, double ratio) {
    List<CellMatch> accepted = new ArrayList<>();
    for (int a = 0; a < spec.mask().size(); a++) {
      Anchor anchor = spec.anchor(a);
      CentredBox prior =
          new CentredBox(
              0, 0, anchor.width() * columns / size[1], anchor.height() * rows / size[0]);
      for (int image = 0; image < truths.size(); image++) {
        for (Label label : truths.get(image)) {
          double w = label.width() * columns;
          double h = label.height() * rows;
          if (differ(w, prior.w()) < ratio && differ(h, prior.h()) < ratio) {
            double x = label.centerX() * columns;
            double y = label.centerY() * rows;
            CentredBox truth = new CentredBox(x, y, w, h);
            accepted.add(new CellMatch(image, a, 0, 0, label.classIndex(), truth, prior));
          }
        }
      }
    }
    double reach = Math.min(0.5, (spec.scaleXy() - 1) / 2);
    List<CellMatch> matches = new ArrayList<>();
    for (int[] side : SIDES) {
      for (CellMatch match : accepted) {
        double x = match.truth.x();
        double y = match.truth.y();
        boolean own = side[0] == 0 && side[1] == 0;
        if (own || isNear(side[0], x, columns, reach) || isNear(side[1], y, rows, reach)) {
          int column = (int) (x - side[0] * reach);
          int row = (int) (y - side[1] * reach);
          matches.add(match.in(row, column, rows, columns));
        }
      }
    }
    return matches;
  }

  private static double differ(double a, double b) {
    return Math.max(a / b, b / a);
  }

  /** Whether a centre is so near a side of its cell that the neighbour there can reach it. */
  private static boolean isNear(int side, double centre, int cells, double reach) {
    double distance = side > 0 ? centre : cells - centre;
    return side != 0 && distance % 1 < reach && distance > 1;
  }

  private CellMatch in(int toRow, int toColumn, int rows, int columns) {
    CentredBox box = new CentredBox(truth.x() - toColumn, truth.y() - toRow, truth.w(), truth.h());
    return new CellMatch(
        image,
        anchor,
        Math.clamp(toRow, 0, rows - 1),
        Math.clamp(toColumn, 0, columns - 1),
        classIndex,
        box,
        prior);
  }
}
