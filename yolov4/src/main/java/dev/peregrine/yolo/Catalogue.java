package dev.peregrine.yolo;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.ScaledVariant;
import dev.peregrine.yolo.model.ScaledYoloV4;
import dev.peregrine.yolo.model.YoloV3;
import dev.peregrine.yolo.model.YoloV3Tiny;
import dev.peregrine.yolo.model.YoloV4;
import dev.peregrine.yolo.model.YoloV4Tiny;
import dev.peregrine.yolo.model.YoloV4Tiny3L;
import dev.peregrine.yolo.yaml.PublishedYaml;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The networks that have a name. */
final class Catalogue {
  private static final Map<String, Variant> VARIANTS = variants();

  private Catalogue() {}

  /** Makes a network of a number of classes, a scale and anchors. */
  private interface Factory {
    DetectionModel make(int classes, Scale scale, List<Anchor> anchors);
  }

  private record Variant(List<Anchor> anchors, Factory factory) {}

  private static Map<String, Variant> variants() {
    Map<String, Variant> all = new LinkedHashMap<>();
    all.put(
        "yolov4-tiny",
        new Variant(
            YoloV4Tiny.anchors(),
            (classes, scale, anchors) ->
                new YoloV4Tiny(classes, notDeeper(scale).width(), anchors)));
    all.put(
        "yolov4-tiny-3l",
        new Variant(
            YoloV4Tiny3L.anchors(),
            (classes, scale, anchors) -> new YoloV4Tiny3L(classes, notDeeper(scale), anchors)));
    all.put("yolov4", new Variant(YoloV4.anchors(), YoloV4::new));
    for (ScaledVariant variant : ScaledVariant.all()) {
      all.put(
          variant.key(),
          new Variant(
              variant.anchors(),
              (classes, scale, anchors) -> new ScaledYoloV4(variant, classes, scale, anchors)));
    }
    all.put(
        "csresnext50-panet-spp-original-optimal",
        new Variant(
            YoloV4.anchors(),
            (classes, scale, anchors) -> {
              if (!scale.equals(Scale.ONE)) {
                throw new FormatException(
                    "model: csresnext50-panet-spp-original-optimal has one size only, since its"
                        + " groups fix the channels; leave the factor out");
              }
              return YoloV4.onCspResNeXt50(classes, anchors);
            }));
    for (PublishedYaml published : PublishedYaml.values()) {
      all.put(published.key(), new Variant(published.anchors(), published::model));
    }
    all.put("yolov3", yoloV3(false));
    all.put("yolov3-spp", yoloV3(true));
    all.put(
        "yolov3-tiny",
        new Variant(
            YoloV3Tiny.anchors(),
            (classes, scale, anchors) -> new YoloV3Tiny(classes, notDeeper(scale), anchors)));
    return all;
  }

  private static Variant yoloV3(boolean pools) {
    return new Variant(
        YoloV3.anchors(), (classes, scale, anchors) -> new YoloV3(classes, pools, scale, anchors));
  }

  /** The tiny networks repeat no block, so that a factor of depth would do nothing. */
  private static Scale notDeeper(Scale scale) {
    if (scale.depth() != 1) {
      throw new FormatException(
          "model: the tiny networks repeat nothing, so they take a factor of the width alone, such"
              + " as @"
              + scale.width());
    }
    return scale;
  }

  static List<String> names() {
    return List.copyOf(VARIANTS.keySet());
  }

  static List<Anchor> anchors(String name) {
    return find(name).anchors();
  }

  static DetectionModel make(String name, int classes, List<Anchor> anchors) {
    int at = name.indexOf('@');
    Scale scale = at < 0 ? Scale.ONE : Scale.parse(name.substring(at + 1));
    return find(name).factory().make(classes, scale, anchors);
  }

  private static Variant find(String name) {
    int at = name.indexOf('@');
    String key = at < 0 ? name : name.substring(0, at);
    Variant variant = VARIANTS.get(key);
    if (variant == null) {
      throw new FormatException(
          "model: there is no network named '"
              + key
              + "'; there is "
              + String.join(", ", VARIANTS.keySet())
              + ", or give a .cfg, .yaml or .safetensors file");
    }
    return variant;
  }
}
