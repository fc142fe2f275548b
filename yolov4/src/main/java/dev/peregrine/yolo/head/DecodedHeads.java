package dev.peregrine.yolo.head;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Decoding as a part of the network: what {@link HeadDecoder} computes box by box, written with
 * operations, so that a graph or a file may end in boxes.
 *
 * <p><b>Source</b> the order of the rows is that of ScaledYOLOv4 and its descendants.
 */
public final class DecodedHeads {
  private DecodedHeads() {}

  /**
   * Makes one table of boxes of all heads.
   *
   * <p><b>Shapes</b> heads {@code [N, H, W, anchors * entries]}, the result {@code [N, boxes, 5 +
   * classes]}: the heads in their order, in each first the anchors, then rows, then columns.
   *
   * <p><b>Units</b> centre x, centre y, width and height in pixels of the network's input, then the
   * objectness and a probability for each class, which is not yet multiplied by the objectness.
   * That of a Gaussian head is multiplied by 1 - the mean of its spreads.
   *
   * @param specs what the numbers of each head mean
   * @param heads the outputs of a network
   * @param height rows of the network's input
   * @param width columns of the network's input
   * @return the boxes, none of them suppressed
   */
  public static Tensor of(List<HeadSpec> specs, List<Tensor> heads, int height, int width) {
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      Tensor head = heads.get(i);
      HeadSpec spec = specs.get(i);
      all.add(
          head.isSymbolic()
              ? decode(spec, head, height, width)
              : Ops.on(head.device(), () -> decode(spec, head, height, width)));
    }
    return Arrays.concat(1, all.toArray(Tensor[]::new));
  }

  private static Tensor decode(HeadSpec spec, Tensor head, int height, int width) {
    int batch = head.shape().dim(0);
    int rows = head.shape().dim(1);
    int columns = head.shape().dim(2);
    int anchors = spec.mask().size();
    Tensor apart = head.reshape(batch, rows, columns, anchors, spec.entries());
    Tensor z =
        Arrays.permute(apart, 0, 3, 1, 2, 4)
            .reshape(batch, anchors * rows * columns, spec.entries());
    Tensor corner = probability(spec, pair(spec, z, 0));
    Tensor size = pair(spec, z, 2);
    int object = spec.objectness();
    Tensor rest = probability(spec, Arrays.slice(z, -1, object, spec.classes() + 1));
    if (spec.gaussian()) {
      rest =
          Arrays.concat(
              -1,
              Arrays.slice(rest, -1, 0, 1).times(certainty(spec, z)),
              Arrays.slice(rest, -1, 1, spec.classes()));
    }
    float across = (float) width / columns;
    float down = (float) height / rows;
    float scale = (float) spec.scaleXy();
    Tensor cell = Tensor.of(Shape.of(2), scale * across, scale * down);
    Tensor places = places(spec, rows, columns, across, down);
    Tensor sides = sides(spec, rows * columns);
    Tensor grown = spec.newCoordinates() ? size.times(size).times(4) : Pointwise.exp(size);
    return Arrays.concat(-1, corner.times(cell).plus(places), grown.times(sides), rest);
  }

  /** Two neighbouring numbers of the boxes: centres or sizes. */
  private static Tensor pair(HeadSpec spec, Tensor z, int side) {
    return spec.gaussian()
        ? Arrays.concat(
            -1,
            Arrays.slice(z, -1, spec.place(side), 1),
            Arrays.slice(z, -1, spec.place(side + 1), 1))
        : Arrays.slice(z, -1, side, 2);
  }

  /** 1 - the mean of the spreads. */
  private static Tensor certainty(HeadSpec spec, Tensor z) {
    Tensor sum = Activations.logistic(Arrays.slice(z, -1, spec.spread(0), 1));
    for (int side = 1; side < 4; side++) {
      sum = sum.plus(Activations.logistic(Arrays.slice(z, -1, spec.spread(side), 1)));
    }
    return sum.times(-0.25f).plus(1);
  }

  private static Tensor probability(HeadSpec spec, Tensor z) {
    return spec.newCoordinates() ? z : Activations.logistic(z);
  }

  /** Where a box lies whose numbers are 0: its cell, less what the scale adds on the left. */
  private static Tensor places(HeadSpec spec, int rows, int columns, float across, float down) {
    double shift = (spec.scaleXy() - 1) / 2;
    float[] places = new float[2 * spec.mask().size() * rows * columns];
    for (int i = 0; i < places.length / 2; i++) {
      places[2 * i] = (float) ((i % columns - shift) * across);
      places[2 * i + 1] = (float) ((i / columns % rows - shift) * down);
    }
    return Tensor.of(Shape.of(places.length / 2, 2), places);
  }

  private static Tensor sides(HeadSpec spec, int cells) {
    float[] sides = new float[2 * spec.mask().size() * cells];
    for (int i = 0; i < sides.length / 2; i++) {
      sides[2 * i] = (float) spec.anchor(i / cells).width();
      sides[2 * i + 1] = (float) spec.anchor(i / cells).height();
    }
    return Tensor.of(Shape.of(sides.length / 2, 2), sides);
  }
}
