package dev.peregrine.yolo;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.head.Candidates;
import dev.peregrine.yolo.image.Picture;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/**
 * Finds objects in pictures: fit, run the network, decode, suppress duplicates.
 *
 * <p>A detector is immutable and safe for many threads: each call takes a prepared plan that is
 * idle, or prepares one more. Methods such as {@link #confidence} give a detector of another
 * setting, which shares the plans where device and input size are the same.
 */
public final class Detector {
  /**
   * What a caller may set.
   *
   * @param size the network's input
   * @param resize how pictures are fitted to it
   * @param confidence the least score of a detection
   * @param suppression how duplicates are removed
   * @param views the looks taken at a picture, whose boxes are suppressed together
   * @param clip whether boxes are cut to the picture; darknet judges them whole
   */
  public record Settings(
      InputSize size,
      Resize resize,
      float confidence,
      NonMaximumSuppression suppression,
      List<View> views,
      boolean clip) {

    /** Checks that there is a view. */
    public Settings {
      views = List.copyOf(views);
      if (views.isEmpty()) {
        throw new IllegalArgumentException(
            "detector: without a view no picture is looked at; give View.PLAIN");
      }
    }

    /**
     * Looks once at a picture, as it is.
     *
     * @param size the network's input
     * @param resize how pictures are fitted to it
     * @param confidence the least score of a detection
     * @param suppression how duplicates are removed
     */
    public Settings(
        InputSize size, Resize resize, float confidence, NonMaximumSuppression suppression) {
      this(size, resize, confidence, suppression, View.PLAIN);
    }

    /**
     * Cuts boxes to the picture.
     *
     * @param size the network's input
     * @param resize how pictures are fitted to it
     * @param confidence the least score of a detection
     * @param suppression how duplicates are removed
     * @param views the looks taken at a picture
     */
    public Settings(
        InputSize size,
        Resize resize,
        float confidence,
        NonMaximumSuppression suppression,
        List<View> views) {
      this(size, resize, confidence, suppression, views, true);
    }
  }

  /**
   * How the boxes of one picture are chosen.
   *
   * @param confidence the least score of a detection
   * @param suppression how duplicates are removed
   */
  public record Choice(float confidence, NonMaximumSuppression suppression) {}

  private final DetectionModel model;
  private final Supplier<Params> params;
  private final List<String> names;
  private final Device device;
  private final Settings settings;
  private final PlanPool plans;

  private Detector(
      DetectionModel model,
      Supplier<Params> params,
      List<String> names,
      Device device,
      Settings settings,
      PlanPool plans) {
    if (names.size() != model.classes()) {
      throw new ShapeException(
          "detector: %d names were given but the model tells %d classes apart; give one name a class"
              .formatted(names.size(), model.classes()));
    }
    InputSize size = settings.size();
    if (!size.suits(model.maxStride())) {
      throw new ShapeException(
          "detector: input size %s must be a multiple of %d, the largest stride of %s"
              .formatted(size, model.maxStride(), model.name()));
    }
    this.model = model;
    this.params = params;
    this.names = List.copyOf(names);
    this.device = device;
    this.plans = plans;
    this.settings = settings;
  }

  /**
   * Loads a trained network that a cfg describes.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} where a file is missing, damaged,
   * or the two do not fit.
   *
   * @param cfg the network's description
   * @param weights its numbers: darknet's .weights, a .safetensors, or PyTorch's .pt and .pth
   * @return the detector, on the default device
   */
  public static Detector load(Path cfg, Path weights) {
    CfgModel model = new CfgModel(CfgFile.read(cfg));
    Params params = Models.blank(model);
    WeightFiles.load(model, params, weights, false);
    return of(model, params);
  }

  /**
   * Loads a network that was trained or converted here; of a training checkpoint, the moving
   * average.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} where the file is missing,
   * damaged, or does not say which network it is.
   *
   * @param file a safetensors file
   * @return the detector, on the default device
   */
  public static Detector load(Path file) {
    Models.Trained trained = Models.load(file);
    return of(trained.model(), trained.params()).names(trained.names());
  }

  /**
   * Makes a detector of a model's own settings on the default device.
   *
   * @param model the network
   * @param params its numbers, which must not change from now on
   * @return the detector, with the names of COCO or Pascal VOC where the class count fits
   */
  public static Detector of(DetectionModel model, Params params) {
    Params running = params.training(false);
    return of(model, () -> running);
  }

  /**
   * Makes a detector that does not keep the numbers: a plan packs them for its kernels, so another
   * copy would be of use to a further plan only, which asks for them again.
   *
   * @param model the network
   * @param params gives its numbers whenever a plan is prepared, always the same ones
   * @return the detector, as {@link #of(DetectionModel, Params)} makes it
   */
  public static Detector of(DetectionModel model, Supplier<Params> params) {
    Settings settings = new Settings(model.inputSize(), model.resize(), 0.25f, model.suppression());
    Device device = Devices.cpu();
    return new Detector(
        model,
        params,
        ClassNames.defaults(model.classes()),
        device,
        settings,
        new PlanPool(model, params, device));
  }

  /**
   * Takes another device.
   *
   * @param other the device to run on
   * @return the detector
   */
  public Detector on(Device other) {
    return new Detector(model, params, names, other, settings, new PlanPool(model, params, other));
  }

  /**
   * Takes other class names.
   *
   * @param others one name a class
   * @return the detector
   */
  public Detector names(List<String> others) {
    return new Detector(model, params, others, device, settings, plans);
  }

  /**
   * Takes other settings.
   *
   * @param others all settings
   * @return the detector
   */
  public Detector with(Settings others) {
    // Plans of another size would be kept for as long as either detector lives.
    boolean same = others.size().equals(settings.size());
    PlanPool pool = same ? plans : new PlanPool(model, params, device);
    return new Detector(model, params, names, device, others, pool);
  }

  private Detector with(InputSize size, float confidence, List<View> views, boolean clip) {
    return with(
        new Settings(size, settings.resize(), confidence, settings.suppression(), views, clip));
  }

  /**
   * Takes another least score.
   *
   * @param least 0 to 1
   * @return the detector
   */
  public Detector confidence(double least) {
    return with(settings.size(), (float) least, settings.views(), settings.clip());
  }

  /**
   * Takes another input size.
   *
   * @param size multiples of the model's largest stride
   * @return the detector
   */
  public Detector size(InputSize size) {
    return with(size, settings.confidence(), settings.views(), settings.clip());
  }

  /**
   * Takes other looks at pictures, for instance {@link View#AUGMENTED}.
   *
   * <p><b>Cost</b> one run of the network a view; each size of input has a plan of its own.
   *
   * @param views at least one
   * @return the detector
   */
  public Detector views(List<View> views) {
    return with(settings.size(), settings.confidence(), views, settings.clip());
  }

  /**
   * Leaves boxes as the network gave them, even where they reach beyond the picture.
   *
   * @return the detector
   */
  public Detector unclipped() {
    return with(settings.size(), settings.confidence(), settings.views(), false);
  }

  /**
   * Returns the settings in force.
   *
   * @return all settings
   */
  public Settings settings() {
    return settings;
  }

  /**
   * Returns the class names.
   *
   * @return one a class
   */
  public List<String> names() {
    return names;
  }

  /**
   * Returns the network.
   *
   * @return the model
   */
  public DetectionModel model() {
    return model;
  }

  /**
   * Finds the objects of one picture.
   *
   * <p><b>Units</b> boxes in pixels of the picture, clipped to it unless the settings say
   * otherwise.
   *
   * @param picture any size
   * @return detections, highest score first
   */
  public List<Detection> detect(Picture picture) {
    return detect(List.of(picture)).get(0);
  }

  /**
   * Finds the objects of several pictures in one run of the network.
   *
   * @param pictures of any sizes, at least one
   * @return for each picture its detections, highest score first
   */
  public List<List<Detection>> detect(List<? extends Picture> pictures) {
    return findings(pictures).detections();
  }

  /**
   * Does what {@link #detect(List)} does, looks at the clock meanwhile and keeps the heads.
   *
   * @param pictures of any sizes, at least one
   * @return detections, numbers of the heads and times
   */
  public Findings findings(List<? extends Picture> pictures) {
    Choice choice = new Choice(settings.confidence(), settings.suppression());
    return findings(pictures, Collections.nCopies(pictures.size(), choice));
  }

  /**
   * Finds the objects of several pictures in one run of the network, and chooses the boxes of each
   * in its own way.
   *
   * @param pictures of any sizes, at least one
   * @param choices one a picture, instead of what the settings say
   * @return detections, numbers of the heads and times
   */
  public Findings findings(List<? extends Picture> pictures, List<Choice> choices) {
    if (choices.size() != pictures.size()) {
      throw new IllegalArgumentException(
          "detector: %d pictures but %d choices".formatted(pictures.size(), choices.size()));
    }
    List<Candidates> candidates = new ArrayList<>();
    pictures.forEach(_ -> candidates.add(new Candidates()));
    long fit = 0;
    long run = 0;
    long decode = 0;
    List<Findings.Head> heads = List.of();
    for (View view : settings.views()) {
      long start = System.nanoTime();
      Look look = Look.at(pictures, view, settings, model.maxStride());
      long fitted = System.nanoTime();
      heads = plans.run(new PlanPool.Input(look.size(), pictures.size()), look.input());
      long ran = System.nanoTime();
      look.decode(model.heads(), heads, choices, candidates);
      fit += fitted - start;
      run += ran - fitted;
      decode += System.nanoTime() - ran;
    }
    long start = System.nanoTime();
    List<List<Detection>> all = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      all.add(
          Look.suppress(
              candidates.get(i), pictures.get(i), choices.get(i), settings.clip(), names));
    }
    return new Findings(all, heads, fit, run, decode + System.nanoTime() - start);
  }

  /**
   * Prepares now what the first call with that many pictures would prepare.
   *
   * @param batch pictures in a call
   * @param freed see {@link Plan#prepare(Supplier, Device, Runnable)}
   */
  public void preload(int batch, Runnable freed) {
    for (View view : settings.views()) {
      InputSize size = view.inputSize(settings.size(), model.maxStride());
      plans.preload(new PlanPool.Input(size, batch), freed);
    }
  }

  /**
   * Makes the network ready for runs of its own, without pictures.
   *
   * @param batch pictures in a run
   * @return a new plan on this detector's device; its input is {@code [batch, height, width, 3]}
   */
  public Plan prepare(int batch) {
    return plans.prepare(new PlanPool.Input(settings.size(), batch), () -> {});
  }
}
