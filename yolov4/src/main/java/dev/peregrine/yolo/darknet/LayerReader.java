package dev.peregrine.yolo.darknet;

import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Turns sections into layers one after another; each sees the extents of those before it. */
final class LayerReader {
  private final FeatureMap network;
  private final List<Layer> layers = new ArrayList<>();
  private final List<SectionReader> readers = new ArrayList<>();

  LayerReader(FeatureMap network) {
    this.network = network;
  }

  List<Layer> layers() {
    return List.copyOf(layers);
  }

  void read(SectionReader in) {
    Layer layer =
        switch (in.type()) {
          case "convolutional" -> convolutional(in);
          case "maxpool" -> maxPool(in);
          case "route" -> route(in);
          case "shortcut" -> shortcut(in);
          case "upsample" -> upsample(in);
          case "dropout" -> dropout(in);
          case "yolo" -> yolo(in);
          default -> throw in.error("[net] can only be the first section");
        };
    FeatureMap out = layer.output();
    if (out.height() < 1 || out.width() < 1) {
      throw in.error(
          "["
              + in.type()
              + "] makes "
              + out
              + " of "
              + layer.input()
              + ": the input size is too small for this network");
    }
    layers.add(layer);
    readers.add(in);
  }

  private int index() {
    return layers.size();
  }

  /** What the previous layer gives; a detection head is an end, so nothing may follow it. */
  private FeatureMap previous(SectionReader in) {
    if (layers.isEmpty()) {
      return network;
    }
    Layer last = layers.getLast();
    if (last instanceof Layer.Yolo) {
      throw in.error(
          "[" + in.type() + "] would read the [yolo] before it; put a [route] between them");
    }
    return last.output();
  }

  private Layer convolutional(SectionReader in) {
    FeatureMap input = previous(in);
    int filters = in.positive("filters", 1);
    int size = in.positive("size", 1);
    int stride = in.positive("stride", 1);
    int groups = in.positive("groups", 1);
    int dilation = size == 1 ? 1 : in.positive("dilation", 1);
    int padding = in.flag("pad", false) ? size / 2 : in.notNegative("padding", 0);
    if (input.channels() % groups != 0 || filters % groups != 0) {
      throw in.error(
          "groups",
          "groups="
              + groups
              + " must divide the input's channels ("
              + input.channels()
              + ") and filters ("
              + filters
              + ")");
    }
    long weights = (long) filters * (input.channels() / groups) * size * size;
    if (weights > Integer.MAX_VALUE) {
      throw in.error("filters", "[convolutional] would have " + weights + " weights, above 2^31");
    }
    return new Layer.Convolutional(
        index(),
        in.line(),
        input,
        filters,
        size,
        in.positive("stride_y", stride),
        in.positive("stride_x", stride),
        padding * dilation,
        dilation,
        groups,
        in.choice("activation", Activation.LOGISTIC),
        in.flag("batch_normalize", false),
        in.notNegative("stopbackward", 0));
  }

  private Layer maxPool(SectionReader in) {
    int stride = in.positive("stride", 1);
    int size = in.positive("size", stride);
    return new Layer.MaxPool(
        index(),
        in.line(),
        previous(in),
        size,
        in.positive("stride_y", stride),
        in.positive("stride_x", stride),
        in.notNegative("padding", size - 1));
  }

  private Layer route(SectionReader in) {
    List<Integer> sources = sources(in, "layers");
    int groups = in.positive("groups", 1);
    int groupId = in.notNegative("group_id", 0);
    if (groupId >= groups) {
      throw in.error(
          "group_id", "group_id=" + groupId + " must be below groups, which is " + groups);
    }
    FeatureMap first = layers.get(sources.getFirst()).output();
    int channels = 0;
    for (int source : sources) {
      FeatureMap map = layers.get(source).output();
      if (!map.sameArea(first)) {
        throw in.error(
            "layers",
            "[route] joins layer "
                + sources.getFirst()
                + " ("
                + first
                + ") and layer "
                + source
                + " ("
                + map
                + "): width and height must be equal");
      }
      if (map.channels() % groups != 0) {
        throw in.error(
            "groups",
            "groups="
                + groups
                + " must divide the channels of layer "
                + source
                + " ("
                + map.channels()
                + ")");
      }
      channels += map.channels() / groups;
    }
    return new Layer.Route(
        index(), in.line(), first, sources, groups, groupId, first.withChannels(channels));
  }

  private Layer shortcut(SectionReader in) {
    FeatureMap input = previous(in);
    List<Integer> from = sources(in, "from");
    for (int source : from) {
      FeatureMap map = layers.get(source).output();
      if (!map.sameArea(input)) {
        throw in.error(
            "from",
            "[shortcut] adds layer "
                + source
                + " ("
                + map
                + ") to "
                + input
                + ": width and height must be equal");
      }
    }
    return new Layer.Shortcut(
        index(), in.line(), input, from, in.choice("activation", Activation.LINEAR));
  }

  /** References to earlier layers as absolute indices. */
  private List<Integer> sources(SectionReader in, String key) {
    List<Integer> sources = new ArrayList<>();
    for (int reference : in.requiredIntegers(key)) {
      int source = reference < 0 ? index() + reference : reference;
      if (source < 0 || source >= index()) {
        throw in.error(
            key,
            key
                + "="
                + reference
                + " in ["
                + in.type()
                + "] points to layer "
                + source
                + ", but this is layer "
                + index()
                + ": only layers before it can be used");
      }
      if (layers.get(source) instanceof Layer.Yolo) {
        throw in.error(
            key, key + "=" + reference + " in [" + in.type() + "] points to a [yolo] layer");
      }
      sources.add(source);
    }
    return List.copyOf(sources);
  }

  private Layer upsample(SectionReader in) {
    return new Layer.Upsample(
        index(), in.line(), previous(in), in.positive("stride", 2), in.decimal("scale", 1));
  }

  private Layer dropout(SectionReader in) {
    double probability = in.decimal("probability", 0.2);
    if (probability < 0 || probability >= 1) {
      throw in.error(
          "probability", "probability=" + probability + " must be at least 0 and below 1");
    }
    return new Layer.Dropout(index(), in.line(), previous(in), probability);
  }

  private Layer yolo(SectionReader in) {
    FeatureMap input = previous(in);
    List<Anchor> anchors = anchors(in);
    List<Integer> mask = mask(in, anchors.size());
    int classes = in.positive("classes", 20);
    int expected = mask.size() * (classes + 5);
    if (input.channels() != expected) {
      String law = mask.size() + " masks * (" + classes + " classes + 5) = " + expected;
      if (!layers.isEmpty() && layers.getLast() instanceof Layer.Convolutional) {
        throw readers
            .getLast()
            .error(
                "filters",
                "filters="
                    + input.channels()
                    + " before the [yolo] of line "
                    + in.line()
                    + " must be "
                    + law);
      }
      throw in.error("[yolo] reads " + input.channels() + " channels, but needs " + law);
    }
    HeadSpec head =
        new HeadSpec(
            classes,
            anchors,
            mask,
            in.decimal("scale_x_y", 1),
            in.flag("new_coords", false),
            training(in));
    return new Layer.Yolo(index(), in.line(), input, head, options(in));
  }

  private static List<Anchor> anchors(SectionReader in) {
    List<Double> numbers = in.requiredDecimals("anchors");
    int count = in.positive("num", 1);
    if (numbers.size() != 2 * count) {
      throw in.error(
          "anchors",
          "anchors= has "
              + numbers.size()
              + " numbers, but num="
              + count
              + " needs "
              + 2 * count
              + ", a width and a height each");
    }
    List<Anchor> anchors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Anchor anchor = new Anchor(numbers.get(2 * i), numbers.get(2 * i + 1));
      if (anchor.width() <= 0 || anchor.height() <= 0) {
        throw in.error("anchors", "anchor " + i + " must have a positive width and height");
      }
      anchors.add(anchor);
    }
    return List.copyOf(anchors);
  }

  private static List<Integer> mask(SectionReader in, int anchors) {
    List<Integer> mask = in.integers("mask");
    if (mask.isEmpty()) {
      return IntStream.range(0, anchors).boxed().toList();
    }
    for (int anchor : mask) {
      if (anchor < 0 || anchor >= anchors) {
        throw in.error(
            "mask",
            "mask= names anchor "
                + anchor
                + ", but there are "
                + anchors
                + " anchors, numbered from 0");
      }
    }
    return mask;
  }

  private static HeadTraining training(SectionReader in) {
    return new HeadTraining(
        in.decimal("ignore_thresh", 0.5),
        in.decimal("truth_thresh", 1),
        in.decimal("iou_thresh", 1),
        in.choice("iou_loss", IouLoss.MSE),
        in.decimal("iou_normalizer", 0.75),
        in.decimal("obj_normalizer", 1),
        in.decimal("cls_normalizer", 1),
        in.has("max_delta") ? in.decimal("max_delta", 0) : Double.POSITIVE_INFINITY,
        in.flag("objectness_smooth", false),
        in.decimal("label_smooth_eps", 0));
  }

  private static YoloOptions options(SectionReader in) {
    String kind = in.text("nms_kind", "default");
    return new YoloOptions(
        switch (kind) {
          case "default" -> NonMaximumSuppression.Kind.PLAIN;
          case "greedynms" -> NonMaximumSuppression.Kind.GREEDY;
          case "diounms" -> NonMaximumSuppression.Kind.DIOU;
          default ->
              throw in.error(
                  "nms_kind",
                  "nms_kind="
                      + SectionReader.shown(kind)
                      + " in [yolo] is not one of default, greedynms, diounms");
        },
        in.decimal("beta_nms", 0.6),
        in.positive("max", 200),
        in.decimal("jitter", 0.2),
        in.decimal("resize", 1),
        in.decimal("random", 0));
  }
}
