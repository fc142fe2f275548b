package dev.peregrine.yolo.loss;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import java.util.ArrayList;
import java.util.List;

/**
 * The detection loss of Scaled-YOLOv4's PyTorch code.
 *
 * <p>A truth is learned by several anchors, in its cell and in neighbours of it ({@link
 * CellMatch}); the objectness of an anchor that learns a truth is taught to be how well their boxes
 * overlap, and that of all others to be 0.
 *
 * <p><b>Formula</b> with means over the matches of a head, and over its cells and anchors for the
 * objectness: {@code N * (3 / heads) * sum over heads of (box * mean(1 - CIoU) + obj * balance *
 * mean(BCE(z_obj, t)) + cls * mean(BCE(z_class, one-hot)))} for N pictures, where {@code t = 1 - g
 * + g max(CIoU, 0)}, held constant. The finest head has balance 4, coarser ones 1, 0.4 and 0.1, or
 * 1, 0.5, 0.4 and 0.1 of five; from four heads on {@code obj} counts 1.4 times.
 *
 * <p>Heads decode as they are described, so one with darknet's exponential sizes learns too; its
 * cells reach their neighbours as far as its {@code scaleXy} allows.
 *
 * <p>The spreads of a Gaussian head learn with the boxes: {@link GaussianNumber}, weighed by the
 * head's own {@code uncertaintyNormalizer}.
 *
 * <p><b>Cost</b> one logistic function a cell and anchor, one overlap and a cross entropy a class
 * for each match.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, training code ({@code compute_loss}).
 */
public final class ScaledLoss implements DetectionLoss {
  private static final List<Double> BALANCE = List.of(4.0, 1.0, 0.4, 0.1);
  private static final List<Double> BALANCE_OF_FIVE = List.of(4.0, 1.0, 0.5, 0.4, 0.1);
  private static final double MANY_HEADS = 1.4;

  private final List<HeadSpec> heads;
  private final Settings settings;

  /**
   * How the parts of the loss are weighed.
   *
   * @param iouLoss what the box error is measured by; with {@link IouLoss#MSE} the squares of the
   *     differences of centres and of logarithms of sides
   * @param box gain of the box error
   * @param objectness gain of the objectness error
   * @param classes gain of the class error, for as many classes as there are
   * @param objectPositive weight of objects against background
   * @param classPositive weight of the right class against the others
   * @param anchorRatio a truth is learned by anchors whose sides differ by less than this factor
   * @param focus exponent of the focal loss, 0 for none
   * @param labelSmoothing class targets stay half of this away from 0 and 1
   * @param overlapShare share g of the overlap in the objectness that is taught; the rest is 1
   */
  public record Settings(
      IouLoss iouLoss,
      double box,
      double objectness,
      double classes,
      double objectPositive,
      double classPositive,
      double anchorRatio,
      double focus,
      double labelSmoothing,
      double overlapShare) {
    /** What the published recipe trains 80 classes with. */
    public static final Settings PUBLISHED =
        new Settings(IouLoss.CIOU, 0.05, 1, 0.5, 1, 1, 4, 0, 0, 1);
  }

  /**
   * Makes the loss of a network.
   *
   * @param heads its heads, in the order of its outputs
   * @param settings how the parts are weighed
   */
  public ScaledLoss(List<HeadSpec> heads, Settings settings) {
    this.heads = List.copyOf(heads);
    this.settings = settings;
  }

  @Override
  public LossResult compute(
      List<Tensor> outputs, List<List<Label>> truths, int netHeight, int netWidth) {
    return compute(outputs, truths, truths, netHeight, netWidth);
  }

  @Override
  public LossResult compute(
      List<Tensor> outputs,
      List<List<Label>> truths,
      List<List<Label>> whole,
      int netHeight,
      int netWidth) {
    HeadTensors.check(outputs, heads, truths.size());
    double share = 3.0 / heads.size() * truths.size();
    double box = 0;
    double objectness = 0;
    double classes = 0;
    int assigned = 0;
    double overlap = 0;
    List<Tensor> gradients = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      Tensor output = outputs.get(i);
      int rows = output.shape().dim(1);
      int columns = output.shape().dim(2);
      ScaledHeadLoss head =
          new ScaledHeadLoss(heads.get(i), settings, output.shape(), HeadTensors.numbers(output));
      int[] size = {netHeight, netWidth};
      List<CellMatch> matches =
          CellMatch.find(heads.get(i), rows, columns, truths, size, settings.anchorRatio());
      head.learn(matches);
      // Means over matches are those of the whole batch, of which these are a part.
      double matched =
          truths.size() == whole.size()
              ? share
              : 3.0
                  / heads.size()
                  * whole.size()
                  * matches.size()
                  / Math.max(
                      1,
                      CellMatch.find(
                              heads.get(i), rows, columns, whole, size, settings.anchorRatio())
                          .size());
      double boxGain = matched * settings.box();
      double objectGain =
          share
              * settings.objectness()
              * (heads.size() >= 4 ? MANY_HEADS : 1)
              * balance(outputs, i);
      double classGain = matched * settings.classes();
      box += boxGain * head.box();
      objectness += objectGain * head.objectness();
      classes += classGain * head.classes();
      assigned += head.assigned();
      overlap += head.overlap();
      gradients.add(
          HeadTensors.gradient(
              output, sink -> head.gradient(boxGain, objectGain, classGain, sink)));
    }
    return new LossResult(box, objectness, classes, assigned, overlap, gradients);
  }

  /** The objectness of fine maps counts more, since they have more cells of background. */
  private static double balance(List<Tensor> outputs, int head) {
    long cells = outputs.get(head).shape().dim(1) * (long) outputs.get(head).shape().dim(2);
    int finer =
        (int)
            outputs.stream()
                .filter(o -> o.shape().dim(1) * (long) o.shape().dim(2) > cells)
                .count();
    List<Double> table = outputs.size() == 5 ? BALANCE_OF_FIVE : BALANCE;
    return table.get(Math.min(finer, table.size() - 1));
  }
}
