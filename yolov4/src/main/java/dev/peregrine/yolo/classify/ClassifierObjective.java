package dev.peregrine.yolo.classify;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.loss.CrossEntropy;
import dev.peregrine.nn.train.Objective;
import dev.peregrine.nn.train.Staged;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The cross entropy of a classifier.
 *
 * @param classifier the network
 * @param staged pictures that are brought before their turn
 */
record ClassifierObjective(Classifier classifier, Staged<ClassifierExample> staged)
    implements Objective<ClassifierExample> {
  @Override
  public Outcome compute(Params params, Tape tape, List<ClassifierExample> batch) {
    int classes = classifier.classes().size();
    float[] shares = new float[batch.size() * classes];
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(batch.get(i).target(), 0, shares, i * classes, classes);
    }
    Tensor images = staged.take(batch, () -> pictures(batch));
    Tensor targets = Tensor.of(Shape.of(batch.size(), classes), shares);
    Tensor loss = tape.record(() -> CrossEntropy.sum(classifier.scores(params, images), targets));
    Adjoints gradients = tape.backward(loss);
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("loss", loss.item());
    return new Outcome(parts, gradients, batch.size());
  }

  @Override
  public void ahead(List<ClassifierExample> batch) {
    staged.bring(batch, () -> pictures(batch));
  }

  private static Tensor pictures(List<ClassifierExample> batch) {
    return ClassifierEvaluation.batch(batch.stream().map(ClassifierExample::image).toList());
  }
}
