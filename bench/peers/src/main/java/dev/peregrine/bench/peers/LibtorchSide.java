package dev.peregrine.bench.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import dev.peregrine.tensor.graph.FoldBatchNorm;
import dev.peregrine.tensor.graph.FuseEpilogue;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.RemoveDead;
import java.util.ArrayList;
import java.util.List;

/** libtorch through DJL, batch norms folded, without derivatives. */
final class LibtorchSide implements Side {
  private final NDManager manager;
  private final NDArray input;
  private final LibtorchNet net;

  LibtorchSide(Subject subject, int threads) {
    manager = open(threads);
    input = input(subject, manager);
    Graph graph =
        new FoldBatchNorm().then(new FuseEpilogue()).then(new RemoveDead()).apply(subject.trace());
    net = new LibtorchNet(graph, manager, false);
  }

  static NDManager open(int threads) {
    // DJL otherwise asks the network for other builds of the libraries that we brought.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(threads));
    NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
    JniUtils.setNumThreads(threads);
    return manager;
  }

  static NDArray input(Subject subject, NDManager manager) {
    Shape shape = new Shape(subject.batch(), 3, subject.size(), subject.size());
    return manager.create(subject.channelsFirst(), shape);
  }

  static float[] channelsLast(NDArray array) {
    Shape shape = array.getShape();
    int cells = Math.toIntExact(shape.get(2) * shape.get(3));
    return Layouts.channelsLast(
        array.toFloatArray(), Math.toIntExact(shape.get(0)), cells, Math.toIntExact(shape.get(1)));
  }

  @Override
  public String name() {
    return "libtorch";
  }

  @Override
  public void run() {
    JniUtils.setGradMode(false);
    try (NDManager scratch = manager.newSubManager()) {
      input.tempAttach(scratch);
      net.forward(input);
    }
  }

  @Override
  public List<float[]> results() {
    JniUtils.setGradMode(false);
    try (NDManager scratch = manager.newSubManager()) {
      input.tempAttach(scratch);
      NDList heads = net.forward(input);
      List<float[]> results = new ArrayList<>();
      heads.forEach(head -> results.add(channelsLast(head)));
      return results;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
