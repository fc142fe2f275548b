package dev.peregrine.yolo.loss;

import ai.djl.ndarray.NDArray;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.loss.CrossEntropy;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import dev.peregrine.yolo.loss.BoxGradient.Direction;
import dev.peregrine.yolo.loss.Libtorch.Boxes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Overlaps of boxes, and the loss of a classifier, against libtorch's own derivatives. */
class LibtorchOverlapsTest {
  @ParameterizedTest
  @EnumSource(
      value = IouLoss.class,
      names = {"IOU", "GIOU", "DIOU", "CIOU"})
  void overlaps(IouLoss kind) {
    SplittableRandom random = new SplittableRandom(3);
    List<CentredBox> predictions = new ArrayList<>();
    List<CentredBox> truths = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      predictions.add(box(random));
      truths.add(box(random));
    }
    int n = predictions.size();
    double[] flat = new double[4 * n];
    double[] actual = new double[4 * n];
    for (int i = 0; i < n; i++) {
      CentredBox p = predictions.get(i);
      Direction d = new ExactBoxGradient().of(p, truths.get(i), kind);
      for (int k = 0; k < 4; k++) {
        flat[4 * i + k] = new double[] {p.x(), p.y(), p.w(), p.h()}[k];
        actual[4 * i + k] = new double[] {d.dx(), d.dy(), d.dw(), d.dh()}[k];
      }
    }
    try (Libtorch torch = new Libtorch()) {
      Boxes t = torch.boxes(truths);
      Libtorch.agree(
          actual,
          torch.derivative(
              flat, new long[] {n, 4}, p -> Libtorch.overlap(kind, columns(p), t).sum()));
    }
  }

  private static CentredBox box(SplittableRandom random) {
    return new CentredBox(
        random.nextDouble(),
        random.nextDouble(),
        0.05 + 0.8 * random.nextDouble(),
        0.05 + 0.8 * random.nextDouble());
  }

  private static Boxes columns(NDArray table) {
    return new Boxes(
        Libtorch.column(table, 0),
        Libtorch.column(table, 1),
        Libtorch.column(table, 2),
        Libtorch.column(table, 3));
  }

  @Test
  void crossEntropyOfAClassifier() {
    SplittableRandom random = new SplittableRandom(2);
    int n = 5;
    int classes = 7;
    double[] scores = random.doubles((long) n * classes, -3, 3).toArray();
    double[] targets = new double[n * classes];
    for (int i = 0; i < n; i++) {
      double rest = 1;
      for (int c = 0; c < classes; c++) {
        targets[i * classes + c] = c == classes - 1 ? rest : rest * random.nextDouble();
        rest -= targets[i * classes + c];
      }
    }
    double[] actual =
        Ops.on(
            Devices.reference(),
            () -> {
              Tensor s = Tensor.of(Shape.of(n, classes), scores);
              Tensor t = Tensor.of(Shape.of(n, classes), targets);
              try (Tape tape = Tape.watching(List.of(s))) {
                Tensor loss = tape.record(() -> CrossEntropy.sum(s, t));
                return tape.backward(loss).of(s).doubles();
              }
            });
    try (Libtorch torch = new Libtorch()) {
      NDArray t = torch.of(targets, n, classes);
      Libtorch.agree(
          actual,
          torch.derivative(
              scores, new long[] {n, classes}, s -> s.logSoftmax(1).mul(t).sum().neg()));
    }
  }
}
