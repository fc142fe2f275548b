package dev.peregrine.yolo.cli.model;

import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.FeatureMap;
import dev.peregrine.yolo.darknet.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One row of the table of layers, in darknet's numbering.
 *
 * @param layer the layer
 * @param receptiveField rows of the network's input that one value depends on
 */
record LayerRow(Layer layer, int receptiveField) {
  /** The line above the rows. */
  static final String HEADER =
      "layer type       filters size/stride       input                output        parameters"
          + "   BFLOPs    KiB  field";

  private record Reach(double step, double field) {}

  /** The rows of a network. */
  static List<LayerRow> of(CfgFile cfg) {
    List<Reach> reaches = new ArrayList<>();
    List<LayerRow> rows = new ArrayList<>();
    for (Layer layer : cfg.layers()) {
      Reach reach = reach(layer, reaches);
      reaches.add(reach);
      rows.add(new LayerRow(layer, (int) Math.round(reach.field)));
    }
    return rows;
  }

  /** Grows the receptive field by what a layer's window adds, in steps of its input. */
  private static Reach reach(Layer layer, List<Reach> before) {
    Reach in = before.isEmpty() ? new Reach(1, 1) : before.getLast();
    return switch (layer) {
      case Layer.Convolutional conv ->
          new Reach(
              in.step * conv.strideY(), in.field + conv.dilation() * (conv.size() - 1) * in.step);
      case Layer.MaxPool pool ->
          new Reach(in.step * pool.strideY(), in.field + (pool.size() - 1) * in.step);
      case Layer.AvgPool pool ->
          pool.global()
              ? new Reach(in.step, in.field + (pool.input().height() - 1) * in.step)
              : new Reach(in.step * pool.strideY(), in.field + (pool.size() - 1) * in.step);
      case Layer.Upsample upsample -> new Reach(in.step / upsample.stride(), in.field);
      case Layer.Reorg reorg ->
          new Reach(in.step * reorg.stride(), in.field + (reorg.stride() - 1) * in.step);
      case Layer.Route route ->
          new Reach(before.get(route.layers().getFirst()).step, widest(route.layers(), before, 0));
      case Layer.Shortcut shortcut -> new Reach(in.step, widest(shortcut.from(), before, in.field));
      case Layer.Product product ->
          new Reach(
              before.get(product.from()).step, widest(List.of(product.from()), before, in.field));
      case Layer.Dropout _, Layer.Softmax _, Layer.Loss _, Layer.Yolo _ -> in;
    };
  }

  private static double widest(List<Integer> sources, List<Reach> before, double own) {
    return Math.max(
        own, sources.stream().mapToDouble(source -> before.get(source).field).max().orElse(0));
  }

  /** Output channels of a convolution, else 0. */
  static int filters(Layer layer) {
    return layer instanceof Layer.Convolutional conv ? conv.filters() : 0;
  }

  /** Side of the window, or 0 where there is none. */
  static int size(Layer layer) {
    return switch (layer) {
      case Layer.Convolutional conv -> conv.size();
      case Layer.MaxPool pool -> pool.size();
      case Layer.AvgPool pool -> pool.size();
      case Layer.Route _,
          Layer.Shortcut _,
          Layer.Product _,
          Layer.Upsample _,
          Layer.Reorg _,
          Layer.Dropout _,
          Layer.Softmax _,
          Layer.Loss _,
          Layer.Yolo _ ->
          0;
    };
  }

  /** Step of the window, or the factor of an upsampling, or 0 where there is none. */
  static int stride(Layer layer) {
    return switch (layer) {
      case Layer.Convolutional conv -> conv.strideY();
      case Layer.MaxPool pool -> pool.strideY();
      case Layer.Upsample upsample -> upsample.stride();
      case Layer.Reorg reorg -> reorg.stride();
      case Layer.AvgPool pool -> pool.global() ? 0 : pool.strideY();
      case Layer.Route _,
          Layer.Shortcut _,
          Layer.Product _,
          Layer.Dropout _,
          Layer.Softmax _,
          Layer.Loss _,
          Layer.Yolo _ ->
          0;
    };
  }

  /** Bytes of the output of one picture. */
  long bytes() {
    return layer.output().size() * Float.BYTES;
  }

  private String window() {
    return switch (layer) {
      case Layer.Convolutional conv ->
          conv.size()
              + "x"
              + conv.size()
              + "/"
              + conv.strideY()
              + (conv.dilation() > 1 ? "(" + conv.dilation() + ")" : "")
              + (conv.groups() > 1 ? " g" + conv.groups() : "");
      case Layer.MaxPool pool -> pool.size() + "x" + pool.size() + "/" + pool.strideY();
      case Layer.Upsample upsample -> upsample.stride() + "x";
      case Layer.Route route ->
          join(route.layers())
              + (route.groups() > 1 ? " " + (route.groupId() + 1) + "/" + route.groups() : "");
      case Layer.Shortcut shortcut -> join(shortcut.from());
      case Layer.AvgPool pool ->
          pool.global() ? "all" : pool.size() + "x" + pool.size() + "/" + pool.strideY();
      case Layer.Product product -> "x " + product.from();
      case Layer.Reorg reorg -> "/" + reorg.stride();
      case Layer.Softmax _, Layer.Loss _ -> "";
      case Layer.Dropout dropout -> "p " + dropout.probability();
      case Layer.Yolo yolo -> "mask " + join(yolo.head().mask());
    };
  }

  private static String join(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static String extents(FeatureMap map) {
    return String.format(Locale.ROOT, "%4d x%4d x%4d", map.width(), map.height(), map.channels());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%5d %-14s%4s %-12s %s -> %s %10s %8s %6d %6d",
        layer.index(),
        layer.kind(),
        filters(layer) == 0 ? "" : filters(layer),
        window(),
        extents(layer.input()),
        extents(layer.output()),
        layer.parameters() == 0 ? "" : layer.parameters(),
        layer.bflops() == 0 ? "" : String.format(Locale.ROOT, "%.3f", layer.bflops()),
        bytes() / 1024,
        receptiveField);
  }
}
