package dev.peregrine.yolo.darknet;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The numbers of a cfg's network under the names that its PyTorch form gives them: {@code
 * module_list.7.Conv2d.weight}, where 7 is the layer of the cfg.
 *
 * <p><b>Shapes</b> filters are {@code [filters, channels / groups, size, size]}, all others one
 * number for each filter.
 */
final class NamedWeights {
  private static final String ROOM = "module_list.";
  private static final String FILTERS = ".Conv2d.weight";
  private static final String BIAS = ".Conv2d.bias";
  private static final String NORM = ".BatchNorm2d.";
  private static final String COUNTER = NORM + "num_batches_tracked";

  private NamedWeights() {}

  /** Whether one of some names is of this kind. */
  static boolean names(Set<String> names) {
    return names.stream().anyMatch(name -> name.startsWith(ROOM));
  }

  /** Puts named numbers into the parameters of any network that has the cfg's graph. */
  static void load(
      Params params, CfgFile cfg, String where, Map<String, Safetensors.Array> arrays) {
    Set<String> unused = new HashSet<>(arrays.keySet());
    List<LayerWeights> layers = new ArrayList<>();
    for (Layer layer : cfg.weighted()) {
      Layer.Convolutional conv = convolution(cfg, layer);
      LayerWeights into = new LayerWeights(conv);
      names(conv, into)
          .forEach((name, target) -> {
            unused.remove(name);
            int[] shape = name.endsWith(FILTERS) ? shape(conv) : new int[] {conv.filters()};
            copy(
                "%s: (for %s:%d)".formatted(where, cfg.name(), conv.line()),
                name,
                arrays,
                shape,
                target);
          });
      layers.add(into);
    }
    for (String name : unused) {
      if (name.startsWith(ROOM) && !name.endsWith(COUNTER)) {
        throw new FormatException(
            where + ": has '" + name + "', which " + cfg.name() + " lacks: it is of another cfg");
      }
    }
    DarknetWeights.set(params, cfg, layers);
  }

  private static void copy(
      String where, String name, Map<String, Safetensors.Array> arrays, int[] shape, float[] into) {
    Safetensors.Array array = arrays.get(name);
    if (array == null) {
      throw new FormatException(
          where + " lacks '" + name + "': it is of another cfg, or its norms are folded away");
    }
    if (!Arrays.equals(array.shape(), shape)) {
      throw new FormatException(
          "%s '%s' has extents %s but the layer takes %s: it is of another cfg"
              .formatted(where, name, Arrays.toString(array.shape()), Arrays.toString(shape)));
    }
    if (!array.isFloating()) {
      throw new FormatException(
          where + " '" + name + "' holds whole numbers, which are not weights");
    }
    System.arraycopy(array.floats(), 0, into, 0, into.length);
  }

  /** Names the numbers of any network that has the cfg's graph. */
  static Map<String, Safetensors.Array> export(Params params, CfgFile cfg) {
    Function<Layer, LayerWeights> source = DarknetWeights.export(params, cfg);
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
    for (Layer layer : cfg.weighted()) {
      Layer.Convolutional conv = convolution(cfg, layer);
      names(conv, source.apply(conv))
          .forEach((name, values) -> {
            int[] shape = name.endsWith(FILTERS) ? shape(conv) : new int[] {conv.filters()};
            arrays.put(name, new Safetensors.Array(shape, values));
          });
      if (conv.batchNormalize()) {
        arrays.put(
            ROOM + conv.index() + COUNTER, new Safetensors.Array(new int[0], new long[] {0}));
      }
    }
    return arrays;
  }

  /** The arrays of a layer under their names, in PyTorch's order. */
  private static Map<String, float[]> names(Layer.Convolutional layer, LayerWeights from) {
    String room = ROOM + layer.index();
    Map<String, float[]> names = new LinkedHashMap<>();
    names.put(room + FILTERS, from.weights());
    if (layer.batchNormalize()) {
      names.put(room + NORM + "weight", from.scales());
      names.put(room + NORM + "bias", from.biases());
      names.put(room + NORM + "running_mean", from.means());
      names.put(room + NORM + "running_var", from.variances());
    } else {
      names.put(room + BIAS, from.biases());
    }
    return names;
  }

  private static int[] shape(Layer.Convolutional layer) {
    return new int[] {layer.filters(), layer.filterChannels(), layer.size(), layer.size()};
  }

  private static Layer.Convolutional convolution(CfgFile cfg, Layer layer) {
    if (layer instanceof Layer.Convolutional convolutional) {
      return convolutional;
    }
    throw new FormatException(
        "%s:%d: the numbers of a [%s] have no name in PyTorch's form; use .weights or .safetensors"
            .formatted(cfg.name(), layer.line(), layer.kind()));
  }
}
