package dev.peregrine.yolo.scaling;

import static dev.peregrine.nn.Layers.conv2d;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/**
 * The plainest backbone: each stage a 3x3 convolution of stride 2, then some of stride 1.
 *
 * @param size rows and columns of the input
 * @param width channels
 * @param depth convolutions of stride 1; more than one only in the last stage
 * @param stages how many
 */
record Chain(int size, int width, int depth, int stages) implements Model {
  static final Chain BASE = new Chain(256, 4, 1, 5);

  Chain withSize(int factor) {
    return new Chain(size * factor, width, depth, stages);
  }

  Chain withWidth(int factor) {
    return new Chain(size, width * factor, depth, stages);
  }

  Chain withDepth(int more) {
    return new Chain(size, width, depth + more, stages);
  }

  Chain withStages(int more) {
    return new Chain(size, width, depth, stages + more);
  }

  @Override
  public List<Tensor> forward(Params p, Tensor image) {
    Tensor x = image;
    for (int i = 0; i < stages; i++) {
      x = conv2d(p.at("down", i), x, width, Window.same(3, 2), 1);
      int layers = i == stages - 1 ? depth : 1;
      for (int j = 0; j < layers; j++) {
        x = conv2d(p.at("stage", i).at("conv", j), x, width, Window.same(3, 1), 1);
      }
    }
    return List.of(x);
  }

  /** Rows of the input that a value of the last map depends on. */
  double field() {
    return NetworkCost.of(this, size, size).fields().getFirst();
  }

  @Override
  public String toString() {
    return "%d stages of 3x3 convolutions".formatted(stages);
  }
}
