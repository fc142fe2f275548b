package dev.peregrine.yolo.cli.train;

import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.Suppression;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.eval.ConfidenceCurves;
import dev.peregrine.yolo.eval.RankedEvaluator;
import dev.peregrine.yolo.eval.RankedProtocol;
import dev.peregrine.yolo.eval.RankedResult;
import dev.peregrine.yolo.train.Evaluation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The rules by which findings are judged, from {@code protocol= points= match_iou=}.
 *
 * @param protocol whose rules
 * @param points of the precision curve, for darknet's
 * @param matchIou overlap of a match, for all but COCO's
 */
record Judgement(Protocol protocol, int points, double matchIou) {
  /** Whose rules there are. */
  enum Protocol {
    COCO,
    VOC07,
    VOC,
    DARKNET
  }

  private static final Key<Protocol> PROTOCOL =
      Key.choice("protocol", "coco", Protocol.class, "whose rules: coco, voc07, voc or darknet");
  private static final Key<Integer> POINTS =
      Key.whole("points", "0", 0, 101, "points of darknet's curve: 0 (the area), 11 or 101");
  private static final Key<Double> MATCH_IOU =
      Key.number("match_iou", "0.5", 0, 1, "overlap of a match, for all but coco");

  /** The keys that choose the rules. */
  static final List<Key<?>> KEYS = List.of(PROTOCOL, POINTS, MATCH_IOU);

  /** The confidence at which precision and recall are told, as darknet does. */
  private static final double SHOWN_CONFIDENCE = 0.25;

  /**
   * What comes out.
   *
   * @param lines for people
   * @param json for programs
   */
  record Verdict(List<String> lines, Map<String, Object> json) {}

  /** Reads the rules of a call. */
  static Judgement of(Call call) {
    int points = call.get(POINTS);
    if (points != 0 && points != 11 && points != 101) {
      throw new UsageException("points=" + points + " is wrong: it must be one of 0, 11, 101");
    }
    return new Judgement(call.get(PROTOCOL), points, call.get(MATCH_IOU));
  }

  /** Judges findings. */
  Verdict judge(Evaluation evaluation) {
    return switch (protocol) {
      case COCO -> coco(evaluation);
      case VOC07 -> ranked(evaluation, RankedProtocol.voc07().withMatchIou(matchIou));
      case VOC -> ranked(evaluation, RankedProtocol.voc().withMatchIou(matchIou));
      case DARKNET -> ranked(evaluation, RankedProtocol.darknet(points, matchIou));
    };
  }

  /** Keys that have another default under these rules. */
  Map<String, String> defaults() {
    return protocol == Protocol.DARKNET
        ? Map.of(ModelLoader.CONF.name(), "0.005", Suppression.IOU.name(), "0.45")
        : Map.of();
  }

  /** Whether boxes are cut to the picture before they are judged. */
  boolean clips() {
    return protocol != Protocol.DARKNET;
  }

  private static Verdict coco(Evaluation evaluation) {
    CocoResult result = evaluation.coco();
    ConfidenceCurves curves =
        ConfidenceCurves.of(evaluation.annotations(), evaluation.predictions(), 0.5);
    double confidence = curves.mean().bestConfidence();
    int point = (int) Math.round(confidence * (ConfidenceCurves.CONFIDENCES - 1));
    Iterator<ConfidenceCurves.Curve> curve = curves.classes().iterator();
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%-24s %8s %7s %7s %7s %9s %7s %7s",
            "class",
            "objects",
            "AP",
            "AP50",
            "AP75",
            "precision",
            "recall",
            "F1"));
    Map<String, Object> classes = new LinkedHashMap<>();
    for (CocoResult.ClassResult one : result.classes().values()) {
      // Categories without objects have no curve.
      String atPoint = one.truths() > 0 ? at(curve.next(), point) : "";
      lines.add(
          String.format(
                  Locale.ROOT,
                  "%-24s %8d %7.3f %7.3f %7.3f",
                  one.name(),
                  one.truths(),
                  one.ap(),
                  one.ap50(),
                  one.ap75())
              + atPoint);
      Map<String, Object> numbers = new LinkedHashMap<>();
      numbers.put("AP", one.ap());
      numbers.put("AP50", one.ap50());
      classes.put(one.name(), numbers);
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "precision, recall and F1 at IoU 0.50 and confidence %.3f, where their mean F1 is best:"
                + " %.3f",
            confidence,
            curves.mean().bestF1()));
    lines.addAll(result.toText().lines().toList());
    Map<String, Object> json = new LinkedHashMap<>(result.numbers());
    json.put("classes", classes);
    return new Verdict(lines, json);
  }

  private static String at(ConfidenceCurves.Curve curve, int point) {
    return String.format(
        Locale.ROOT,
        " %9.3f %7.3f %7.3f",
        curve.precision()[point],
        curve.recall()[point],
        curve.f1()[point]);
  }

  private Verdict ranked(Evaluation evaluation, RankedProtocol rules) {
    RankedResult result =
        RankedEvaluator.evaluate(
            evaluation.annotations(), evaluation.predictions(), rules, SHOWN_CONFIDENCE);
    String name = "AP" + Math.round(100 * matchIou);
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, "%-24s %8s %7s", "class", "objects", name));
    Map<String, Object> classes = new LinkedHashMap<>();
    result
        .classes()
        .values()
        .forEach(one -> {
          lines.add(
              String.format(Locale.ROOT, "%-24s %8d %7.4f", one.name(), one.objects(), one.ap()));
          classes.put(one.name(), Map.of(name, one.ap()));
        });
    lines.add(String.format(Locale.ROOT, "mean %s %.6f", name, result.map()));
    lines.add(
        String.format(
            Locale.ROOT,
            "above confidence %.2f: precision %.3f, recall %.3f, F1 %.3f, mean IoU %.3f (%d right,"
                + " %d wrong, %d missed)",
            result.confidence(),
            result.precision(),
            result.recall(),
            result.f1(),
            result.averageIou(),
            result.truePositives(),
            result.falsePositives(),
            result.falseNegatives()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(name, result.map());
    json.put("classes", classes);
    return new Verdict(lines, json);
  }
}
