package dev.peregrine.yolo.darknet;

import dev.peregrine.yolo.head.HeadSpec;
import java.util.ArrayList;
import java.util.List;

/** Turns sections into layers one after another; each sees the extents of those before it. */
final class LayerReader {
  private final FeatureMap network;
  private final List<Layer> layers = new ArrayList<>();
  private final List<SectionReader> readers = new ArrayList<>();

  LayerReader(FeatureMap network) {
    this.network = network;
  }

  /** No map is larger than an array: what is computed of its extents then never runs over. */
  static void requireArray(SectionReader in, FeatureMap map) {
    double values = (double) map.height() * map.width() * map.channels();
    if (map.height() > 0 && map.width() > 0 && values >= Integer.MAX_VALUE) {
      throw in.error("[" + in.type() + "] makes " + map + ", which is more than 2^31 values");
    }
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
          case "avgpool" -> new Layer.AvgPool(place(in), true, 0, 1, 1, 0);
          case "local_avgpool" -> localAvgPool(in);
          case "sam", "scale_channels" -> product(in);
          case "reorg3d" -> reorg(in);
          case "softmax" -> softmax(in);
          case "cost", "contrastive" -> new Layer.Loss(place(in));
          case "yolo", "Gaussian_yolo" -> yolo(in);
          default -> throw in.error("[net] can only be the first section");
        };
    FeatureMap out = layer.output();
    requireArray(in, out);
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
          "["
              + in.type()
              + "] would read the ["
              + last.place().kind()
              + "] before it; put a [route] between them");
    }
    return last.output();
  }

  private Layer.Place place(SectionReader in) {
    return place(in, previous(in));
  }

  private Layer.Place place(SectionReader in, FeatureMap input) {
    return new Layer.Place(index(), in.line(), in.type(), input);
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
    // In floating point, which does not run over; the four numbers of batch norm are counted too.
    int filterChannels = input.channels() / groups;
    double weights = filters * ((double) filterChannels * size * size + 4);
    if (weights > Integer.MAX_VALUE) {
      throw in.error(
          "filters", "[convolutional] would have %.3g weights, above 2^31".formatted(weights));
    }
    return new Layer.Convolutional(
        place(in, input),
        filters,
        size,
        in.positive("stride_y", stride),
        in.positive("stride_x", stride),
        FeatureMap.extent((long) padding * dilation),
        dilation,
        groups,
        in.choice("activation", Activation.LOGISTIC),
        in.flag("batch_normalize", false) || in.flag("cbn", false),
        in.notNegative("batch_normalize", 0) == 2 || in.flag("cbn", false),
        in.notNegative("stopbackward", 0));
  }

  private Layer maxPool(SectionReader in) {
    int stride = in.positive("stride", 1);
    int size = in.positive("size", stride);
    return new Layer.MaxPool(
        place(in),
        size,
        in.positive("stride_y", stride),
        in.positive("stride_x", stride),
        in.notNegative("padding", size - 1));
  }

  private Layer localAvgPool(SectionReader in) {
    int stride = in.positive("stride", 1);
    int size = in.positive("size", stride);
    return new Layer.AvgPool(
        place(in),
        false,
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
    long channels = 0;
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
        place(in, first),
        sources,
        groups,
        groupId,
        first.withChannels(FeatureMap.extent(channels)));
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
        place(in, input), from, in.choice("activation", Activation.LINEAR), weights(in));
  }

  private static ShortcutWeights weights(SectionReader in) {
    String type = in.text("weights_type", "none");
    String normalization = in.text("weights_normalization", "none");
    return new ShortcutWeights(
        switch (type) {
          case "none" -> ShortcutWeights.Type.NONE;
          case "per_feature", "per_layer" -> ShortcutWeights.Type.PER_FEATURE;
          case "per_channel" -> ShortcutWeights.Type.PER_CHANNEL;
          default -> throw in.notOneOf("weights_type", "none, per_feature, per_layer, per_channel");
        },
        switch (normalization) {
          case "none" -> ShortcutWeights.Normalization.NONE;
          case "relu", "avg_relu" -> ShortcutWeights.Normalization.RELU;
          case "softmax" -> ShortcutWeights.Normalization.SOFTMAX;
          default -> throw in.notOneOf("weights_normalization", "none, relu, avg_relu, softmax");
        });
  }

  /** The other layer of a product; the previous one may have one row and column, or one channel. */
  private Layer product(SectionReader in) {
    FeatureMap gate = previous(in);
    int from = sources(in, "from").getFirst();
    FeatureMap map = layers.get(from).output();
    boolean wide = in.type().equals("scale_channels") && in.flag("scale_wh", false);
    FeatureMap needed =
        in.type().equals("sam")
            ? map
            : wide ? map.withChannels(1) : new FeatureMap(1, 1, map.channels());
    if (!gate.equals(needed)) {
      throw in.error(
          "from",
          "[%s] multiplies layer %d (%s) with %s, but the layer before it must have %s"
              .formatted(in.type(), from, map, gate, needed));
    }
    return new Layer.Product(
        place(in, gate), from, in.choice("activation", Activation.LINEAR), map);
  }

  private Layer reorg(SectionReader in) {
    FeatureMap input = previous(in);
    int stride = in.positive("stride", 1);
    if (input.height() % stride != 0 || input.width() % stride != 0) {
      throw in.error("stride", "stride=" + stride + " must divide width and height of " + input);
    }
    return new Layer.Reorg(place(in, input), stride);
  }

  private Layer softmax(SectionReader in) {
    FeatureMap input = previous(in);
    if (input.height() != 1 || input.width() != 1) {
      throw in.error(
          "[softmax] reads " + input + ": width and height must be 1, as after [avgpool]");
    }
    return new Layer.Softmax(place(in, input));
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
    return new Layer.Upsample(place(in), in.positive("stride", 2), in.decimal("scale", 1));
  }

  private Layer dropout(SectionReader in) {
    double probability = in.decimal("probability", 0.2);
    if (probability < 0 || probability >= 1) {
      throw in.error(
          "probability", "probability=" + probability + " must be at least 0 and below 1");
    }
    return new Layer.Dropout(place(in), probability, blockSize(in));
  }

  /** Rows and columns of a square; darknet takes a part of the map, or 7 unless told. */
  private double blockSize(SectionReader in) {
    if (!in.flag("dropblock", false)) {
      return 0;
    }
    double part = in.decimal("dropblock_size_rel", 0);
    int absolute = in.notNegative("dropblock_size_abs", 0);
    if (part < 0 || part > 1) {
      throw in.error(
          "dropblock_size_rel", "dropblock_size_rel=" + part + " must be between 0 and 1");
    }
    FeatureMap map = previous(in);
    return part > 0 ? part * Math.min(map.width(), map.height()) : absolute > 0 ? absolute : 7;
  }

  private Layer yolo(SectionReader in) {
    FeatureMap input = previous(in);
    HeadSpec head = HeadReader.head(in);
    int expected = head.channels();
    if (input.channels() != expected) {
      String law =
          "%d masks * (%d classes + %d) = %d"
              .formatted(
                  head.mask().size(), head.classes(), head.entries() - head.classes(), expected);
      if (!layers.isEmpty() && layers.getLast() instanceof Layer.Convolutional) {
        throw readers
            .getLast()
            .error(
                "filters",
                "filters="
                    + input.channels()
                    + " before the ["
                    + in.type()
                    + "] of line "
                    + in.line()
                    + " must be "
                    + law);
      }
      throw in.error(
          "[" + in.type() + "] reads " + input.channels() + " channels, but needs " + law);
    }
    return new Layer.Yolo(place(in, input), head, HeadReader.options(in));
  }
}
