package dev.peregrine.yolo.model;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.image.Resize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A network whose outputs are detection heads. */
public interface DetectionModel extends Model {
  /**
   * Returns the name that users call it by.
   *
   * @return for instance {@code yolov4-tiny}
   */
  String name();

  /**
   * Describes its heads, in the order of its outputs.
   *
   * @return one description an output
   */
  List<HeadSpec> heads();

  /**
   * Returns rows and columns of the input it was designed for.
   *
   * @return pixels
   */
  InputSize inputSize();

  /**
   * Makes the same network for another input size of its own.
   *
   * @param size multiples of the largest stride
   * @return the network
   */
  DetectionModel withInputSize(InputSize size);

  /**
   * Returns its backbone as a network of its own, whose parameters have the paths that they have
   * here, so that what a classifier has learned serves the detector.
   *
   * @return the backbone, empty where the network is not written that way
   */
  default Optional<Backbone> backbone() {
    return Optional.empty();
  }

  /**
   * Returns the number of classes.
   *
   * @return classes of each head
   */
  default int classes() {
    return heads().get(0).classes();
  }

  /**
   * Returns how pictures are fitted to its input.
   *
   * @return stretching unless the model says otherwise
   */
  default Resize resize() {
    return Resize.STRETCH;
  }

  /**
   * Returns how its duplicate boxes are removed.
   *
   * @return darknet's greedy suppression at 0.45 unless the model says otherwise
   */
  default NonMaximumSuppression suppression() {
    return NonMaximumSuppression.of(NonMaximumSuppression.Kind.GREEDY, 0.45);
  }

  /**
   * Writes the network down on shapes alone, for one picture of its own input size.
   *
   * <p>That size is the one at which the network is known to work: a smaller one, such as the
   * largest stride, may leave nothing for a window without padding.
   *
   * @param params its parameters; those that it lacks are made
   * @return the graph, whose outputs are the heads
   */
  default Graph trace(Params params) {
    InputSize size = inputSize();
    return Tracer.trace(
        List.of(Spec.f32(1, size.height(), size.width(), 3)),
        inputs -> forward(params, inputs.getFirst()));
  }

  /**
   * Describes the network in texts from which it can be made again.
   *
   * @return texts by name, for the metadata of a file
   */
  default Map<String, String> describe() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("model", name());
    texts.put("classes", String.valueOf(classes()));
    texts.put("imgsz", inputSize().toString());
    texts.put("resize", resize().name().toLowerCase(Locale.ROOT));
    texts.put(
        "anchors",
        heads().get(0).anchors().stream()
            .map(anchor -> anchor.width() + "," + anchor.height())
            .collect(Collectors.joining(" ")));
    return texts;
  }

  /**
   * Returns the largest stride, which divides every input size.
   *
   * @return pixels of the input for one cell of the coarsest head
   */
  int maxStride();
}
