package dev.peregrine.yolo.cli.train;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.classify.Classifier;
import dev.peregrine.yolo.classify.ClassifierEvaluation;
import dev.peregrine.yolo.classify.ImageFolder;
import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.input.Suppression;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.Meter;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.data.check.DataHash;
import dev.peregrine.yolo.eval.CocoJson;
import dev.peregrine.yolo.plot.ConfusionPlot;
import dev.peregrine.yolo.train.Evaluation;
import dev.peregrine.yolo.train.RunPictures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures a detector or a classifier on labelled pictures, or judges predictions that are there
 * already.
 */
public final class ValVerb implements Verb {
  private static final Key<Split> SPLIT =
      Key.choice("split", "val", Split.class, "which pictures of it: train, val or test");
  private static final Key<Double> CONF = ModelLoader.CONF.withFallback("0.001");
  private static final Key<Double> IOU = Suppression.IOU.withFallback("0.6");
  private static final Key<Integer> BATCH =
      Key.whole("batch", "8", 1, 4096, "pictures in one run of the network");
  private static final Key<Path> PREDICTIONS =
      Key.path("predictions", "judge this COCO result file instead of a model");
  private static final Key<Path> ANNOTATIONS =
      Key.path("annotations", "the COCO annotations that belong to predictions=");
  private static final Key<Path> JSON = Key.path("json", "also write the numbers to this file");

  @Override
  public String name() {
    return "val";
  }

  @Override
  public String summary() {
    return "measures a network on labelled pictures, or judges a file of predictions";
  }

  @Override
  public String example() {
    return "./yolo val model=runs/train/run/weights/best.safetensors data=data.yaml";
  }

  @Override
  public List<Key<?>> keys() {
    List<Key<?>> keys =
        new ArrayList<>(
            List.of(
                ShippedModel.MODEL,
                ModelLoader.WEIGHTS,
                ModelLoader.EPS,
                ModelLoader.NAMES,
                DataInput.DATA,
                DataInput.FAULTY,
                SPLIT,
                ModelLoader.IMGSZ,
                ModelLoader.RESIZE,
                CONF,
                IOU,
                Suppression.NMS,
                Suppression.SIGMA,
                Suppression.MAX_DET,
                Suppression.AGNOSTIC,
                BATCH,
                ModelLoader.AUGMENT,
                ModelLoader.LEVELS,
                ModelLoader.TRUNCATE,
                PREDICTIONS,
                ANNOTATIONS));
    keys.addAll(Judgement.KEYS);
    keys.add(JSON);
    keys.add(Call.PRECISION);
    keys.addAll(RunFolder.KEYS);
    return keys;
  }

  @Override
  public int run(Call given) {
    Judgement judgement = Judgement.of(given);
    Call call = given.withDefaults(judgement.defaults());
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    if (call.has(PREDICTIONS) || call.has(ANNOTATIONS)) {
      Evaluation evaluation =
          new Evaluation(
              CocoJson.readAnnotations(call.get(ANNOTATIONS)),
              CocoJson.readPredictions(call.get(PREDICTIONS)));
      RunFolder folder = RunFolder.of(call, Map.of());
      finish(call, judgement, evaluation, folder, Optional.empty());
      return Failure.NONE;
    }
    ShippedModel.tell(call);
    if (Classifier.isIn(Path.of(call.get(ShippedModel.MODEL)))) {
      return classifier(call);
    }
    DataSet data = DataInput.load(call, call.get(SPLIT));
    Device device = call.device();
    RunFolder folder =
        RunFolder.of(call, Map.of("lanes", device.description(), "data_hash", DataHash.of(data)));
    Detector loaded = ModelLoader.detector(call, device);
    Detector detector = judgement.clips() ? loaded : loaded.unclipped();
    if (detector.model().classes() != data.names().size()) {
      throw new UsageException(
          "model=%s tells %d classes apart, but data=%s names %d; measure a model on the classes that it was made for, or train one on these"
              .formatted(
                  call.get(ShippedModel.MODEL),
                  detector.model().classes(),
                  call.get(DataInput.DATA),
                  data.names().size()));
    }
    data = byName(call, data, detector.names());
    call.print(data.size() + " pictures, device: " + device.description());
    Evaluation evaluation;
    try (Meter meter = Meter.open(call.console(), "val", data.size())) {
      evaluation = Evaluation.run(detector, data, call.get(BATCH), count -> meter.at(count, ""));
    }
    finish(call, judgement, evaluation, folder, Optional.of(data));
    return Failure.NONE;
  }

  /** Classes that go by the same names in another order are those; other names go by number. */
  private static DataSet byName(Call call, DataSet data, List<String> names) {
    List<String> own = data.names();
    if (new HashSet<>(names).equals(new HashSet<>(own))) {
      return data.inOrder(names);
    }
    for (int c = 0; c < own.size(); c++) {
      int elsewhere = names.indexOf(own.get(c));
      if (elsewhere != c && (elsewhere >= 0 || Collections.disjoint(names, own))) {
        call.warn(
            "class %d is '%s' to the model and '%s' to the data; classes are compared by number (names= names those of the model)"
                .formatted(c, names.get(c), own.get(c)));
        break;
      }
    }
    return data;
  }

  /** Measures a classifier on a folder of classes. */
  private static int classifier(Call call) {
    Device device = call.device();
    return Call.on(
        device,
        () -> {
          Classifier.Trained trained = Classifier.load(Path.of(call.get(ShippedModel.MODEL)));
          ImageFolder data =
              ImageFolder.read(
                  call.get(DataInput.DATA),
                  call.get(SPLIT).toString(),
                  trained.classifier().classes());
          Path folder = RunFolder.of(call, Map.of("lanes", device.description())).path();
          call.print(data.items().size() + " pictures, device: " + device.description());
          ClassifierEvaluation evaluation;
          try (Meter meter = Meter.open(call.console(), "val", data.items().size())) {
            evaluation =
                ClassifierEvaluation.of(
                    trained.classifier(),
                    trained.params(),
                    data,
                    call.get(BATCH),
                    count -> meter.at(count, ""));
          }
          evaluation.lines().forEach(call::print);
          ConfusionPlot.both(evaluation.confusion(), folder);
          call.find(JSON).ifPresent(file -> Json.write(file, evaluation.json()));
          call.print("results: " + folder);
          return Failure.NONE;
        });
  }

  private static void finish(
      Call call,
      Judgement judgement,
      Evaluation evaluation,
      RunFolder folder,
      Optional<DataSet> data) {
    Judgement.Verdict verdict = judgement.judge(evaluation);
    verdict.lines().forEach(call::print);
    List<String> names =
        data.map(DataSet::names)
            .orElseGet(() -> List.copyOf(evaluation.annotations().categories().values()));
    RunPictures pictures = new RunPictures(folder.path(), names);
    pictures.curves(evaluation);
    data.ifPresent(set -> pictures.valBatch(set, evaluation));
    ErrorReport.write(call, evaluation, folder.path(), data);
    call.find(JSON).ifPresent(file -> Json.write(file, verdict.json()));
    call.print("results: " + folder.path());
  }
}
