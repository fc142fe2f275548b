package dev.peregrine.yolo;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A network without training whose findings are known: it sees an object in the middle of each cell
 * that is white, of the size of the anchor.
 *
 * @param strides of its heads, in the order of its outputs
 * @param anchors of each head; anchor n of a head of stride s is {@code s / (n + 2)} wide, and half
 *     as high
 * @param newCoordinates whether its heads give probabilities
 * @param resize how pictures are fitted
 * @param inputSize rows and columns
 */
record SpotModel(
    List<Integer> strides, int anchors, boolean newCoordinates, Resize resize, InputSize inputSize)
    implements DetectionModel {
  /** How steeply the logit rises with the brightness of a cell, which must be 0.9 of white. */
  private static final float STEEP = 200;

  @Override
  public List<Tensor> forward(Params params, Tensor image) {
    List<Tensor> heads = new ArrayList<>();
    for (int stride : strides) {
      int channels = anchors * 6;
      float[] filter = new float[stride * stride * 3 * channels];
      float[] bias = new float[channels];
      for (int n = 0; n < anchors; n++) {
        for (int tap = 0; tap < stride * stride * 3; tap++) {
          filter[tap * channels + 6 * n + 4] = STEEP / (stride * stride * 3);
        }
        bias[6 * n + 4] = -.9f * STEEP;
        bias[6 * n + 5] = 20;
      }
      Tensor head =
          Convolutions.conv2d(
                  image,
                  Tensor.of(Shape.of(stride, stride, 3, channels), filter),
                  Window.of(stride).stride(stride))
              .plus(Tensor.of(Shape.of(channels), bias));
      heads.add(newCoordinates ? Activations.logistic(head) : head);
    }
    return heads;
  }

  @Override
  public List<HeadSpec> heads() {
    List<Anchor> all = new ArrayList<>();
    for (int stride : strides) {
      for (int n = 0; n < anchors; n++) {
        all.add(new Anchor(stride / (n + 2.0), stride / (n + 2.0) / 2));
      }
    }
    return IntStream.range(0, strides.size())
        .mapToObj(i -> IntStream.range(i * anchors, (i + 1) * anchors).boxed().toList())
        .map(mask ->
            new HeadSpec(1, all, mask, newCoordinates ? 2 : 1.1, newCoordinates, HeadTraining.TINY))
        .toList();
  }

  @Override
  public String name() {
    return "spots";
  }

  @Override
  public SpotModel withInputSize(InputSize size) {
    return new SpotModel(strides, anchors, newCoordinates, resize, size);
  }

  @Override
  public int maxStride() {
    return Collections.max(strides);
  }
}
