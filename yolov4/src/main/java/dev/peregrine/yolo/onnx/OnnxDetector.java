package dev.peregrine.yolo.onnx;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.head.DecodedHeads;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes a whole detector as an ONNX file, with what a program needs to know of it beside the
 * numbers.
 *
 * <p>The input {@code images} is {@code [1, 3, height, width]}, RGB from 0 to 1. The texts of the
 * file are those of a safetensors file of ours: {@code names} (a class a line), {@code anchors},
 * {@code imgsz}, {@code resize}, {@code cfg} or {@code yaml}; besides them {@code outputs}, {@code
 * strides}, {@code masks} and {@code nms}.
 */
public final class OnnxDetector {
  private OnnxDetector() {}

  /** What a file gives. */
  public enum Outputs {
    /** The heads as the network leaves them, {@code [1, anchors * (5 + classes), H, W]} each. */
    HEADS,
    /** One table of boxes {@code [1, boxes, 5 + classes]}, as {@link DecodedHeads} makes it. */
    BOXES
  }

  /**
   * Writes a detector.
   *
   * <p><b>Errors</b> those of {@link OnnxFile#write}, and {@link FormatException} where a class
   * name has a line break in it, since names are a line each.
   *
   * @param trained the network with its numbers and names
   * @param outputs what the file gives
   * @param file the file
   */
  public static void write(Models.Trained trained, Outputs outputs, Path file) {
    DetectionModel model = trained.model();
    OnnxOptions usual = OnnxOptions.of(model.name());
    OnnxFile.write(
        trace(trained, outputs),
        new OnnxOptions(
            usual.name(), usual.mish(), usual.inputs(), usual.outputs(), texts(trained, outputs)),
        file);
  }

  /**
   * Writes down what a file is made of.
   *
   * @param trained the network with its numbers
   * @param outputs what it gives
   * @return the graph, at the network's own input size and one picture
   */
  public static Graph trace(Models.Trained trained, Outputs outputs) {
    DetectionModel model = trained.model();
    InputSize size = model.inputSize();
    return Tracer.trace(
        List.of(Spec.f32(1, size.height(), size.width(), 3)),
        inputs -> {
          List<Tensor> heads = model.forward(trained.params().training(false), inputs.getFirst());
          return switch (outputs) {
            case HEADS -> heads;
            case BOXES ->
                List.of(DecodedHeads.of(model.heads(), heads, size.height(), size.width()));
          };
        });
  }

  private static Map<String, String> texts(Models.Trained trained, Outputs outputs) {
    DetectionModel model = trained.model();
    for (String name : trained.names()) {
      if (name.contains("\n")) {
        throw new FormatException(
            "onnx: the class name '" + name.replace("\n", "\\n") + "' has a line break in it");
      }
    }
    Map<String, String> texts = new LinkedHashMap<>(Models.metadata(model, trained.names()));
    texts.put(
        "outputs",
        switch (outputs) {
          case HEADS -> "heads";
          case BOXES -> "boxes: x y w h objectness classes, pixels of the input, before nms";
        });
    texts.put("strides", strides(trained));
    texts.put(
        "masks",
        model.heads().stream()
            .map(head -> head.mask().stream().map(String::valueOf).collect(Collectors.joining(",")))
            .collect(Collectors.joining(" ")));
    texts.put("nms", model.suppression().kind() + " " + model.suppression().threshold());
    return texts;
  }

  /** Pixels of the input for a cell of each head. */
  private static String strides(Models.Trained trained) {
    int height = trained.model().inputSize().height();
    return trace(trained, Outputs.HEADS).outputs().stream()
        .map(head -> String.valueOf(height / head.spec().shape().dim(1)))
        .collect(Collectors.joining(" "));
  }
}
