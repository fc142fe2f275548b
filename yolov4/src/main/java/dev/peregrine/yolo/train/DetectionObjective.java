package dev.peregrine.yolo.train;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.Objective;
import dev.peregrine.nn.train.Staged;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.augment.Adversary;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
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
 * @param staged pictures that are brought before their turn
 */
record DetectionObjective(
    DetectionModel model,
    DetectionLoss loss,
    Adversary adversary,
    Consumer<AttentionMap> attention,
    Staged<LabelledImage> staged)
    implements Objective<LabelledImage> {
  /** What a recipe teaches a network in the course of a run. */
  static DetectionObjective of(DetectionModel model, Recipe recipe, Course course) {
    return new DetectionObjective(
        model, recipe.loss(model), recipe.adversary(course), _ -> {}, new Staged<>());
  }

  /** The same objective, which tells where its adversary looks. */
  DetectionObjective watched(Consumer<AttentionMap> other) {
    return new DetectionObjective(model, loss, adversary, other, staged);
  }

  @Override
  public Outcome compute(Params params, Tape tape, List<LabelledImage> batch) {
    return compute(params, tape, batch, batch);
  }

  @Override
  public Outcome compute(
      Params params, Tape tape, List<LabelledImage> batch, List<LabelledImage> whole) {
    int height = batch.getFirst().image().height();
    int width = batch.getFirst().image().width();
    Tensor images =
        isAltered()
            ? altered(params, batch, whole)
            : staged.take(batch, () -> tensor(batch, pixels(batch)));
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

  @Override
  public void ahead(List<LabelledImage> batch) {
    if (!isAltered()) {
      staged.bring(batch, () -> tensor(batch, pixels(batch)));
    }
  }

  private boolean isAltered() {
    return adversary.rate() != 0;
  }

  /** The pictures as the adversary leaves them. */
  private Tensor altered(Params params, List<LabelledImage> batch, List<LabelledImage> whole) {
    Image first = batch.getFirst().image();
    HiddenObjects hidden =
        new HiddenObjects(model, params, new InputSize(first.height(), first.width()));
    float[] shown =
        adversary.alter(
            pixels(batch),
            params.moment().step(),
            seen -> {
              float[] slopes = hidden.of(seen);
              if (batch.getFirst() == whole.getFirst()) {
                attention.accept(new AttentionMap(first, slopes));
              }
              return slopes;
            });
    return tensor(batch, shown);
  }

  private static float[] pixels(List<LabelledImage> batch) {
    int size = batch.getFirst().image().rgb().length;
    float[] pixels = new float[batch.size() * size];
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(batch.get(i).image().rgb(), 0, pixels, i * size, size);
    }
    return pixels;
  }

  private static Tensor tensor(List<LabelledImage> batch, float[] pixels) {
    Image first = batch.getFirst().image();
    return Tensor.of(Shape.of(batch.size(), first.height(), first.width(), 3), pixels);
  }

  private static List<List<Label>> labels(List<LabelledImage> batch) {
    return batch.stream().map(LabelledImage::labels).toList();
  }
}
