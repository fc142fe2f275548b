package dev.peregrine.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Value;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The same training step with libtorch's own derivatives and updates, through DJL. */
final class LibtorchStep implements Side {
  /** One trained array: ours, theirs, and what theirs remembers between steps. */
  private record Weight(Params.Entry entry, NDArray array, NDArray velocity) {}

  private final NDManager manager;
  private final NDArray input;
  private final LibtorchNet net;
  private final double scale;
  private final List<Weight> weights = new ArrayList<>();

  LibtorchStep(Subject subject, int threads) {
    manager = LibtorchSide.open(threads);
    input = LibtorchSide.input(subject, manager);
    scale = PeregrineStep.scale(subject);
    boolean was = subject.params().isTraining();
    Graph graph;
    try {
      subject.params().training(true);
      graph = subject.trace();
    } finally {
      subject.params().training(was);
    }
    net = new LibtorchNet(graph, manager, true);
    Map<Object, NDArray> byTensor = new IdentityHashMap<>();
    net.leaves().forEach((leaf, array) -> byTensor.put(((Value.Constant) leaf).tensor(), array));
    for (Params.Entry entry : subject.params().entries()) {
      NDArray array = byTensor.get(entry.value());
      if (entry.isTrained() && array != null) {
        array.setRequiresGradient(true);
        weights.add(new Weight(entry, array, manager.zeros(array.getShape())));
      }
    }
  }

  @Override
  public String name() {
    return "libtorch";
  }

  @Override
  public void run() {
    try (NDManager scratch = manager.newSubManager()) {
      JniUtils.setGradMode(true);
      input.tempAttach(scratch);
      NDList heads = net.forward(input);
      NDArray loss = null;
      for (NDArray head : heads) {
        NDArray part = head.mul(head).sum().mul((float) scale);
        loss = loss == null ? part : loss.add(part);
      }
      if (loss == null || !Float.isFinite(loss.getFloat())) {
        throw new ArithmeticException("libtorch: the loss became " + loss);
      }
      JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
      JniUtils.setGradMode(false);
      weights.forEach(LibtorchStep::update);
    }
  }

  private static void update(Weight weight) {
    float decay = weight.entry().kind() == Params.Kind.WEIGHT ? (float) PeregrineStep.DECAY : 0;
    try (NDArray gradient = weight.array().getGradient()) {
      weight
          .array()
          .getNDArrayInternal()
          .sgdUpdate(
              new NDList(weight.array(), gradient, weight.velocity()),
              new NDList(weight.array()),
              (float) PeregrineStep.RATE,
              decay,
              1,
              -1,
              (float) PeregrineStep.MOMENTUM,
              false);
      gradient.muli(0);
    }
  }

  @Override
  public List<float[]> results() {
    List<float[]> changes = new ArrayList<>();
    for (Weight weight : weights) {
      float[] change = weight.velocity().toFloatArray();
      dev.peregrine.tensor.shape.Shape shape = weight.entry().value().shape();
      boolean filters = shape.rank() == 4;
      changes.add(
          filters
              ? Layouts.filtersLast(change, shape.dim(0) * shape.dim(1), shape.dim(2), shape.dim(3))
              : change);
    }
    return changes;
  }

  @Override
  public void close() {
    manager.close();
  }
}
