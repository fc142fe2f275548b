package dev.peregrine.yolo.classify;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.backbone.CspDarknet53;
import dev.peregrine.yolo.backbone.CspResNet50;
import dev.peregrine.yolo.backbone.Darknet53;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A backbone with a last layer that tells classes apart.
 *
 * <p>Its parameters have the paths that they have in the detector whose backbone it is, and those
 * of the last layer are in room {@code classes}.
 *
 * @param name as {@link #named} takes it
 * @param backbone the network
 * @param classes one name a class
 * @param inputSize rows and columns of the pictures it sees
 */
public record Classifier(
    String name, Backbone backbone, List<String> classes, InputSize inputSize) {
  /** The text of a file's metadata that tells classifiers from detectors. */
  private static final String TASK = "task";

  private static final String CLASSIFY = "classify";
  private static final int SMALLEST = 128;

  /** Copies the names. */
  public Classifier {
    classes = List.copyOf(classes);
    if (classes.size() < 2) {
      throw new FormatException(
          "classifier: there are " + classes.size() + " classes; telling apart takes at least two");
    }
  }

  /**
   * Returns the backbones that have a name of their own.
   *
   * @return names that {@link #named} takes besides those of detectors
   */
  public static List<String> names() {
    return List.of("csdarknet53", "csdarknet53-omega", "darknet53", "csresnet50", "csresnext50");
  }

  /**
   * Makes a classifier on a backbone, or on that of a detector.
   *
   * <p><b>Errors</b> {@link FormatException} if there is no such network, or the detector's
   * backbone is not written apart.
   *
   * @param name such as {@code csdarknet53}, or a detector's such as {@code yolov4-tiny};
   *     {@code @0.5} scales the width, {@code @0.5x0.33} width and depth
   * @param classes one name a class
   * @param inputSize rows and columns of the pictures it sees
   * @return the classifier
   */
  public static Classifier named(String name, List<String> classes, InputSize inputSize) {
    int at = name.indexOf('@');
    String key = at < 0 ? name : name.substring(0, at);
    Scale scale = at < 0 ? Scale.ONE : Scale.parse(name.substring(at + 1));
    Backbone backbone =
        switch (key) {
          case "csdarknet53" -> new CspDarknet53(Unary.Kind.LEAKY_RELU, scale);
          case "csdarknet53-omega" -> new CspDarknet53(Unary.Kind.MISH, scale);
          case "darknet53" -> new Darknet53(scale);
          case "csresnet50", "csresnext50" -> resNet(name, key);
          default ->
              Models.named(name, 1)
                  .backbone()
                  .orElseThrow(() ->
                      new FormatException(
                          name
                              + ": its backbone is not written apart, so it cannot be a"
                              + " classifier; take "
                              + String.join(", ", names())
                              + ", or yolov4, yolov4-tiny, yolov4-csp, yolov4-p5"));
        };
    return new Classifier(name, backbone, classes, inputSize);
  }

  private static Backbone resNet(String name, String key) {
    if (!name.equals(key)) {
      throw new FormatException(name + ": " + key + " is not scaled; write model=" + key);
    }
    return key.equals("csresnext50") ? CspResNet50.next() : new CspResNet50(1);
  }

  /**
   * Runs the network.
   *
   * <p><b>Shapes</b> the result is {@code [N, classes]}.
   *
   * @param params its parameters
   * @param images {@code [N, H, W, 3]}, numbers 0 to 1
   * @return one number a class, before the softmax
   */
  public Tensor scores(Params params, Tensor images) {
    int count = classes.size();
    return backbone.scores(params, images, count).reshape(images.shape().dim(0), count);
  }

  /**
   * Makes initial numbers on the current device.
   *
   * @param seed of the numbers
   * @param style how its layers normalise
   * @return the numbers
   */
  public Params initialize(long seed, LayerStyle style) {
    Params params = Params.create(seed).with(style);
    trace(params);
    return params;
  }

  private void trace(Params params) {
    // The numbers do not depend on the size of the picture.
    Tracer.trace(
        List.of(Spec.f32(1, SMALLEST, SMALLEST, 3)),
        inputs -> List.of(scores(params, inputs.getFirst())));
  }

  /**
   * Describes the network in texts from which {@link #load} makes it again.
   *
   * @param style how its layers normalise
   * @return the metadata of a file
   */
  public Map<String, String> describe(LayerStyle style) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(TASK, CLASSIFY);
    texts.put("model", name);
    texts.put("imgsz", inputSize.toString());
    texts.put("names", String.join("\n", classes));
    texts.putAll(style.describe());
    return texts;
  }

  /**
   * A classifier with its numbers.
   *
   * @param classifier the network
   * @param params its numbers
   */
  public record Trained(Classifier classifier, Params params) {}

  /**
   * Tells whether a file holds a classifier.
   *
   * @param file any path
   * @return true for a safetensors file that says so
   */
  public static boolean isIn(Path file) {
    return file.toString().endsWith(".safetensors")
        && Files.isRegularFile(file)
        && ParamsFile.metadata(file).getOrDefault(TASK, "").equals(CLASSIFY);
  }

  /**
   * Reads a classifier; of a training checkpoint, the moving average.
   *
   * <p><b>Errors</b> {@link FormatException} where the file is missing, damaged, or holds no
   * classifier.
   *
   * @param file a safetensors file
   * @return the classifier
   */
  public static Trained load(Path file) {
    Map<String, String> texts = ParamsFile.metadata(file);
    if (!texts.getOrDefault(TASK, "").equals(CLASSIFY)) {
      throw new FormatException(
          file + ": holds no classifier; ./yolo train task=classify makes one");
    }
    Classifier classifier =
        named(
            texts.getOrDefault("model", ""),
            List.of(texts.getOrDefault("names", "").split("\n", -1)),
            InputSize.parse(texts.getOrDefault("imgsz", "")));
    Params params = Params.symbolic().with(LayerStyle.parse(texts));
    classifier.trace(params);
    Checkpoint.loadAveraged(file, params);
    return new Trained(classifier, params);
  }
}
