package dev.peregrine.yolo.train;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.Objective;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.augment.Adversary;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.loss.DetectionLoss;
import dev.peregrine.yolo.loss.LossResult;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.recipe.Course;
import dev.peregrine.yolo.recipe.Recipe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The detection loss of a network.
 *
 * @param model the network
 * @param loss what its heads are taught
 * @param adversary what alters pictures before they are learned from
 * @param attention is told where the adversary looks, in the first picture of a mini-batch
 */
record DetectionObjective(
    DetectionModel model, DetectionLoss loss, Adversary adversary, Consumer<AttentionMap> attention)
    implements Objective<LabelledImage> {
  /** What a recipe teaches a network in the course of a run. */
  static DetectionObjective of(DetectionModel model, Recipe recipe, Course course) {
    return new DetectionObjective(model, recipe.loss(model), recipe.adversary(course), _ -> {});
  }

  /** The same objective, which tells where its adversary looks. */
  DetectionObjective watched(Consumer<AttentionMap> other) {
    return new DetectionObjective(model, loss, adversary, other);
  }

  @Override
  public Outcome compute(Params params, Tape tape, List<LabelledImage> batch) {
    return compute(params, tape, batch, batch);
  }

  @Override
  public Outcome compute(
      Params params, Tape tape, List<LabelledImage> batch, List<LabelledImage> whole) {
    int height = batch.get(0).image().height();
    int width = batch.get(0).image().width();
    float[] pixels = new float[batch.size() * height * width * 3];
    for (int i = 0; i < batch.size(); i++) {
      float[] rgb = batch.get(i).image().rgb();
      System.arraycopy(rgb, 0, pixels, i * rgb.length, rgb.length);
    }
    HiddenObjects hidden = new HiddenObjects(model, params, new InputSize(height, width));
    boolean first = batch.getFirst() == whole.getFirst();
    float[] shown =
        adversary.alter(
            pixels,
            params.moment().step(),
            seen -> {
              float[] slopes = hidden.of(seen);
              if (first) {
                attention.accept(new AttentionMap(batch.getFirst().image(), slopes));
              }
              return slopes;
            });
    Tensor images = Tensor.of(Shape.of(batch.size(), height, width, 3), shown);
    List<Tensor> heads = tape.record(() -> model.forward(params, images));
    LossResult result = loss.compute(heads, labels(batch), labels(whole), height, width);
    Adjoints gradients = tape.backward(heads, result.gradients());
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("loss", result.total());
    parts.put("box", result.box());
    parts.put("obj", result.objectness());
    parts.put("cls", result.classes());
    return new Outcome(parts, gradients, batch.size());
  }

  private static List<List<Label>> labels(List<LabelledImage> batch) {
    return batch.stream().map(LabelledImage::labels).toList();
  }
}
