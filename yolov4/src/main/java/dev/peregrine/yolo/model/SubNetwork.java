package dev.peregrine.yolo.model;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
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
 * <p>The kept heads give the same bits as in the whole network: information flows from the coarsest
 * stage of the backbone down to the finest level, and from there upwards to the coarser heads, so
 * that nothing kept needs what is left out. The backbone and the way down are computed completely;
 * what only the coarser heads need is dead, and passes remove it. Parameters are those of the whole
 * network, and so is the largest stride.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 5.4, which does not
 * say which layers it leaves out; cutting the backbone too would change what the kept heads see.
 */
public final class SubNetwork implements DetectionModel {
  private final DetectionModel whole;
  private final List<Integer> kept;

  /**
   * Keeps the finest heads of a network.
   *
   * <p><b>Errors</b> {@link ShapeException} where it has not so many.
   *
   * @param whole the network
   * @param levels how many heads are kept, 1 or more
   */
  public SubNetwork(DetectionModel whole, int levels) {
    this(whole, finest(whole, levels));
  }

  private SubNetwork(DetectionModel whole, List<Integer> kept) {
    this.whole = whole;
    this.kept = kept;
  }

  private static List<Integer> finest(DetectionModel whole, int levels) {
    int all = whole.heads().size();
    if (levels < 1 || levels > all) {
      throw new ShapeException(
          "%s has %d heads, so that 1 to %d of them can be kept, but %d were asked for"
              .formatted(whole.name(), all, all, levels));
    }
    int side = whole.maxStride();
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, side, side, 3)),
            inputs -> whole.forward(Params.symbolic(), inputs.getFirst()));
    return IntStream.range(0, all)
        .boxed()
        .sorted(
            Comparator.comparing(
                (Integer head) -> -graph.outputs().get(head).spec().shape().dim(1)))
        .limit(levels)
        .sorted()
        .toList();
  }

  @Override
  public List<Tensor> forward(Params params, Tensor image) {
    List<Tensor> heads = whole.forward(params, image);
    return kept.stream().map(heads::get).toList();
  }

  @Override
  public List<HeadSpec> heads() {
    return kept.stream().map(whole.heads()::get).toList();
  }

  @Override
  public SubNetwork withInputSize(InputSize size) {
    return new SubNetwork(whole.withInputSize(size), kept);
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
