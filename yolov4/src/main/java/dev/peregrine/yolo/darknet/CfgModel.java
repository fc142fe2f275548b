package dev.peregrine.yolo.darknet;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The detector that a cfg describes: a {@link CfgNetwork} with the settings of its heads.
 *
 * <p>The picture may have any size that the network can take; the cfg's own is only the default.
 */
public final class CfgModel implements DetectionModel {
  private final CfgFile cfg;
  private final CfgNetwork network;

  /**
   * Makes the network.
   *
   * <p><b>Errors</b> {@link FormatException} where the cfg has no {@code [yolo]} layer.
   *
   * @param cfg its description
   */
  public CfgModel(CfgFile cfg) {
    if (cfg.heads().isEmpty()) {
      throw new FormatException(cfg.name() + ": has no [yolo] layer, so it is no detector");
    }
    this.cfg = cfg;
    this.network = new CfgNetwork(cfg);
  }

  /**
   * The description that the network follows.
   *
   * @return the cfg
   */
  public CfgFile cfg() {
    return cfg;
  }

  @Override
  public String name() {
    return network.name();
  }

  @Override
  public List<HeadSpec> heads() {
    return cfg.heads().stream().map(Layer.Yolo::head).toList();
  }

  @Override
  public InputSize inputSize() {
    return new InputSize(cfg.net().input().height(), cfg.net().input().width());
  }

  @Override
  public CfgModel withInputSize(InputSize size) {
    return new CfgModel(cfg.withInputSize(size.height(), size.width()));
  }

  /**
   * Makes the same network with other anchors.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} for another number of them.
   *
   * @param anchors as many as there are, in the order of the masks, in pixels of the input
   * @return the network
   */
  public CfgModel withAnchors(List<Anchor> anchors) {
    List<Section> sections = new ArrayList<>(cfg.sections());
    String text =
        anchors.stream()
            .map(anchor -> anchor.width() + "," + anchor.height())
            .collect(Collectors.joining(", "));
    for (Layer.Yolo head : cfg.heads()) {
      if (head.head().anchors().size() != anchors.size()) {
        throw new IllegalArgumentException(
            "anchors: %d were given, but %s takes %d"
                .formatted(anchors.size(), cfg.name(), head.head().anchors().size()));
      }
      // The first section is that of the whole network, the others are the layers.
      int at = head.index() + 1;
      sections.set(at, sections.get(at).with("anchors", text));
    }
    return new CfgModel(cfg.withSections(sections));
  }

  @Override
  public int maxStride() {
    return network.maxStride();
  }

  @Override
  public Resize resize() {
    return cfg.net().letterBox() ? Resize.LETTERBOX : Resize.STRETCH;
  }

  @Override
  public NonMaximumSuppression suppression() {
    // Darknet takes the settings of the last head for all of them.
    YoloOptions options = cfg.heads().getLast().options();
    return new NonMaximumSuppression(
        options.suppression(),
        0.45,
        options.suppressionBeta(),
        NonMaximumSuppression.SIGMA,
        false,
        Integer.MAX_VALUE);
  }

  @Override
  public Map<String, String> describe() {
    Map<String, String> texts = DetectionModel.super.describe();
    texts.put("cfg", cfg.toText());
    return texts;
  }

  @Override
  public List<Tensor> forward(Params params, Tensor image) {
    return network.forward(params, image);
  }

  /**
   * Runs the network and keeps what each layer gives.
   *
   * @param params its parameters
   * @param image the input {@code [N, H, W, C]}
   * @return as {@link CfgNetwork#layers} gives it
   */
  public List<Tensor> layers(Params params, Tensor image) {
    return network.layers(params, image);
  }
}
