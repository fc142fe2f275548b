package dev.peregrine.yolo.cli.train;

import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.eval.Annotations;
import dev.peregrine.yolo.eval.ErrorAnalysis;
import dev.peregrine.yolo.eval.ErrorAnalysis.Fault;
import dev.peregrine.yolo.eval.GroundTruth;
import dev.peregrine.yolo.eval.Prediction;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.plot.ErrorGallery;
import dev.peregrine.yolo.train.Evaluation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Why a detector falls short, as files of a run folder and one line of results. */
final class ErrorReport {
  private static final double MATCH = 0.5;
  private static final double NEAR = 0.1;
  private static final double CONFIDENCE = 0.25;

  private ErrorReport() {}

  /**
   * Writes {@code errors.json}, {@code errors.csv}, {@code errors.png} and, where the pictures are
   * at hand, a sheet of the worst cases of each cause.
   */
  static void write(Call call, Evaluation evaluation, Path folder, Optional<DataSet> data) {
    Annotations annotations = evaluation.annotations();
    ErrorAnalysis errors =
        ErrorAnalysis.of(annotations, evaluation.predictions(), MATCH, NEAR, CONFIDENCE);
    Map<Long, String> files = new HashMap<>();
    annotations.pictures().forEach(picture -> files.put(picture.id(), picture.fileName()));
    Json.write(folder.resolve("errors.json"), numbers(errors));
    TextFiles.write(folder.resolve("errors.csv"), table(errors, files, annotations));
    ErrorGallery.chart(errors, folder.resolve("errors.png"));
    data.ifPresent(set ->
        ErrorGallery.sheets(
            errors,
            // Evaluation counts pictures from 1 in the order of the data set.
            id -> Images.read(set.samples().get((int) id - 1).image()),
            id -> files.getOrDefault(id, ""),
            id -> annotations.categories().getOrDefault(id, ""),
            folder));
    List<String> words = new ArrayList<>();
    errors
        .causes()
        .forEach((cause, summary) ->
            words.add(
                String.format(
                    Locale.ROOT,
                    "%d %s (%+.3f)",
                    summary.count(),
                    ErrorGallery.title(cause),
                    summary.gain())));
    call.print(
        String.format(
            Locale.ROOT,
            "errors above confidence %.2f (and what AP50 would gain without those of any"
                + " confidence): %s",
            CONFIDENCE,
            String.join(", ", words)));
  }

  private static Map<String, Object> numbers(ErrorAnalysis errors) {
    Map<String, Object> causes = new LinkedHashMap<>();
    errors
        .causes()
        .forEach((cause, summary) ->
            causes.put(
                cause.name().toLowerCase(Locale.ROOT),
                Map.of("count", summary.count(), "gain", summary.gain())));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("match_iou", errors.matchIou());
    json.put("near_iou", errors.nearIou());
    json.put("confidence", errors.confidence());
    json.put("AP50", errors.ap());
    json.put("causes", causes);
    return json;
  }

  private static String table(
      ErrorAnalysis errors, Map<Long, String> files, Annotations annotations) {
    Map<Integer, String> names = annotations.categories();
    StringBuilder text =
        new StringBuilder("cause,picture,file,class,score,true_class,iou,x1,y1,x2,y2\n");
    for (Fault fault : errors.faults()) {
      Optional<Prediction> p = fault.prediction();
      Optional<GroundTruth> g = fault.truth();
      double[] box =
          p.map(b -> new double[] {b.x1(), b.y1(), b.x2(), b.y2()})
              .or(() -> g.map(b -> new double[] {b.x1(), b.y1(), b.x2(), b.y2()}))
              .orElse(new double[4]);
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%s,%s,%s,%s,%.4f,%.2f,%.2f,%.2f,%.2f\n",
              fault.cause().name().toLowerCase(Locale.ROOT),
              fault.imageId(),
              quoted(files.getOrDefault(fault.imageId(), "")),
              quoted(p.map(b -> names.getOrDefault(b.category(), "")).orElse("")),
              p.map(b -> String.format(Locale.ROOT, "%.5f", b.score())).orElse(""),
              quoted(g.map(b -> names.getOrDefault(b.category(), "")).orElse("")),
              fault.overlap(),
              box[0],
              box[1],
              box[2],
              box[3]));
    }
    return text.toString();
  }

  /** A field of a table, in quotes where it would be torn apart otherwise. */
  private static String quoted(String text) {
    return text.matches("[^,\"\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
