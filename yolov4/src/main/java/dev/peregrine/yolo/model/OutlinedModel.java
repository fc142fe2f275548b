package dev.peregrine.yolo.model;

import static dev.peregrine.nn.Layers.bias;
import static dev.peregrine.nn.Layers.conv2d;
import static dev.peregrine.tensor.Activations.logistic;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.image.Resize;
import java.util.List;

/** A network that is a graph with an outline; what is left to write is the graph. */
abstract class OutlinedModel implements DetectionModel {
  private final Outline outline;

  OutlinedModel(Outline outline) {
    this.outline = outline;
  }

  final Outline outline() {
    return outline;
  }

  /** The last convolution of a head, {@code [N, H, W, anchors * (5 + classes)]}. */
  final Tensor rawHead(Params p, Tensor x, int index, Tensor image) {
    HeadSpec spec = outline.heads().get(index);
    int stride = image.shape().dim(1) / x.shape().dim(1);
    Tensor y = bias(p, conv2d(p, x, spec.channels(), Window.of(1), 1), PriorBias.of(spec, stride));
    return spec.newCoordinates() ? logistic(y) : y;
  }

  @Override
  public final String name() {
    return outline.name();
  }

  @Override
  public final List<HeadSpec> heads() {
    return outline.heads();
  }

  @Override
  public final InputSize inputSize() {
    return outline.inputSize();
  }

  @Override
  public final int maxStride() {
    return outline.maxStride();
  }

  @Override
  public final Resize resize() {
    return outline.resize();
  }

  @Override
  public final NonMaximumSuppression suppression() {
    return outline.suppression();
  }
}
