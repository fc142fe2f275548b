package dev.peregrine.yolo.model;

import static dev.peregrine.tensor.Activations.logistic;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.image.Resize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A network whose heads decode as those of the large Scaled-YOLOv4 do, whatever they did before: a
 * centre may lie up to half a cell beyond its cell, and sizes are {@code (2 s)^2} anchors with the
 * logistic function s.
 *
 * <p>Only so can neighbouring cells learn a truth, as the PyTorch programs teach every network. The
 * numbers of the network stay under the same paths, but those of its last convolutions mean
 * something else. Pictures keep their proportions, since those programs train on nothing else.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, training code.
 */
public final class ScaledHeads implements DetectionModel {
  private static final String HEADS = "heads";
  private static final String SCALED = "scaled";
  private static final double REACH = 2;

  private final DetectionModel base;
  private final List<HeadSpec> heads;

  private ScaledHeads(DetectionModel base) {
    this.base = base;
    this.heads =
        base.heads().stream()
            .map(h -> new HeadSpec(h.classes(), h.anchors(), h.mask(), REACH, true, h.training()))
            .toList();
  }

  /**
   * Gives a network such heads.
   *
   * @param model the network
   * @return the same network if it has them already
   */
  public static DetectionModel of(DetectionModel model) {
    return model.heads().stream().allMatch(HeadSpec::newCoordinates)
        ? model
        : new ScaledHeads(model);
  }

  /**
   * Gives a network the heads that the texts of a file describe.
   *
   * @param model the network that they name
   * @param texts the metadata of the file
   * @return the network
   */
  public static DetectionModel described(DetectionModel model, Map<String, String> texts) {
    return SCALED.equals(texts.get(HEADS)) ? of(model) : model;
  }

  @Override
  public List<Tensor> forward(Params params, Tensor image) {
    List<Tensor> outputs = new ArrayList<>(base.forward(params, image));
    for (int i = 0; i < outputs.size(); i++) {
      if (!base.heads().get(i).newCoordinates()) {
        outputs.set(i, logistic(outputs.get(i)));
      }
    }
    return outputs;
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public List<HeadSpec> heads() {
    return heads;
  }

  @Override
  public InputSize inputSize() {
    return base.inputSize();
  }

  @Override
  public ScaledHeads withInputSize(InputSize size) {
    return new ScaledHeads(base.withInputSize(size));
  }

  @Override
  public Resize resize() {
    return Resize.TORCH_LETTERBOX;
  }

  @Override
  public NonMaximumSuppression suppression() {
    return base.suppression();
  }

  @Override
  public int maxStride() {
    return base.maxStride();
  }

  @Override
  public Map<String, String> describe() {
    Map<String, String> texts = base.describe();
    texts.put(HEADS, SCALED);
    return texts;
  }
}
