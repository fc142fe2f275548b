package dev.peregrine.yolo.yaml;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.diagram.DrawnLayer;
import dev.peregrine.yolo.diagram.DrawnLayer.Look;
import dev.peregrine.yolo.diagram.NetworkDiagram;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;

/** Draws the network of a yaml: a box a row. */
final class YamlDrawing {
  private YamlDrawing() {}

  /** The text of an SVG file. */
  static String svg(YamlModel model) {
    InputSize size = model.inputSize();
    List<Shape> shapes = new ArrayList<>();
    Tracer.trace(
        List.of(Spec.f32(1, size.height(), size.width(), 3)),
        inputs -> {
          List<Tensor> rows = model.rows(Params.symbolic(), inputs.getFirst());
          rows.forEach(row -> shapes.add(row.shape()));
          return rows;
        });
    List<DrawnLayer> layers = new ArrayList<>();
    for (YamlRow row : model.file().rows()) {
      boolean head = row.unit() == Unit.DETECT;
      Shape shape = shapes.get(head ? row.from().getLast() : row.index());
      layers.add(
          new DrawnLayer(
              row.index() + "  " + row.unit().key(),
              head ? model.heads().size() + " heads" : extents(shape),
              "row " + row.index() + ": " + row.toText(),
              look(row.unit()),
              shape.dim(1),
              row.from()));
    }
    String title =
        "%s: %d rows, %d classes".formatted(model.name(), layers.size(), model.classes());
    String input = "%d x %d x 3".formatted(size.width(), size.height());
    return new NetworkDiagram(title, input, size.height(), layers).svg();
  }

  private static String extents(Shape shape) {
    return shape.dim(2) + " x " + shape.dim(1) + " x " + shape.channels();
  }

  private static Look look(Unit unit) {
    return switch (unit) {
      case CONV -> Look.CONVOLUTION;
      case CONCAT -> Look.JOIN;
      case UPSAMPLE -> Look.UPSAMPLE;
      case DETECT -> Look.HEAD;
      case BOTTLENECK, BOTTLENECK_CSP, BOTTLENECK_CSP2, SPP_CSP -> Look.BLOCK;
    };
  }
}
