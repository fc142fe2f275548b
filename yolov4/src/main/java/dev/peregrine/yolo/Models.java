package dev.peregrine.yolo;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.ScaledHeads;
import dev.peregrine.yolo.yaml.YamlFile;
import dev.peregrine.yolo.yaml.YamlModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The networks by name, and networks from files of our own. */
public final class Models {
  private static final String CLASS_NAMES = "names";

  private Models() {}

  /**
   * A network with its numbers and the names of its classes.
   *
   * @param model the network
   * @param params its numbers
   * @param names one name a class
   */
  public record Trained(DetectionModel model, Params params, List<String> names) {}

  /**
   * Returns the names that {@link #named} knows.
   *
   * @return the names, without width factors
   */
  public static List<String> names() {
    return Catalogue.names();
  }

  /**
   * Makes a network by its name.
   *
   * <p><b>Errors</b> {@link FormatException} if there is no such network.
   *
   * @param name for instance {@code yolov4-p5}, or {@code yolov4-p5@0.25} for a quarter of its
   *     channels, or {@code yolov4-p5@0.25x0.33} for a third of the repetitions too
   * @param classes how many classes it tells apart
   * @return the network
   */
  public static DetectionModel named(String name, int classes) {
    return named(name, classes, Catalogue.anchors(name));
  }

  /**
   * Makes a network by its name with other anchors.
   *
   * @param name as in {@link #named(String, int)}
   * @param classes how many classes it tells apart
   * @param anchors as many as the network's own, those of the finest head first, in pixels of its
   *     input
   * @return the network
   */
  public static DetectionModel named(String name, int classes, List<Anchor> anchors) {
    return Catalogue.make(name, classes, anchors);
  }

  /**
   * Makes the same network with other anchors; its numbers keep their places.
   *
   * @param model the network
   * @param anchors as many as it has, those of the finest head first, in pixels of its input
   * @return the network
   */
  public static DetectionModel withAnchors(DetectionModel model, List<Anchor> anchors) {
    return switch (model) {
      case CfgModel cfg -> cfg.withAnchors(anchors);
      case YamlModel yaml -> yaml.withAnchors(anchors);
      default ->
          ScaledHeads.described(
              named(model.name(), model.classes(), anchors).withInputSize(model.inputSize()),
              model.describe());
    };
  }

  /**
   * Describes a network and its classes in texts from which {@link #load} makes it again.
   *
   * @param model the network
   * @param names one name a class
   * @return the metadata of a file
   */
  public static Map<String, String> metadata(DetectionModel model, List<String> names) {
    Map<String, String> texts = new LinkedHashMap<>(model.describe());
    texts.put(CLASS_NAMES, String.join("\n", names));
    return texts;
  }

  /**
   * Makes the initial numbers of a network, on the current device.
   *
   * @param model the network
   * @param seed of the numbers
   * @return the numbers
   */
  public static Params initialize(DetectionModel model, long seed) {
    return initialize(model, seed, LayerStyle.PLAIN);
  }

  /**
   * Makes the initial numbers of a network whose layers have a style of their own.
   *
   * @param model the network
   * @param seed of the numbers
   * @param style how its layers normalise
   * @return the numbers, with the style
   */
  public static Params initialize(DetectionModel model, long seed, LayerStyle style) {
    Params params = Params.create(seed).with(style);
    model.trace(params);
    return params;
  }

  /**
   * Makes the parameters of a network that is about to be loaded: all have their shapes, none has
   * numbers.
   *
   * @param model the network
   * @return the parameters
   */
  public static Params blank(DetectionModel model) {
    return blank(model, LayerStyle.PLAIN);
  }

  private static Params blank(DetectionModel model, LayerStyle style) {
    Params params = Params.symbolic().with(style);
    model.trace(params);
    return params;
  }

  /**
   * Reads a network with its numbers; of a training checkpoint, the moving average.
   *
   * <p><b>Errors</b> {@link FormatException} where the file is missing, damaged, or does not say
   * which network it is.
   *
   * @param file a safetensors file
   * @return the network
   */
  public static Trained load(Path file) {
    return of(file, Safetensors.read(file));
  }

  /** Takes a network with its numbers from a file that is read already. */
  static Trained of(Path file, Safetensors content) {
    Map<String, String> texts = content.metadata();
    DetectionModel model = model(file, texts);
    Params params = sound(file, () -> blank(model, LayerStyle.parse(texts)));
    Checkpoint.loadAveraged(file, content, params);
    return new Trained(
        model, params, classNames(texts).orElseGet(() -> ClassNames.defaults(model.classes())));
  }

  /** The names that a file's texts give to the classes of its network. */
  static Optional<List<String>> classNames(Map<String, String> texts) {
    return Optional.ofNullable(texts.get(CLASS_NAMES)).map(names -> List.of(names.split("\n", -1)));
  }

  /**
   * Reads which network a file holds, and none of its numbers.
   *
   * <p><b>Errors</b> as {@link #load}.
   *
   * @param file a safetensors file
   * @return the network
   */
  public static DetectionModel model(Path file) {
    return model(file, ParamsFile.metadata(file));
  }

  private static DetectionModel model(Path file, Map<String, String> texts) {
    return sound(file, () -> ScaledHeads.described(base(file, texts), texts));
  }

  /** What texts describe, which may be a network that nobody can make. */
  private static <T> T sound(Path file, Supplier<T> described) {
    try {
      return described.get();
    } catch (NumberFormatException | IndexOutOfBoundsException | ShapeException failure) {
      throw new FormatException(
          file
              + ": its metadata describe the network wrongly ("
              + failure.getMessage()
              + "); it was not written by this program",
          failure);
    }
  }

  private static DetectionModel base(Path file, Map<String, String> texts) {
    String name = text(file, texts, "model");
    if (texts.containsKey("cfg")) {
      return new CfgModel(CfgFile.parse(texts.get("cfg"), name + ".cfg"));
    }
    if (texts.containsKey("yaml")) {
      YamlFile yaml = YamlFile.parse(texts.get("yaml"), name + ".yaml");
      return new YamlModel(name, yaml, InputSize.parse(text(file, texts, "imgsz")));
    }
    List<Anchor> anchors = new ArrayList<>();
    for (String pair : text(file, texts, "anchors").split(" ", -1)) {
      String[] sides = pair.split(",", -1);
      anchors.add(new Anchor(Double.parseDouble(sides[0]), Double.parseDouble(sides[1])));
    }
    DetectionModel model = named(name, Integer.parseInt(text(file, texts, "classes")), anchors);
    return model.withInputSize(InputSize.parse(text(file, texts, "imgsz")));
  }

  private static String text(Path file, Map<String, String> texts, String key) {
    String text = texts.get(key);
    if (text == null) {
      throw new FormatException(
          file
              + ": its metadata lack '"
              + key
              + "', so it does not say which network it holds; name it with model=");
    }
    return text;
  }
}
