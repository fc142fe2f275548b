package dev.peregrine.yolo.cli.data;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.anchor.AnchorClusters;
import dev.peregrine.yolo.anchor.AnchorEvolution;
import dev.peregrine.yolo.anchor.AnchorScore;
import dev.peregrine.yolo.anchor.AnchorText;
import dev.peregrine.yolo.anchor.BoxSizes;
import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Finds anchors for a data set and tells how well they suit it. */
public final class AnchorsVerb implements Verb {
  private static final Key<Path> DATA = DataInput.DATA.required();
  private static final Key<Split> SPLIT =
      Key.choice("split", "train", Split.class, "which pictures of it: train, val or test");
  private static final Key<String> MODEL =
      new Key<>(
          ModelLoader.MODEL.name(),
          "",
          Key.Need.OPTIONAL,
          "also measure the anchors of this network, and take its input size and their number",
          text -> text);
  private static final Key<Integer> COUNT =
      Key.whole("k", "9", 1, 100, "how many anchors; those of model= if that is given");
  private static final Key<Integer> GENERATIONS =
      Key.whole("generations", "1000", 0, 1_000_000, "how many random changes are tried");
  private static final Key<Double> RATIO =
      Key.number(
          "ratio",
          "4",
          1.01,
          100,
          "an anchor reaches boxes whose sides differ from its own by less than this factor");
  private static final Key<Path> JSON = Key.path("json", "also write the numbers to this file");

  private static final InputSize USUAL_SIZE = InputSize.square(416);

  /** Sides of the squares between small, medium and large boxes, in pixels of the input. */
  private static final double SMALL = 32;

  private static final double LARGE = 96;

  @Override
  public String name() {
    return "anchors";
  }

  @Override
  public String summary() {
    return "finds anchors for a data set and tells which of its boxes they reach";
  }

  @Override
  public String example() {
    return "./yolo anchors data=data.yaml k=9 imgsz=416";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        DATA,
        DataInput.FAULTY,
        SPLIT,
        MODEL,
        COUNT,
        ModelLoader.IMGSZ,
        ModelLoader.RESIZE,
        GENERATIONS,
        RATIO,
        JSON);
  }

  @Override
  public int run(Call call) {
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    DataSet data = DataInput.load(call, call.get(SPLIT));
    Optional<DetectionModel> model =
        call.text(MODEL).map(_ -> ModelLoader.network(call, data.names().size()));
    InputSize size =
        model
            .map(DetectionModel::inputSize)
            .orElseGet(() -> call.find(ModelLoader.IMGSZ).orElse(USUAL_SIZE));
    Resize resize =
        ModelLoader.resize(call, model.map(DetectionModel::resize).orElse(Resize.STRETCH));
    BoxSizes boxes = BoxSizes.fitted(data, size, resize);
    int count = model.map(m -> m.heads().getFirst().anchors().size()).orElse(call.get(COUNT));
    if (boxes.count() < count) {
      throw new FormatException(
          "%s: has %d boxes, too few for %d anchors; give more labels or a smaller k="
              .formatted(call.get(DATA), boxes.count(), count));
    }
    call.print(
        "%d boxes in %d pictures; input %s, pictures fitted by %s"
            .formatted(boxes.count(), data.size(), size, resize.name().toLowerCase(Locale.ROOT)));
    Map<String, List<Anchor>> candidates = new LinkedHashMap<>();
    model.ifPresent(m -> candidates.put("of the network", m.heads().getFirst().anchors()));
    long seed = call.get(Call.SEED);
    candidates.put("k-means by overlap", AnchorClusters.byOverlap(boxes, count, seed));
    candidates.put(
        "evolved",
        new AnchorEvolution(call.get(GENERATIONS), call.get(RATIO), seed).search(boxes, count));
    tell(call, boxes, candidates);
    return Failure.NONE;
  }

  private static void tell(Call call, BoxSizes boxes, Map<String, List<Anchor>> candidates) {
    double ratio = call.get(RATIO);
    List<BoxSizes> bySize = new ArrayList<>();
    bySize.add(boxes.filter(box -> side(box) < SMALL));
    bySize.add(boxes.filter(box -> side(box) >= SMALL && side(box) <= LARGE));
    bySize.add(boxes.filter(box -> side(box) > LARGE));
    call.print(
        String.format(
            Locale.ROOT,
            "boxes by side (root of the area): %d below 32 pixels, %d from 32 to 96, %d above",
            bySize.get(0).count(),
            bySize.get(1).count(),
            bySize.get(2).count()));
    call.print(
        String.format(
            Locale.ROOT,
            "%-20s %8s %8s %8s %8s %8s %12s",
            "anchors",
            "mean IoU",
            "reached",
            "small",
            "medium",
            "large",
            "anchors/box"));
    Map<String, Object> json = new LinkedHashMap<>();
    candidates.forEach((name, anchors) -> {
      AnchorScore score = AnchorScore.of(anchors, boxes, ratio);
      List<Double> reached =
          bySize.stream()
              .map(part -> AnchorScore.of(anchors, part, ratio).bestPossibleRecall())
              .toList();
      call.print(
          String.format(
              Locale.ROOT,
              "%-20s %8.4f %8s %8s %8s %8s %12.2f",
              name,
              score.meanIou(),
              percent(score.bestPossibleRecall(), boxes),
              percent(reached.get(0), bySize.get(0)),
              percent(reached.get(1), bySize.get(1)),
              percent(reached.get(2), bySize.get(2)),
              score.anchorsPerBox()));
      Map<String, Object> numbers = new LinkedHashMap<>();
      numbers.put("anchors", anchors);
      numbers.put("mean_iou", score.meanIou());
      numbers.put("best_possible_recall", score.bestPossibleRecall());
      numbers.put("recall_small", reached.get(0));
      numbers.put("recall_medium", reached.get(1));
      numbers.put("recall_large", reached.get(2));
      numbers.put("anchors_per_box", score.anchorsPerBox());
      numbers.put("fitness", score.fitness());
      json.put(name, numbers);
    });
    candidates.forEach((name, anchors) -> call.print(name + ": anchors=" + AnchorText.of(anchors)));
    call.find(JSON).ifPresent(file -> Json.write(file, json));
  }

  private static String percent(double share, BoxSizes of) {
    return of.count() == 0 ? "-" : String.format(Locale.ROOT, "%.2f%%", 100 * share);
  }

  private static double side(Anchor box) {
    return Math.sqrt(box.width() * box.height());
  }
}
