package dev.peregrine.yolo.darknet;

import dev.peregrine.nn.Initializer;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.Params.Entry;
import dev.peregrine.nn.Params.Kind;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Moves numbers between weights files and {@link Params}.
 *
 * <p>The PyTorch form of a cfg's network names its numbers {@code module_list.7.Conv2d.weight},
 * where 7 is the layer of the cfg; they are moved likewise.
 *
 * <p>A weights file has no names, so arrays are matched by order: the first use of parameters in a
 * network written in Java is the order of its cfg. Shapes are compared before anything is changed.
 */
public final class DarknetWeights {
  private DarknetWeights() {}

  /** One array of a layer: its name in the room, its kind, its shape, its initial numbers. */
  private record Slot(String name, Kind kind, Shape shape, Initializer initializer) {}

  /** The arrays of a layer in the order in which the network uses them. */
  private static List<Slot> slots(Layer layer) {
    return switch (layer) {
      case Layer.Convolutional conv -> slots(conv);
      case Layer.Shortcut shortcut ->
          List.of(
              new Slot("weights", Kind.WEIGHT, SummandWeights.shape(shortcut), Initializer.ONES));
      default -> throw new IllegalArgumentException(layer.kind() + " has no numbers");
    };
  }

  private static List<Slot> slots(Layer.Convolutional layer) {
    Shape filters = Shape.of(layer.size(), layer.size(), layer.filterChannels(), layer.filters());
    Shape vector = Shape.of(layer.filters());
    Slot weight = new Slot("weight", Kind.WEIGHT, filters, Initializer.DARKNET);
    return layer.batchNormalize()
        ? List.of(
            weight,
            new Slot("gamma", Kind.SCALE, vector, Initializer.ONES),
            new Slot("beta", Kind.BIAS, vector, Initializer.ZEROS),
            new Slot("mean", Kind.STATISTIC, vector, Initializer.ZEROS),
            new Slot("variance", Kind.STATISTIC, vector, Initializer.ONES))
        : List.of(weight, new Slot("bias", Kind.BIAS, vector, Initializer.ZEROS));
  }

  /** The arrays of a file's layer in the order of the slots, filters re-ordered. */
  private static List<float[]> arrays(LayerWeights from) {
    if (!(from.layer() instanceof Layer.Convolutional layer)) {
      return List.of(from.weights());
    }
    float[] filters =
        FilterOrder.toChannelsLast(
            from.weights(), layer.filters(), layer.filterChannels(), layer.size(), layer.size());
    return layer.batchNormalize()
        ? List.of(filters, from.scales(), from.biases(), from.means(), from.variances())
        : List.of(filters, from.biases());
  }

  /**
   * Makes the parameters of a cfg's network with darknet's initial numbers.
   *
   * @param cfg the network
   * @param seed of the initial values
   * @return the parameters, named as {@link CfgModel} names them
   */
  public static Params create(CfgFile cfg, long seed) {
    Params params = Params.create(seed);
    for (Layer layer : cfg.weighted()) {
      for (Slot slot : slots(layer)) {
        CfgNetwork.room(params, layer)
            .get(slot.name(), slot.kind(), slot.shape(), slot.initializer());
      }
    }
    return params;
  }

  /**
   * Reads a weights file into new parameters for {@link CfgModel}.
   *
   * <p><b>Errors</b> those of {@link WeightsFile#read}.
   *
   * @param cfg the network
   * @param file the weights file
   * @return the parameters
   */
  public static Params read(CfgFile cfg, Path file) {
    Params params = Params.create(0);
    WeightsFile.read(file, cfg, false, from -> put(params, from));
    return params;
  }

  /**
   * Puts one layer's numbers into parameters for {@link CfgModel}, which do not have them yet.
   *
   * @param params receives them in the room of the layer
   * @param from the numbers as a weights file has them
   */
  public static void put(Params params, LayerWeights from) {
    List<float[]> arrays = arrays(from);
    List<Slot> slots = slots(from.layer());
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      float[] array = arrays.get(i);
      CfgNetwork.room(params, from.layer())
          .get(slot.name(), slot.kind(), slot.shape(), (spec, _) -> Tensor.of(spec.shape(), array));
    }
  }

  /**
   * Reads a weights file into the parameters of any network that has the cfg's graph.
   *
   * <p><b>Errors</b> those of {@link WeightsFile#read}, and {@link FormatException} where the
   * parameters are not those of the cfg; nothing is changed then.
   *
   * @param params existing parameters: run or trace the network once before
   * @param cfg the network
   * @param file the weights file
   * @param partial accept a backbone file, which leaves the other layers as they are
   * @return the file's header and how many layers it covers
   */
  public static WeightsFile.Content load(Params params, CfgFile cfg, Path file, boolean partial) {
    Map<Layer, List<Entry>> entries = match(params, cfg);
    return WeightsFile.read(
        file,
        cfg,
        partial,
        from -> set(params, entries.getOrDefault(from.layer(), List.of()), from));
  }

  /**
   * Tells whether numbers are named as PyTorch's form of a cfg's network names them.
   *
   * @param names of the arrays of a file
   * @return whether one of them begins as they do
   */
  public static boolean areNamed(Set<String> names) {
    return NamedWeights.names(names);
  }

  /**
   * Puts the numbers of PyTorch's form into the parameters of any network that has the cfg's graph.
   *
   * <p><b>Shapes</b> filters are {@code [filters, channels / groups, size, size]}, all others one
   * number for each filter.
   *
   * <p><b>Errors</b> {@link FormatException} where an array is missing, left over, or of another
   * shape, or the parameters are not those of the cfg; nothing is changed then.
   *
   * @param params existing parameters: run or trace the network once before
   * @param cfg the network
   * @param where the file, for errors
   * @param arrays by name
   */
  public static void load(
      Params params, CfgFile cfg, String where, Map<String, Safetensors.Array> arrays) {
    NamedWeights.load(params, cfg, where, arrays);
  }

  /**
   * Names the numbers of any network that has the cfg's graph as PyTorch's form does.
   *
   * <p><b>Errors</b> {@link FormatException} where the parameters are not those of the cfg, or a
   * layer has numbers that PyTorch's form lacks.
   *
   * @param params the parameters
   * @param cfg the network
   * @return floats in the cfg's order, and for each batch norm the counter that PyTorch keeps, at 0
   */
  public static Map<String, Safetensors.Array> named(Params params, CfgFile cfg) {
    return NamedWeights.export(params, cfg);
  }

  /** Gives the parameters of any network with the cfg's graph the numbers of some layers. */
  static void set(Params params, CfgFile cfg, List<LayerWeights> layers) {
    Map<Layer, List<Entry>> entries = match(params, cfg);
    layers.forEach(from -> set(params, entries.getOrDefault(from.layer(), List.of()), from));
  }

  private static void set(Params params, List<Entry> targets, LayerWeights from) {
    List<float[]> arrays = arrays(from);
    for (int i = 0; i < targets.size(); i++) {
      set(params, targets.get(i), arrays.get(i));
    }
  }

  private static void set(Params params, Entry target, float[] values) {
    Tensor old = target.value();
    Device device = old.isSymbolic() ? Ops.device() : old.device();
    params.set(target.path(), Ops.on(device, () -> Tensor.of(old.shape(), values).to(old.dtype())));
  }

  /**
   * Writes the parameters of any network that has the cfg's graph as a weights file.
   *
   * <p><b>Errors</b> {@link FormatException} where the parameters are not those of the cfg, or the
   * file cannot be written; a file that was there stays then.
   *
   * @param params the parameters
   * @param cfg the network
   * @param file the weights file
   * @param header its start
   */
  public static void save(Params params, CfgFile cfg, Path file, WeightsFile.Header header) {
    WeightsFile.write(file, header, cfg.weighted(), export(params, cfg));
  }

  /** The numbers of any network with the cfg's graph, layer by layer. */
  static Function<Layer, LayerWeights> export(Params params, CfgFile cfg) {
    Map<Layer, List<Entry>> entries = match(params, cfg);
    return layer -> export(layer, entries.getOrDefault(layer, List.of()));
  }

  private static LayerWeights export(Layer layer, List<Entry> entries) {
    LayerWeights into = new LayerWeights(layer);
    if (!(layer instanceof Layer.Convolutional conv)) {
      copy(floats(entries.getFirst().value()), into.weights());
      return into;
    }
    List<float[]> targets =
        conv.batchNormalize()
            ? List.of(into.scales(), into.biases(), into.means(), into.variances())
            : List.of(into.biases());
    for (int i = 0; i < targets.size(); i++) {
      copy(floats(entries.get(i + 1).value()), targets.get(i));
    }
    float[] filters =
        FilterOrder.toChannelsFirst(
            floats(entries.getFirst().value()),
            conv.filters(),
            conv.filterChannels(),
            conv.size(),
            conv.size());
    copy(filters, into.weights());
    return into;
  }

  private static void copy(float[] from, float[] into) {
    System.arraycopy(from, 0, into, 0, into.length);
  }

  private static float[] floats(Tensor tensor) {
    return tensor.to(DType.F32).floats();
  }

  /** The entries of each layer, by order, with their shapes compared. */
  private static Map<Layer, List<Entry>> match(Params params, CfgFile cfg) {
    List<Entry> entries = params.entries();
    int needed = cfg.weighted().stream().mapToInt(layer -> slots(layer).size()).sum();
    if (entries.size() != needed) {
      throw new FormatException(
          "%s: its network has %d arrays of numbers, but the parameters have %d%s"
              .formatted(
                  cfg.name(),
                  needed,
                  entries.size(),
                  entries.isEmpty() ? ": run the network once so that they exist" : ""));
    }
    Map<Layer, List<Entry>> matched = new LinkedHashMap<>();
    int next = 0;
    for (Layer layer : cfg.weighted()) {
      List<Entry> own = new ArrayList<>();
      for (Slot slot : slots(layer)) {
        Entry entry = entries.get(next++);
        if (entry.kind() != slot.kind() || !entry.value().shape().equals(slot.shape())) {
          throw new FormatException(
              "%s:%d: layer %d has %s %s, but the parameters have %s %s there: another network"
                  .formatted(
                      cfg.name(),
                      layer.line(),
                      layer.index(),
                      slot.name(),
                      slot.shape(),
                      entry.path(),
                      entry.value().shape()));
        }
        own.add(entry);
      }
      matched.put(layer, own);
    }
    return matched;
  }
}
