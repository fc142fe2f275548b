package dev.peregrine.bench.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.peregrine.yolo.onnx.MishForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** ONNX Runtime's CPU engine with all its optimisations, on a file of our exporter. */
final class OnnxRuntimeSide implements Side {
  private final String name;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final OnnxTensor input;

  OnnxRuntimeSide(String name, Subject subject, MishForm mish, int threads) {
    this.name = name;
    Path file = OnnxFiles.write(subject, mish);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // Its threads would go on waiting busily through the turns of the others, which cost them a
      // fifth of their speed; it is no slower itself without.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      session = environment.createSession(file.toString(), options);
      float[] pictures = subject.channelsFirst();
      FloatBuffer buffer =
          ByteBuffer.allocateDirect(4 * pictures.length)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
      long[] shape = {subject.batch(), 3, subject.size(), subject.size()};
      input = OnnxTensor.createTensor(environment, buffer.put(pictures).flip(), shape);
    } catch (OrtException failure) {
      throw new IllegalStateException("onnxruntime: " + failure.getMessage(), failure);
    }
  }

  @Override
  public String name() {
    return name;
  }

  private OrtSession.Result infer() {
    try {
      return session.run(Map.of("images", input));
    } catch (OrtException failure) {
      throw new IllegalStateException("onnxruntime: " + failure.getMessage(), failure);
    }
  }

  @Override
  public void run() {
    infer().close();
  }

  @Override
  public List<float[]> results() {
    try (OrtSession.Result result = infer()) {
      List<float[]> heads = new ArrayList<>();
      for (Map.Entry<String, OnnxValue> entry : result) {
        OnnxTensor tensor = (OnnxTensor) entry.getValue();
        long[] shape = tensor.getInfo().getShape();
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        int cells = Math.toIntExact(shape[2] * shape[3]);
        heads.add(
            Layouts.channelsLast(
                values, Math.toIntExact(shape[0]), cells, Math.toIntExact(shape[1])));
      }
      return heads;
    }
  }

  @Override
  public void close() {
    try {
      input.close();
      session.close();
    } catch (OrtException failure) {
      throw new IllegalStateException("onnxruntime: " + failure.getMessage(), failure);
    }
  }
}
