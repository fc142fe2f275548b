package dev.peregrine.yolo;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.darknet.DarknetWeights;
import dev.peregrine.yolo.darknet.Layer;
import dev.peregrine.yolo.darknet.WeightsFile;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.torch.TorchFile;
import dev.peregrine.yolo.torch.TorchTensor;
import dev.peregrine.yolo.torch.TorchType;
import dev.peregrine.yolo.yaml.YamlModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A network's numbers in any format, told by the ending of the file: {@code .safetensors}, {@code
 * .pt} and {@code .pth}, and darknet's {@code .weights} for all others.
 */
public final class WeightFiles {
  private static final String VERSION = "darknet.version";
  private static final String SEEN = "darknet.seen";
  private static final String PARALLEL = "module.";

  private WeightFiles() {}

  /** The formats. */
  public enum Format {
    /** Darknet's: the numbers alone, in the order of the cfg. */
    WEIGHTS,
    /** Named arrays and texts. */
    SAFETENSORS,
    /** PyTorch's. */
    TORCH;

    /**
     * Tells the format of a file by its name.
     *
     * @param file any file
     * @return the format
     */
    public static Format of(Path file) {
      String name = file.toString().toLowerCase(Locale.ROOT);
      if (name.endsWith(".safetensors")) {
        return SAFETENSORS;
      }
      return name.endsWith(".pt") || name.endsWith(".pth") ? TORCH : WEIGHTS;
    }
  }

  /**
   * How much of a network came from a file.
   *
   * @param taken numbers that did
   * @param all numbers of the network
   */
  public record Loaded(long taken, long all) {}

  /**
   * Reads numbers into a network; of a training checkpoint, the moving average.
   *
   * <p>Arrays are named as the network names them, or as PyTorch's form of a cfg does: {@code
   * module_list.7.Conv2d.weight}; those of a yaml as PyTorch does: {@code model.7.cv1.conv.weight}.
   *
   * <p>Batch norms keep their statistics, so the file must have been made for the network's own
   * epsilon; {@link NormEpsilon} moves others.
   *
   * <p><b>Errors</b> {@link FormatException} where the file is missing, damaged, or of another
   * network, which is then as it was.
   *
   * @param model the network
   * @param params its numbers, which exist already; they are replaced
   * @param file where from
   * @param partial whether the file may lack some: a {@code .weights} may end after any layer, in
   *     the others arrays may be missing or have another shape; what is not there stays
   * @return how much was taken
   */
  public static Loaded load(DetectionModel model, Params params, Path file, boolean partial) {
    return switch (Format.of(file)) {
      case WEIGHTS -> {
        if (file.toString().toLowerCase(Locale.ROOT).endsWith(".onnx")) {
          throw new FormatException(
              file
                  + ": .onnx files are written for other programs, and not read; give the"
                  + " .weights, .safetensors, .pt or .pth that it was made of");
        }
        CfgFile cfg = CfgOfModel.of(model);
        int layers = DarknetWeights.load(params, cfg, file, partial).layers();
        long taken =
            cfg.weighted().stream()
                .filter(layer -> layer.index() < layers)
                .mapToLong(Layer::storedFloats)
                .sum();
        yield new Loaded(taken, cfg.storedFloats());
      }
      case SAFETENSORS -> named(model, params, file, Safetensors.read(file), partial);
      case TORCH ->
          named(
              model,
              params,
              file,
              new Safetensors(TorchFile.read(file).arrays(), Map.of()),
              partial);
    };
  }

  /**
   * Reads what a file keeps besides numbers: the texts of a safetensors file, the header of a
   * weights file, from which {@link #save} restores it.
   *
   * <p><b>Errors</b> {@link FormatException} where the file is missing or damaged.
   *
   * @param file a file of numbers
   * @return texts by name
   */
  public static Map<String, String> texts(Path file) {
    return switch (Format.of(file)) {
      case WEIGHTS -> {
        WeightsFile.Header header = WeightsFile.header(file);
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(VERSION, header.major() + "." + header.minor() + "." + header.revision());
        texts.put(SEEN, String.valueOf(header.seen()));
        yield texts;
      }
      case SAFETENSORS -> ParamsFile.metadata(file);
      case TORCH -> Map.of();
    };
  }

  private static Loaded named(
      DetectionModel model, Params params, Path file, Safetensors content, boolean partial) {
    Map<String, Safetensors.Array> given = withoutPrefix(content.arrays());
    String where = file.toString();
    Naming naming = Naming.of(model, given.keySet(), where);
    if (!partial) {
      if (naming == Naming.PATHS
          && content.metadata().getOrDefault("task", "").equals("classify")) {
        throw new FormatException(
            file + ": holds a classifier; add partial=true to take its backbone alone");
      }
      naming.load(model, params, where, given);
      long all = params.entries().stream().mapToLong(entry -> entry.value().shape().size()).sum();
      return new Loaded(all, all);
    }
    PartialArrays chosen =
        new PartialArrays(where, model.name(), naming.arrays(model, params), naming.plain(given));
    naming.load(model, params, where, chosen.arrays());
    return chosen.loaded();
  }

  /** A network that ran on several devices has one more module around it. */
  private static Map<String, Safetensors.Array> withoutPrefix(
      Map<String, Safetensors.Array> arrays) {
    if (!arrays.keySet().stream().allMatch(name -> name.startsWith(PARALLEL))) {
      return arrays;
    }
    Map<String, Safetensors.Array> shorter = new LinkedHashMap<>();
    arrays.forEach((name, array) -> shorter.put(name.substring(PARALLEL.length()), array));
    return shorter;
  }

  /**
   * Writes a network with its numbers.
   *
   * <p><b>Errors</b> {@link FormatException} if the place cannot be written, or the format cannot
   * hold the network; a file that was there stays whole.
   *
   * @param trained the network
   * @param texts of the file that the numbers came from, as {@link #texts} gives them
   * @param format of the floats, for formats that have a choice; {@code .weights} has none
   * @param file where to
   */
  public static void save(
      Models.Trained trained, Map<String, String> texts, FloatFormat format, Path file) {
    DetectionModel model = trained.model();
    LayerStyle style = trained.params().style();
    if (!style.normalization().runsAsBatch() && Format.of(file) != Format.SAFETENSORS) {
      throw new FormatException(
          file
              + ": only a .safetensors file says that layers normalise by "
              + style.normalization().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
    switch (Format.of(file)) {
      case WEIGHTS -> {
        if (format != FloatFormat.F32) {
          throw new FormatException(
              file + ": a .weights file holds f32 alone; write a .safetensors or .pth instead");
        }
        DarknetWeights.save(trained.params(), CfgOfModel.of(model), file, header(texts));
      }
      case SAFETENSORS -> {
        Map<String, String> all = Models.metadata(model, trained.names());
        all.putAll(style.describe());
        for (String key : new String[] {VERSION, SEEN}) {
          if (texts.containsKey(key)) {
            all.put(key, texts.get(key));
          }
        }
        ParamsFile.write(trained.params(), all, file, format);
      }
      case TORCH -> {
        Map<String, TorchTensor> tensors = new LinkedHashMap<>();
        Naming naming = model instanceof YamlModel ? Naming.STATE_DICT : Naming.MODULE_LIST;
        Map<String, Safetensors.Array> arrays = naming.arrays(model, trained.params());
        arrays.forEach((name, array) ->
            tensors.put(
                name, TorchTensor.of(array.isFloating() ? type(format) : TorchType.INT64, array)));
        TorchFile.write(tensors, file);
      }
    }
  }

  private static TorchType type(FloatFormat format) {
    return switch (format) {
      case F32 -> TorchType.FLOAT32;
      case F16 -> TorchType.FLOAT16;
      case BF16 -> TorchType.BFLOAT16;
    };
  }

  /** The header of the weights file that the numbers came from, else a present one. */
  private static WeightsFile.Header header(Map<String, String> texts) {
    String version = texts.getOrDefault(VERSION, "0.2.5");
    String seen = texts.getOrDefault(SEEN, "0");
    try {
      String[] parts = version.split("\\.", 3);
      return new WeightsFile.Header(
          Integer.parseInt(parts[0]),
          Integer.parseInt(parts[1]),
          Integer.parseInt(parts[2]),
          Long.parseLong(seen));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException failure) {
      throw new FormatException(
          "the metadata describe darknet's header wrongly (version '%s', seen '%s')"
              .formatted(version, seen),
          failure);
    }
  }
}
