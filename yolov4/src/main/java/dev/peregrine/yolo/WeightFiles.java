package dev.peregrine.yolo;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.darknet.DarknetWeights;
import dev.peregrine.yolo.darknet.WeightsFile;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.torch.TorchFile;
import dev.peregrine.yolo.torch.TorchTensor;
import dev.peregrine.yolo.torch.TorchType;
import dev.peregrine.yolo.yaml.StateDict;
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
   * Reads numbers into a network; of a training checkpoint, the moving average.
   *
   * <p>Arrays are named as the network names them, or as PyTorch's form of a cfg does: {@code
   * module_list.7.Conv2d.weight}; those of a yaml as PyTorch does: {@code model.7.cv1.conv.weight}.
   *
   * <p><b>Errors</b> {@link FormatException} where the file is missing, damaged, or of another
   * network, which is then as it was.
   *
   * @param model the network
   * @param params its numbers, which exist already; they are replaced
   * @param file where from
   * @param partial whether a {@code .weights} file may end early, and a {@code .safetensors} file
   *     may be of another network: what has the same path and shape is taken, such as the backbone
   *     of a classifier
   */
  public static void load(DetectionModel model, Params params, Path file, boolean partial) {
    switch (Format.of(file)) {
      case WEIGHTS -> DarknetWeights.load(params, CfgOfModel.of(model), file, partial);
      case SAFETENSORS -> {
        if (partial) {
          Checkpoint.loadMatching(file, params);
        } else {
          named(model, params, file, Safetensors.read(file));
        }
      }
      case TORCH ->
          named(model, params, file, new Safetensors(TorchFile.read(file).arrays(), Map.of()));
    }
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

  private static void named(DetectionModel model, Params params, Path file, Safetensors content) {
    if (model instanceof YamlModel yaml && StateDict.areNamed(content.arrays().keySet())) {
      new StateDict(yaml).load(params, content.arrays(), file.toString());
    } else if (DarknetWeights.areNamed(content.arrays().keySet())) {
      DarknetWeights.load(params, CfgOfModel.of(model), file.toString(), content.arrays());
    } else if (content.metadata().getOrDefault("task", "").equals("classify")) {
      throw new FormatException(
          file + ": holds a classifier; add partial=true to take its backbone alone");
    } else {
      Checkpoint.loadAveraged(file, content, params);
    }
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
        Map<String, Safetensors.Array> arrays =
            model instanceof YamlModel yaml
                ? new StateDict(yaml).arrays(trained.params())
                : DarknetWeights.named(trained.params(), CfgOfModel.of(model));
        arrays.forEach((name, array) ->
            tensors.put(
                name,
                TorchTensor.of(
                    array.values() instanceof float[] ? type(format) : TorchType.INT64, array)));
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
      WeightsFile.Header header =
          new WeightsFile.Header(
              Integer.parseInt(parts[0]),
              Integer.parseInt(parts[1]),
              Integer.parseInt(parts[2]),
              Long.parseLong(seen));
      if (header.bytes() == 16) {
        Math.toIntExact(header.seen());
      }
      return header;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException | ArithmeticException failure) {
      throw new FormatException(
          "the metadata describe darknet's header wrongly (version '%s', seen '%s')"
              .formatted(version, seen),
          failure);
    }
  }
}
