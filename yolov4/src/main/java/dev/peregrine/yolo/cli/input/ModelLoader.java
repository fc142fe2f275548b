package dev.peregrine.yolo.cli.input;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.NormEpsilon;
import dev.peregrine.yolo.Pretrained;
import dev.peregrine.yolo.View;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Help;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.ScaledHeads;
import dev.peregrine.yolo.model.SubNetwork;
import dev.peregrine.yolo.yaml.YamlFile;
import dev.peregrine.yolo.yaml.YamlModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the keys that describe a detector stand for, {@code model=} to {@code augment=}. */
public final class ModelLoader {
  public static final Key<String> MODEL =
      Key.text(
              "model",
              "",
              "a network: its name (yolov4-tiny; yolov4-tiny@0.25 has a quarter of the channels), a"
                  + " .cfg, a .yaml of the PyTorch code, a .safetensors that a run saved, or"
                  + " blood-cells, which comes with the program")
          .required();
  public static final Key<Path> WEIGHTS =
      Key.path("weights", "its numbers: a .weights, .safetensors, .pt or .pth file");
  public static final Key<String> WEIGHTS_OR_RANDOM =
      Key.text(
          WEIGHTS.name(),
          "",
          "its numbers: a .weights, .safetensors, .pt or .pth file, or the word random, since other"
              + " numbers take as long");
  public static final Key<Path> NAMES =
      Key.path("names", "file of class names, one a line; the model's own unless given");
  public static final Key<InputSize> IMGSZ =
      Key.size("imgsz", "input size: one number, or HEIGHTxWIDTH; the model's own unless given");
  public static final Key<Double> CONF =
      Key.number("conf", "0.25", 0, 1, "least score of a detection");
  public static final Key<Integer> LEVELS =
      Key.whole(
          "levels", "", 1, 9, "use only so many heads, the finest ones; all of them unless given");
  public static final Key<Boolean> TRUNCATE =
      Key.flag(
          "truncate",
          false,
          "with levels=: also leave out the coarser stages of the backbone, and put zeros where"
              + " they are missing; faster, but no longer the boxes of the whole network");
  public static final Key<Double> EPS =
      Key.number(
          "eps",
          "",
          1e-9,
          0.1,
          "epsilon of the batch norms in the program that trained weights=, such as 1e-4 of"
              + " ScaledYOLOv4 with a cfg; the network's own (1e-5 of a cfg, 1e-3 of a yaml) unless"
              + " given");
  public static final Key<Boolean> AUGMENT =
      Key.flag(
          "augment",
          false,
          "look at each picture three times: as it is, mirrored and smaller, and smaller still");
  public static final Key<Fit> RESIZE =
      Key.choice(
          "resize",
          "",
          Fit.class,
          "how pictures are fitted to the input: stretch or letterbox; the model's own unless"
              + " given");

  private static final String RANDOM = "random";
  private static final int COCO_CLASSES = 80;

  private ModelLoader() {}

  /** The ways to fit a picture under the names that users type. */
  public enum Fit {
    STRETCH,
    LETTERBOX;

    /** The way itself: of the two letterboxes the network's own, if it has one. */
    public Resize resize(Resize own) {
      return this == LETTERBOX && own == Resize.TORCH_LETTERBOX ? own : Resize.valueOf(name());
    }
  }

  /** The network alone, at the size that {@code imgsz=} asks for; no numbers are read. */
  public static DetectionModel network(Call call) {
    return network(call, classes(call));
  }

  /**
   * The network alone; one by name tells a given number of classes apart.
   *
   * @param call its settings
   * @param classes for a name; a file has its own
   */
  public static DetectionModel network(Call call, int classes) {
    String text = call.get(MODEL);
    DetectionModel model;
    if (isFile(text, ".cfg")) {
      model = new CfgModel(cfg(call));
    } else if (isFile(text, ".yaml") || isFile(text, ".yml")) {
      model = new YamlModel(YamlFile.read(Path.of(text)));
    } else if (isFile(text, ".safetensors")) {
      model = Models.model(requireFile(Path.of(text)));
    } else if (text.equals(Pretrained.NAME)) {
      model = Pretrained.load().model();
    } else {
      model = Models.named(requireName(text), classes);
    }
    return call.find(IMGSZ).map(size -> sized(model, size)).orElse(model);
  }

  /**
   * The layers of the network, at the size that {@code imgsz=} asks for; a cfg may be no detector.
   */
  public static CfgFile description(Call call) {
    String text = call.get(MODEL);
    if (isFile(text, ".cfg")) {
      CfgFile cfg = cfg(call);
      if (cfg.heads().isEmpty()) {
        return call.find(IMGSZ)
            .map(size -> cfg.withInputSize(size.height(), size.width()))
            .orElse(cfg);
      }
    }
    return CfgOfModel.of(network(call));
  }

  /** Reads the cfg of a call and tells what is odd about it. */
  private static CfgFile cfg(Call call) {
    CfgFile cfg = CfgFile.read(Path.of(call.get(MODEL)));
    cfg.warnings().forEach(call::warn);
    return cfg;
  }

  /** The network, where its description is a yaml. */
  public static Optional<YamlModel> yaml(Call call) {
    String text = call.get(MODEL);
    boolean other =
        isFile(text, ".cfg")
            || isFile(text, ".safetensors")
                && !ParamsFile.metadata(requireFile(Path.of(text))).containsKey("yaml");
    return other || !(network(call) instanceof YamlModel model)
        ? Optional.empty()
        : Optional.of(model);
  }

  private static DetectionModel sized(DetectionModel model, InputSize size) {
    int stride = model.maxStride();
    if (!size.suits(stride)) {
      throw new UsageException(
          "imgsz="
              + size
              + " is wrong: both sides must be multiples of "
              + stride
              + ", the largest stride of "
              + model.name()
              + ", such as "
              + new InputSize(near(size.height(), stride), near(size.width(), stride)));
    }
    return model.withInputSize(size);
  }

  private static int near(int side, int stride) {
    return Math.max(1, Math.round((float) side / stride)) * stride;
  }

  /** Whether the numbers are to be random: where the verb allows that and the call says so. */
  public static boolean isRandom(Call call) {
    return call.verb().keys().contains(WEIGHTS_OR_RANDOM)
        && call.text(WEIGHTS).orElse("").equals(RANDOM);
  }

  /** The network with trained numbers, or with random ones where the call says so. */
  public static Models.Trained trained(Call call) {
    String text = call.get(MODEL);
    Models.Trained loaded;
    if (isRandom(call)) {
      DetectionModel model = network(call);
      loaded =
          new Models.Trained(
              model,
              Models.initialize(model, call.get(Call.SEED)),
              ClassNames.defaults(model.classes()));
    } else if (isFile(text, ".safetensors") && !call.has(WEIGHTS)) {
      loaded = Models.load(requireFile(Path.of(text)));
    } else if (text.equals(Pretrained.NAME)) {
      loaded = Pretrained.load();
    } else {
      DetectionModel model = network(call);
      loaded = withWeights(call, model, call.find(WEIGHTS).orElseThrow(() -> noNumbers(text)));
    }
    DetectionModel model =
        call.find(IMGSZ).map(size -> sized(loaded.model(), size)).orElse(loaded.model());
    List<String> names = call.find(NAMES).map(ClassNames::read).orElse(loaded.names());
    if (names.size() != model.classes()) {
      throw new FormatException(
          call.text(NAMES).orElse("the model")
              + ": has "
              + names.size()
              + " class names, but "
              + model.name()
              + " tells "
              + model.classes()
              + " classes apart; names= must list them in the order of the training");
    }
    return new Models.Trained(model, loaded.params(), names);
  }

  private static UsageException noNumbers(String model) {
    return new UsageException(
        "weights= is missing: model="
            + model
            + " says which layers there are, not their numbers; give the .weights, .safetensors,"
            + " .pt or .pth file that belongs to it, or the model= of a run, which has them");
  }

  private static Models.Trained withWeights(Call call, DetectionModel asked, Path weights) {
    Map<String, String> texts = WeightFiles.texts(weights);
    DetectionModel model = taught(asked, weights, texts);
    Params params = Models.blank(model);
    WeightFiles.load(model, params, weights, false);
    if (call.has(EPS)) {
      NormEpsilon.move(params, call.get(EPS), NormEpsilon.of(model));
    } else if (WeightFiles.Format.of(weights) == WeightFiles.Format.TORCH
        && call.verb().keys().contains(EPS)
        && !(model instanceof YamlModel)) {
      call.warn(
          weights
              + " does not say the epsilon of its batch norms, which is taken for darknet's 1e-5;"
              + " one that ScaledYOLOv4 trained needs eps=1e-4");
    }
    String names = texts.get("names");
    return new Models.Trained(
        model,
        params,
        names == null ? ClassNames.defaults(model.classes()) : List.of(names.split("\n", -1)));
  }

  /** The network as the texts of its numbers say that it was taught to mean its heads. */
  private static DetectionModel taught(
      DetectionModel model, Path weights, Map<String, String> texts) {
    String anchors = model.describe().getOrDefault("anchors", "");
    if (!texts.getOrDefault("anchors", anchors).equals(anchors)) {
      throw new FormatException(
          "%s: was trained with the anchors %s, but %s has %s, so that its boxes would be wrong; model=%s alone says which network it is"
              .formatted(weights, texts.get("anchors"), model.name(), anchors, weights));
    }
    return ScaledHeads.described(model, texts);
  }

  /** How a call wants pictures fitted: as the network's own way is, unless it says so. */
  public static Resize resize(Call call, Resize own) {
    return call.find(RESIZE).map(fit -> fit.resize(own)).orElse(own);
  }

  /** The detector that a call describes. */
  public static Detector detector(Call call, Device device) {
    return Call.on(
        device,
        () -> {
          Models.Trained trained = trained(call);
          DetectionModel model = levels(call, trained.model());
          Detector.Settings settings =
              new Detector.Settings(
                  model.inputSize(),
                  resize(call, model.resize()),
                  call.get(CONF).floatValue(),
                  Suppression.of(call, model.suppression()),
                  call.get(AUGMENT) ? View.AUGMENTED : View.PLAIN);
          return Detector.of(model, numbers(call, device, trained.params()))
              .names(trained.names())
              .with(settings)
              .on(device);
        });
  }

  /** Gives the numbers of a call away, and reads them again should another plan need them. */
  private static Supplier<Params> numbers(Call call, Device device, Params loaded) {
    AtomicReference<@Nullable Params> first = new AtomicReference<>(loaded);
    return () -> {
      Params params = first.getAndSet(null);
      return (params == null ? Call.on(device, () -> trained(call).params()) : params)
          .training(false);
    };
  }

  /** The detector that a call describes, with the network's own settings. */
  public static Detector runnable(Call call, Device device) {
    return Call.on(
        device,
        () -> {
          Models.Trained trained = trained(call);
          Detector detector =
              Detector.of(trained.model(), numbers(call, device, trained.params()))
                  .names(trained.names())
                  .on(device);
          // Random numbers find objects everywhere, which nobody will want to compare pairwise.
          return isRandom(call) ? detector.confidence(1) : detector;
        });
  }

  private static DetectionModel levels(Call call, DetectionModel model) {
    int heads = model.heads().size();
    int levels = call.find(LEVELS).orElse(heads);
    boolean truncate = call.find(TRUNCATE).orElse(false);
    if (levels > heads) {
      throw new UsageException(
          "levels=%d is wrong: %s has %d heads".formatted(levels, model.name(), heads));
    }
    if (levels == heads) {
      if (truncate) {
        throw new UsageException("truncate= says how levels= is meant; give fewer levels as well");
      }
      return model;
    }
    call.print(
        "the finest %d of %d heads, %s"
            .formatted(
                levels,
                heads,
                truncate
                    ? "without the coarser stages: not the boxes of the whole network"
                    : "the backbone whole: the same boxes as in the whole network"));
    return truncate ? SubNetwork.truncated(model, levels) : new SubNetwork(model, levels);
  }

  /** How many classes a network by name tells apart: as the names or the weights say, else 80. */
  private static int classes(Call call) {
    if (call.has(NAMES)) {
      return ClassNames.read(call.get(NAMES)).size();
    }
    if (call.text(WEIGHTS).orElse("").endsWith(".safetensors")) {
      Path weights = requireFile(call.get(WEIGHTS));
      Map<String, String> texts = ParamsFile.metadata(weights);
      try {
        return Integer.parseInt(texts.getOrDefault("classes", "" + COCO_CLASSES));
      } catch (NumberFormatException failure) {
        throw new FormatException(
            weights + ": its metadata give '" + texts.get("classes") + "' classes", failure);
      }
    }
    return COCO_CLASSES;
  }

  private static boolean isFile(String text, String ending) {
    return text.toLowerCase(Locale.ROOT).endsWith(ending);
  }

  private static Path requireFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new FormatException(file + ": there is no such file");
    }
    return file;
  }

  private static String requireName(String text) {
    String variant = text.replaceFirst("@.*", "");
    if (Models.names().contains(variant)) {
      return text;
    }
    if (isFile(text, ".weights") || isFile(text, ".pt") || isFile(text, ".pth")) {
      throw new UsageException(
          "model=" + text + " holds numbers only; write model=FILE.cfg weights=" + text);
    }
    throw new UsageException(
        "model="
            + text
            + " is wrong"
            + Help.suggestion(variant, Models.names())
            + "; it must be one of "
            + String.join(", ", Models.names())
            + ", or a .cfg, .yaml or .safetensors file");
  }
}
