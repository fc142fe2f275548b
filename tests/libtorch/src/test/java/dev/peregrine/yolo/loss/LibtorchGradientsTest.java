package dev.peregrine.yolo.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import dev.peregrine.yolo.loss.Libtorch.Boxes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every loss composed in libtorch, whose own derivatives the gradients here are compared with, in
 * double precision.
 */
class LibtorchGradientsTest {
  private static final int CELLS = 4;
  private static final int NET = 64;
  private static final int CLASSES = 3;
  private static final List<Anchor> ANCHORS =
      List.of(new Anchor(10, 14), new Anchor(23, 17), new Anchor(20, 40));

  private static HeadSpec head(double scale, Form form, HeadTraining training) {
    return new HeadSpec(
        CLASSES,
        ANCHORS,
        List.of(0, 1, 2),
        scale,
        form == Form.NEW,
        form == Form.GAUSSIAN,
        training);
  }

  /** What the numbers of a head mean. */
  private enum Form {
    /** Darknet's of YOLOv3. */
    CLASSIC,
    /** The convolution before has applied the logistic function. */
    NEW,
    /** The numbers of a box have spreads. */
    GAUSSIAN
  }

  private static double[] numbers(HeadSpec head, int images, SplittableRandom random) {
    double[] numbers = new double[images * CELLS * CELLS * head.channels()];
    for (int i = 0; i < numbers.length; i++) {
      double z = 2 * random.nextDouble() - 1;
      numbers[i] = head.newCoordinates() ? 1 / (1 + Math.exp(-z)) : z;
    }
    return numbers;
  }

  /** Predicted boxes of some rows of a head, their centres from the corners of their cells. */
  private static Boxes decoded(HeadSpec head, NDArray rows, Boxes priors) {
    double k = head.scaleXy();
    NDArray p = head.newCoordinates() ? rows : Libtorch.sigmoid(rows);
    NDArray size = head.newCoordinates() ? rows.square().mul(4) : rows.exp();
    return new Boxes(
        Libtorch.column(p, 0).mul(k).sub((k - 1) / 2),
        Libtorch.column(p, head.place(1)).mul(k).sub((k - 1) / 2),
        Libtorch.column(size, head.place(2)).mul(priors.w()),
        Libtorch.column(size, head.place(3)).mul(priors.h()));
  }

  private static NDArray probabilities(HeadSpec head, NDArray table, String columns) {
    NDArray part = table.get(":, " + columns);
    return head.newCoordinates() ? part : Libtorch.sigmoid(part);
  }

  @ParameterizedTest
  @CsvSource({
    "CIOU, 0, 0, 1, 2, NEW",
    "CIOU, 1.5, 0.1, 0.5, 2, NEW",
    "CIOU, 2, 0, 1, 1.05, CLASSIC",
    "DIOU, 0, 0.1, 0, 2, NEW",
    "GIOU, 1.5, 0, 1, 1.2, CLASSIC",
    "IOU, 0, 0, 1, 2, NEW",
    "MSE, 1.5, 0.05, 0.3, 1.1, CLASSIC",
    "CIOU, 0, 0, 1, 1.05, GAUSSIAN"
  })
  void lossOfThePyTorchRecipe(
      IouLoss kind, double focus, double smoothing, double share, double scale, Form form) {
    ScaledLoss.Settings settings =
        new ScaledLoss.Settings(kind, 0.5, 0.7, 0.3, 1.5, 2, 4, focus, smoothing, share);
    HeadSpec head = head(scale, form, HeadTraining.TINY);
    SplittableRandom random = new SplittableRandom(5);
    double[] numbers = numbers(head, 2, random);
    List<List<Label>> truths = List.of(labels(random, 3), labels(random, 4));
    LossResult result =
        new ScaledLoss(List.of(head), settings)
            .compute(List.of(tensor(numbers, 2, head)), truths, NET, NET);
    List<CellMatch> matches =
        CellMatch.find(head, CELLS, CELLS, truths, new int[] {NET, NET}, settings.anchorRatio());
    assertThat(matches.size()).isGreaterThan(10);
    int[] rows =
        matches.stream()
            .mapToInt(m -> ((m.image() * CELLS + m.row()) * CELLS + m.column()) * 3 + m.anchor())
            .toArray();
    double[] wanted = new double[rows.length * CLASSES];
    java.util.Arrays.fill(wanted, smoothing / 2);
    for (int m = 0; m < rows.length; m++) {
      wanted[m * CLASSES + matches.get(m).classIndex()] = 1 - smoothing / 2;
    }
    long anchors = numbers.length / head.entries();
    try (Libtorch torch = new Libtorch()) {
      Boxes t = torch.boxes(matches.stream().map(CellMatch::truth).toList());
      Boxes priors = torch.boxes(matches.stream().map(CellMatch::prior).toList());
      double[] expected =
          torch.derivative(
              numbers,
              new long[] {anchors, head.entries()},
              table -> {
                NDArray mine = torch.rows(table, rows);
                Boxes p = decoded(head, mine, priors);
                NDArray overlap = Libtorch.overlap(kind, p, t);
                NDArray box =
                    kind == IouLoss.MSE
                        ? p.x()
                            .sub(t.x())
                            .square()
                            .add(p.y().sub(t.y()).square())
                            .add(p.w().div(t.w()).log().square())
                            .add(p.h().div(t.h()).log().square())
                        : overlap.neg().add(1);
                if (head.gaussian()) {
                  NDArray weight = t.w().mul(t.h()).div(CELLS * CELLS).neg().add(2);
                  box = box.add(unlikely(mine, head, missing(p, t), weight, true));
                }
                double[] known = overlap.stopGradient().toDoubleArray();
                double[] objects = new double[(int) anchors];
                for (int m = 0; m < rows.length; m++) {
                  objects[rows[m]] = 1 - share + share * Math.max(0, known[m]);
                }
                NDArray object =
                    Libtorch.entropy(
                        probabilities(head, table, "" + head.objectness()),
                        torch.of(objects, anchors),
                        1.5,
                        focus);
                NDArray classes =
                    Libtorch.entropy(
                        probabilities(head, mine, (head.objectness() + 1) + ":"),
                        torch.of(wanted, rows.length, CLASSES),
                        2,
                        focus);
                // One head counts three times, its objectness four times; two pictures.
                return box.mean()
                    .mul(0.5)
                    .add(object.mean().mul(4 * 0.7))
                    .add(classes.mean().mul(0.3))
                    .mul(3 * 2);
              });
      Libtorch.agree(result.gradients().getFirst().doubles(), expected);
      assertThat(result.total()).isCloseTo(expected[numbers.length], within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CIOU, 1.05, CLASSIC, 0",
    "CIOU, 2, NEW, 0.1",
    "DIOU, 1.2, CLASSIC, 0",
    "GIOU, 1.05, CLASSIC, 0.1",
    "IOU, 2, NEW, 0",
    "MSE, 1.05, CLASSIC, 0",
    "MSE, 2, NEW, 0",
    "GIOU, 1.05, GAUSSIAN, 0",
    "MSE, 1, GAUSSIAN, 0"
  })
  void exactFormOfDarknetsLoss(IouLoss kind, double scale, Form form, double smoothing) {
    HeadTraining training =
        new HeadTraining(1, 1, 1, kind, 0.07, 1.3, 1, Double.POSITIVE_INFINITY, false, smoothing);
    HeadSpec head = head(scale, form, training);
    SplittableRandom random = new SplittableRandom(9);
    double[] numbers = numbers(head, 1, random);
    // Each in a cell of its own, as large as one of the anchors.
    List<Label> truths =
        List.of(
            new Label(0, 0.30, 0.15, 11.0 / NET, 13.0 / NET),
            new Label(2, 0.62, 0.55, 25.0 / NET, 15.0 / NET),
            new Label(1, 0.08, 0.83, 19.0 / NET, 44.0 / NET));
    int[] rows = new int[truths.size()];
    List<CentredBox> boxes = new ArrayList<>();
    List<CentredBox> priors = new ArrayList<>();
    double[] wanted = new double[rows.length * CLASSES];
    java.util.Arrays.fill(wanted, smoothing / 2);
    double[] objects = new double[numbers.length / head.entries()];
    for (int i = 0; i < rows.length; i++) {
      Label label = truths.get(i);
      int row = (int) (label.centerY() * CELLS);
      int column = (int) (label.centerX() * CELLS);
      rows[i] = (row * CELLS + column) * 3 + i;
      objects[rows[i]] = 1;
      wanted[i * CLASSES + label.classIndex()] = 1 - smoothing / 2;
      // In cells, from the corner of the own one: overlaps do not change with the unit.
      boxes.add(
          new CentredBox(
              label.centerX() * CELLS - column,
              label.centerY() * CELLS - row,
              label.width() * CELLS,
              label.height() * CELLS));
      Anchor anchor = ANCHORS.get(i);
      priors.add(new CentredBox(0, 0, anchor.width() / NET * CELLS, anchor.height() / NET * CELLS));
    }
    LossResult result =
        new DarknetLoss(List.of(head), DarknetLoss.Form.EXACT)
            .compute(List.of(tensor(numbers, 1, head)), List.of(truths), NET, NET);
    assertThat(result.assigned()).isEqualTo(3);
    try (Libtorch torch = new Libtorch()) {
      Boxes t = torch.boxes(boxes);
      Boxes prior = torch.boxes(priors);
      double[] expected =
          torch.derivative(
              numbers,
              new long[] {objects.length, head.entries()},
              table -> {
                NDArray mine = torch.rows(table, rows);
                Boxes p = decoded(head, mine, prior);
                NDArray area = t.w().mul(t.h()).div(CELLS * CELLS).neg().add(2);
                NDArray box;
                if (head.gaussian() && kind == IouLoss.MSE) {
                  box = unlikely(mine, head, missing(p, t), area, false);
                } else if (kind == IouLoss.MSE) {
                  NDArray[] off = new NDArray[4];
                  off[0] = p.x().sub(t.x());
                  off[1] = p.y().sub(t.y());
                  NDArray width = t.w().div(prior.w());
                  NDArray height = t.h().div(prior.h());
                  off[2] = Libtorch.column(mine, head.place(2)).sub(number(width, head));
                  off[3] = Libtorch.column(mine, head.place(3)).sub(number(height, head));
                  NDArray squares = off[0].square();
                  for (int i = 1; i < 4; i++) {
                    squares = squares.add(off[i].square());
                  }
                  box = squares.mul(area).div(2);
                } else {
                  box = Libtorch.overlap(kind, p, t).neg().add(1);
                }
                if (head.gaussian()) {
                  // 0.07 below weighs all of the box, and spreads weigh 1.
                  NDArray spreads = unlikely(mine, head, missing(p, t), area, true);
                  box = box.add(spreads.div(0.07));
                }
                NDArray object =
                    Libtorch.entropy(
                        probabilities(head, table, "" + head.objectness()),
                        torch.of(objects, objects.length),
                        1,
                        0);
                NDArray classes =
                    Libtorch.entropy(
                        probabilities(head, mine, (head.objectness() + 1) + ":"),
                        torch.of(wanted, rows.length, CLASSES),
                        1,
                        0);
                return box.sum().mul(0.07).add(object.sum().mul(1.3)).add(classes.sum());
              });
      Libtorch.agree(result.gradients().getFirst().doubles(), expected);
      assertThat(result.total()).isCloseTo(expected[numbers.length], within(1e-9));
    }
  }

  /** What is missing of the numbers of boxes, in cells and in logarithms. */
  private static NDArray[] missing(Boxes p, Boxes t) {
    return new NDArray[] {
      t.x().sub(p.x()), t.y().sub(p.y()), t.w().div(p.w()).log(), t.h().div(p.h()).log()
    };
  }

  /** How unlikely truths are: by the spreads or by the numbers, the others held constant. */
  private static NDArray unlikely(
      NDArray rows, HeadSpec head, NDArray[] missing, NDArray weight, boolean bySpread) {
    NDArray sum = weight.zerosLike();
    for (int side = 0; side < 4; side++) {
      NDArray spread = Libtorch.sigmoid(Libtorch.column(rows, head.spread(side)));
      NDArray off = missing[side];
      NDArray s = bySpread ? spread : spread.stopGradient();
      NDArray d = bySpread ? off.stopGradient() : off;
      NDArray density = d.div(s).square().div(-2).exp().div(s.add(0.3).mul(Math.sqrt(2 * Math.PI)));
      sum = sum.sub(density.add(1e-9).log().mul(weight).div(2));
    }
    return sum;
  }

  /** The number of a head that gives a side of so many anchors. */
  private static NDArray number(NDArray relative, HeadSpec head) {
    return head.newCoordinates() ? relative.div(4).sqrt() : relative.log();
  }

  private static List<Label> labels(SplittableRandom random, int count) {
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double w = 0.1 + 0.5 * random.nextDouble();
      double h = 0.1 + 0.5 * random.nextDouble();
      double x = w / 2 + (1 - w) * random.nextDouble();
      double y = h / 2 + (1 - h) * random.nextDouble();
      labels.add(new Label(random.nextInt(CLASSES), x, y, w, h));
    }
    return labels;
  }

  private static Tensor tensor(double[] numbers, int images, HeadSpec head) {
    return Ops.on(
        Devices.reference(),
        () -> Tensor.of(Shape.of(images, CELLS, CELLS, head.channels()), numbers));
  }
}
