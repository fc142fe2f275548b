package dev.peregrine.yolo.model;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Interpreter;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.image.Resize;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The finer heads of a trained network, used without its coarser ones: "once for all", since P7
 * without its last level detects in small pictures what P6 does, and is not trained again.
 *
 * <p>There are two ways. Made by the constructor, only heads are left out, and the kept ones give
 * the same bits as in the whole network: information flows from the coarsest stage of the backbone
 * down to the finest level, and from there upwards to the coarser heads, so that nothing kept needs
 * what is left out. The backbone and the way down are computed completely; what only the coarser
 * heads need is dead, and passes remove it.
 *
 * <p>{@link #truncated} leaves out the coarser stages of the backbone and of the way down as well:
 * where a map of theirs would be enlarged for a finer level, there are zeros. That is faster, and
 * what the kept heads then find is not what the whole network would.
 *
 * <p>Parameters are those of the whole network, and so is the largest stride.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 5.4, which does not
 * say which layers it leaves out.
 */
public final class SubNetwork implements DetectionModel {
  /** No stride is so large: nothing is cut off. */
  private static final int WHOLE = Integer.MAX_VALUE;

  private final DetectionModel whole;
  private final List<Integer> kept;

  /** The largest stride of maps that are computed. */
  private final int coarsest;

  /** A head of the whole network, at its own input size. */
  private record Output(int index, int rows) {}

  /**
   * Keeps the finest heads of a network.
   *
   * <p><b>Errors</b> {@link ShapeException} where it has not so many.
   *
   * @param whole the network
   * @param levels how many heads are kept, 1 or more
   */
  public SubNetwork(DetectionModel whole, int levels) {
    this(whole, finest(whole, levels), WHOLE);
  }

  private SubNetwork(DetectionModel whole, List<Integer> kept, int coarsest) {
    this.whole = whole;
    this.kept = kept;
    this.coarsest = coarsest;
  }

  /**
   * Keeps the finest heads of a network and cuts off its coarser stages.
   *
   * <p><b>Errors</b> as the constructor's.
   *
   * @param whole the network
   * @param levels how many heads are kept, 1 or more
   * @return the network with zeros in the place of what is cut off
   */
  public static SubNetwork truncated(DetectionModel whole, int levels) {
    List<Integer> kept = finest(whole, levels);
    int rows =
        outputs(whole).stream()
            .filter(output -> kept.contains(output.index()))
            .mapToInt(Output::rows)
            .min()
            .orElseThrow();
    return new SubNetwork(whole, kept, whole.inputSize().height() / rows);
  }

  private static List<Integer> finest(DetectionModel whole, int levels) {
    int all = whole.heads().size();
    if (levels < 1 || levels > all) {
      throw new ShapeException(
          "%s has %d heads, so that 1 to %d of them can be kept, but %d were asked for"
              .formatted(whole.name(), all, all, levels));
    }
    return outputs(whole).stream()
        .sorted(Comparator.comparing(output -> -output.rows()))
        .limit(levels)
        .map(Output::index)
        .sorted()
        .toList();
  }

  private static List<Output> outputs(DetectionModel whole) {
    Graph graph = whole.trace(Params.symbolic());
    return IntStream.range(0, graph.outputs().size())
        .mapToObj(i -> new Output(i, graph.outputs().get(i).spec().shape().dim(1)))
        .toList();
  }

  @Override
  public List<Tensor> forward(Params params, Tensor image) {
    int least = image.shape().dim(1) / coarsest;
    List<Tensor> heads =
        coarsest == WHOLE
            ? whole.forward(params, image)
            : Ops.around(
                inner -> (op, inputs) -> cut(inner, op, inputs, least),
                () -> whole.forward(params, image));
    return kept.stream().map(heads::get).toList();
  }

  /** Enlarging is how a coarser level reaches a finer one, so zeros there cut it off. */
  private static List<Tensor> cut(Interpreter inner, Op op, List<Tensor> inputs, int least) {
    if (op instanceof Upsample && inputs.getFirst().shape().dim(1) < least) {
      Spec enlarged = op.infer(inputs.stream().map(Tensor::spec).toList()).getFirst();
      return inner.apply(new Fill(enlarged, 0), List.of());
    }
    return inner.apply(op, inputs);
  }

  @Override
  public List<HeadSpec> heads() {
    return kept.stream().map(whole.heads()::get).toList();
  }

  @Override
  public SubNetwork withInputSize(InputSize size) {
    return new SubNetwork(whole.withInputSize(size), kept, coarsest);
  }

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public InputSize inputSize() {
    return whole.inputSize();
  }

  @Override
  public int maxStride() {
    return whole.maxStride();
  }

  @Override
  public Resize resize() {
    return whole.resize();
  }

  @Override
  public NonMaximumSuppression suppression() {
    return whole.suppression();
  }

  /** Describes the whole network, whose numbers a file holds. */
  @Override
  public Map<String, String> describe() {
    return whole.describe();
  }
}
