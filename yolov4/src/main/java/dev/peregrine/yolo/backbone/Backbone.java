package dev.peregrine.yolo.backbone;

import static dev.peregrine.nn.Layers.bias;
import static dev.peregrine.nn.Layers.conv2d;
import static dev.peregrine.tensor.Pooling.globalAvgPool;
import static dev.peregrine.tensor.Reductions.softmax;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.function.BiFunction;

/** A network that turns a picture into maps of falling size, and so can tell what it shows. */
public interface Backbone {
  /** Pictures in the classes of ImageNet are of this size. */
  int SIDE = 256;

  /**
   * Returns the name that users call it by.
   *
   * @return for instance {@code csdarknet53}
   */
  String name();

  /**
   * Runs the backbone.
   *
   * @param p its parameters
   * @param image {@code [N, H, W, 3]}, numbers 0 to 1
   * @return the maps of its stages, finest first; the last one at stride 32
   */
  List<Tensor> stages(Params p, Tensor image);

  /**
   * Makes it a classifier: the mean of the last map, one number a class, their softmax.
   *
   * <p><b>Shapes</b> the output is {@code [N, 1, 1, classes]}.
   *
   * @param classes how many classes it tells apart; 1000 in ImageNet
   * @return the network
   */
  default Model classifier(int classes) {
    return (p, image) -> List.of(softmax(scores(p, image, classes)));
  }

  /**
   * Runs the classifier up to its softmax, as it is trained.
   *
   * <p><b>Shapes</b> the result is {@code [N, 1, 1, classes]}.
   *
   * @param p its parameters; those of the last layer in room {@code classes}
   * @param image {@code [N, H, W, 3]}, numbers 0 to 1
   * @param classes how many classes it tells apart
   * @return one number a class, any size
   */
  default Tensor scores(Params p, Tensor image, int classes) {
    Tensor mean = globalAvgPool(stages(p, image).getLast());
    Params end = p.at("classes");
    return bias(end, conv2d(end, mean, classes, Window.of(1), 1));
  }

  /**
   * Makes a backbone of a function.
   *
   * @param name what users call it
   * @param stages runs it
   * @return the backbone
   */
  static Backbone of(String name, BiFunction<Params, Tensor, List<Tensor>> stages) {
    return new Backbone() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Tensor> stages(Params p, Tensor image) {
        return stages.apply(p, image);
      }
    };
  }
}
