package dev.peregrine.bench.peers;

import dev.peregrine.yolo.onnx.MishForm;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_dnn;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.StringVector;
import org.bytedeco.opencv.opencv_dnn.Net;

/**
 * OpenCV's DNN module, on a file of our exporter with Mish in the form that it recognises.
 *
 * <p>It could read darknet's files too, but takes another epsilon in batch norms.
 */
final class OpenCvSide implements Side {
  private final Net net;
  private final Mat input;
  private final StringVector names = new StringVector();
  private final MatVector outputs = new MatVector();

  OpenCvSide(Subject subject, int threads) {
    opencv_core.setNumThreads(threads);
    net = opencv_dnn.readNetFromONNX(OnnxFiles.write(subject, MishForm.SOFTPLUS_TANH).toString());
    net.setPreferableBackend(opencv_dnn.DNN_BACKEND_OPENCV);
    net.setPreferableTarget(opencv_dnn.DNN_TARGET_CPU);
    int[] shape = {subject.batch(), 3, subject.size(), subject.size()};
    input = new Mat(shape, opencv_core.CV_32F);
    float[] pictures = subject.channelsFirst();
    new FloatPointer(input.data()).put(pictures, 0, pictures.length);
    for (int i = 0; i < subject.model().heads().size(); i++) {
      names.push_back("output" + i);
    }
  }

  @Override
  public String name() {
    return "opencv";
  }

  @Override
  public void run() {
    net.setInput(input);
    net.forward(outputs, names);
  }

  @Override
  public List<float[]> results() {
    List<float[]> heads = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Mat head = outputs.get(i);
      int cells = head.size(2) * head.size(3);
      float[] values = new float[head.size(0) * head.size(1) * cells];
      new FloatPointer(head.data()).get(values);
      heads.add(Layouts.channelsLast(values, head.size(0), cells, head.size(1)));
    }
    return heads;
  }

  @Override
  public void close() {
    net.close();
    input.close();
    names.close();
    outputs.close();
  }
}
