package dev.peregrine.yolo.train;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.augment.Adversary;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;

/**
 * The derivative by pixels of a loss that is small when a detector sees nothing: what {@link
 * Adversary} follows downwards.
 *
 * <p>Weights and running statistics stay as they are; normalisations use the latter.
 *
 * <p><b>Formula</b> the derivatives by the raw numbers of a box, all times q, the root of its area
 * in fractions of the picture (at most 1): objectness o gives o times its normaliser. If some class
 * p has p o above a quarter, such classes give p, the others p - 1, and each coordinate itself, so
 * that the seen class fades, others appear and the box shrinks.
 *
 * <p><b>Cost</b> one pass forward and one backward to the pixels.
 *
 * <p><b>Source</b> darknet {@code forward_yolo_layer}, branch {@code adversarial}.
 *
 * @param model the network
 * @param params its numbers, on the device of the present step
 * @param size rows and columns of the pictures
 */
public record HiddenObjects(DetectionModel model, Params params, InputSize size)
    implements Adversary.PictureGradient {
  private static final double SEEN = 0.25;

  @Override
  public float[] of(float[] pixels) {
    int count = pixels.length / (3 * size.height() * size.width());
    Tensor images = Tensor.of(Shape.of(count, size.height(), size.width(), 3), pixels);
    boolean training = params.isTraining();
    params.training(false);
    try (Tape tape = Tape.watching(List.of(images))) {
      List<Tensor> heads = tape.record(() -> model.forward(params, images));
      List<Tensor> seeds = new ArrayList<>();
      for (int i = 0; i < heads.size(); i++) {
        Tensor head = heads.get(i);
        seeds.add(Tensor.of(head.shape(), slopes(model.heads().get(i), head.floats())));
      }
      return tape.backward(heads, seeds).of(images).floats();
    } finally {
      params.training(training);
    }
  }

  private float[] slopes(HeadSpec head, float[] raw) {
    float[] slopes = new float[raw.length];
    for (int at = 0; at < raw.length; at += head.entries()) {
      HeadSpec.Anchor anchor = head.anchor(at / head.entries() % head.mask().size());
      double root =
          Math.sqrt(
              extent(head, raw[at + head.place(2)], anchor.width() / size.width())
                  * extent(head, raw[at + head.place(3)], anchor.height() / size.height()));
      slope(head, raw, at, Math.min(1, root), slopes);
    }
    return slopes;
  }

  private static void slope(HeadSpec head, float[] raw, int at, double root, float[] slopes) {
    int middle = at + head.objectness();
    double object = chance(head, raw[middle]);
    slopes[middle] = (float) (root * head.training().objectnessNormalizer() * object);
    boolean seen = false;
    for (int c = middle + 1; c < at + head.entries(); c++) {
      seen |= chance(head, raw[c]) * object > SEEN;
    }
    if (!seen) {
      return;
    }
    for (int c = middle + 1; c < at + head.entries(); c++) {
      double chance = chance(head, raw[c]);
      slopes[c] = (float) (root * (chance * object > SEEN ? chance : chance - 1));
    }
    for (int side = 0; side < 2; side++) {
      int centre = at + head.place(side);
      int size = at + head.place(side + 2);
      double place = chance(head, raw[centre]) * head.scaleXy() - (head.scaleXy() - 1) / 2;
      slopes[centre] = (float) (root * place);
      slopes[size] = (float) (root * raw[size]);
    }
  }

  private static double chance(HeadSpec head, double raw) {
    return head.newCoordinates() ? raw : 1 / (1 + Math.exp(-raw));
  }

  private static double extent(HeadSpec head, double raw, double anchor) {
    return anchor * (head.newCoordinates() ? 4 * raw * raw : Math.exp(raw));
  }
}
