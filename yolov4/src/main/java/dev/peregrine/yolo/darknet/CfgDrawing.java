package dev.peregrine.yolo.darknet;

import dev.peregrine.yolo.diagram.DrawnLayer;
import dev.peregrine.yolo.diagram.DrawnLayer.Look;
import dev.peregrine.yolo.diagram.NetworkDiagram;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Draws the network of a cfg: a box a layer, under darknet's numbers. */
final class CfgDrawing {
  private CfgDrawing() {}

  /** The text of an SVG file. */
  static String svg(CfgFile cfg) {
    FeatureMap input = cfg.net().input();
    List<DrawnLayer> layers = new ArrayList<>();
    for (Layer layer : cfg.layers()) {
      layers.add(
          new DrawnLayer(
              layer.index() + "  " + label(layer),
              layer.output().toString(),
              detail(layer),
              look(layer),
              layer.output().height(),
              sources(layer)));
    }
    String title =
        String.format(
            Locale.ROOT,
            "%s: %d layers, %,d parameters, %.3f BFLOPs",
            new CfgNetwork(cfg).name(),
            layers.size(),
            cfg.parameters(),
            cfg.bflops());
    return new NetworkDiagram(title, input.toString(), input.height(), layers).svg();
  }

  private static String label(Layer layer) {
    return switch (layer) {
      case Layer.Convolutional conv ->
          "conv %d  %dx%d%s%s %s"
              .formatted(
                  conv.filters(),
                  conv.size(),
                  conv.size(),
                  conv.strideY() > 1 ? "/" + conv.strideY() : "",
                  conv.groups() > 1 ? " g" + conv.groups() : "",
                  conv.activation().key());
      case Layer.MaxPool pool -> "maxpool %d/%d".formatted(pool.size(), pool.strideY());
      case Layer.Route route when route.groups() > 1 ->
          "route, part %d of %d".formatted(route.groupId() + 1, route.groups());
      case Layer.Upsample upsample -> "upsample x" + upsample.stride();
      case Layer.Yolo yolo -> "yolo, %d anchors".formatted(yolo.head().mask().size());
      case Layer.AvgPool _,
          Layer.Route _,
          Layer.Shortcut _,
          Layer.Product _,
          Layer.Reorg _,
          Layer.Dropout _,
          Layer.Softmax _,
          Layer.Loss _ ->
          layer.kind();
    };
  }

  private static String detail(Layer layer) {
    return String.format(
        Locale.ROOT,
        "layer %d, %s: %s from %s, %,d parameters, %.3f BFLOPs",
        layer.index(),
        layer.kind(),
        layer.output(),
        layer.input(),
        layer.parameters(),
        layer.bflops());
  }

  private static Look look(Layer layer) {
    return switch (layer) {
      case Layer.Convolutional _ -> Look.CONVOLUTION;
      case Layer.Route _ -> Look.JOIN;
      case Layer.Shortcut _, Layer.Product _ -> Look.SUM;
      case Layer.MaxPool _, Layer.AvgPool _ -> Look.POOL;
      case Layer.Upsample _ -> Look.UPSAMPLE;
      case Layer.Yolo _, Layer.Softmax _ -> Look.HEAD;
      case Layer.Reorg _, Layer.Dropout _, Layer.Loss _ -> Look.OTHER;
    };
  }

  /** The layers that a layer reads, the one before it first where that is one of them. */
  private static List<Integer> sources(Layer layer) {
    int before = layer.index() - 1;
    return switch (layer) {
      case Layer.Route route -> route.layers();
      case Layer.Shortcut shortcut ->
          IntStream.concat(
                  IntStream.of(before), shortcut.from().stream().mapToInt(source -> source))
              .boxed()
              .toList();
      case Layer.Product product -> List.of(before, product.from());
      case Layer.Convolutional _,
          Layer.MaxPool _,
          Layer.AvgPool _,
          Layer.Upsample _,
          Layer.Reorg _,
          Layer.Dropout _,
          Layer.Softmax _,
          Layer.Loss _,
          Layer.Yolo _ ->
          List.of(before);
    };
  }
}
