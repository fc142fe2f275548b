package dev.peregrine.yolo.cli.data;

import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Console;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.Meter;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.Fault;
import dev.peregrine.yolo.data.FaultKind.Severity;
import dev.peregrine.yolo.data.check.AnchorRule;
import dev.peregrine.yolo.data.check.DataCheck;
import dev.peregrine.yolo.data.check.DataReport;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds every fault of a data set. */
public final class DataCheckVerb implements Verb {
  private static final Key<Path> DATA = DataInput.DATA.required();
  private static final Key<String> MODEL =
      Key.text(
          ModelLoader.MODEL.name(),
          "yolov4-tiny",
          "the network whose anchors should serve the boxes; 'none' leaves that out");
  private static final Key<Integer> SHOW =
      Key.whole("show", "1000", 0, Integer.MAX_VALUE, "faults of one kind that are listed");
  private static final Key<Boolean> STRICT =
      Key.flag("strict", false, "warnings count as faults, too");
  private static final Key<Path> TO =
      Key.path("to", "also write the whole list to this file, as it is printed");
  private static final Key<Path> JSON = Key.path("json", "also write all faults to this file");

  @Override
  public String name() {
    return "data check";
  }

  @Override
  public String summary() {
    return "lists every fault of a data set with its place; exit status 2 when there are errors";
  }

  @Override
  public String example() {
    return "./yolo data check data=data.yaml";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(DATA, MODEL, ModelLoader.IMGSZ, SHOW, STRICT, TO, JSON);
  }

  @Override
  public int run(Call call) {
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    call.find(TO).ifPresent(TextFiles::requireWritable);
    Optional<AnchorRule> anchors = Optional.empty();
    if (!call.get(MODEL).equals("none")) {
      int classes = DataConfig.read(call.get(DATA), _ -> {}).names().size();
      DetectionModel model = ModelLoader.network(call, classes);
      InputSize size = model.inputSize();
      anchors = Optional.of(AnchorRule.of(model.heads(), size.width(), size.height()));
    }
    DataReport report;
    try (Progress progress = new Progress(call.console())) {
      report = DataCheck.run(call.get(DATA), anchors, progress::at);
    }
    report.toLines(call.get(SHOW)).forEach(call::print);
    call.find(TO)
        .ifPresent(file ->
            TextFiles.write(file, String.join("\n", report.toLines(Integer.MAX_VALUE)) + "\n"));
    call.find(JSON).ifPresent(file -> Json.write(file, json(report)));
    boolean wrong =
        report.count(Severity.ERROR) > 0
            || (call.get(STRICT) && report.count(Severity.WARNING) > 0);
    return wrong ? Failure.WRONG_CALL : Failure.NONE;
  }

  /** A meter that is opened when the number of pictures is known. */
  private static final class Progress implements AutoCloseable {
    private final Console console;
    private Optional<Meter> meter = Optional.empty();

    Progress(Console console) {
      this.console = console;
    }

    synchronized void at(int done, int total) {
      if (meter.isEmpty()) {
        meter = Optional.of(Meter.open(console, "data check", total));
      }
      meter.get().at(done, "");
    }

    @Override
    public synchronized void close() {
      meter.ifPresent(Meter::close);
    }
  }

  private static Map<String, Object> json(DataReport report) {
    Map<String, Object> all = new LinkedHashMap<>();
    Map<String, Object> splits = new LinkedHashMap<>();
    report
        .scans()
        .forEach((split, scan) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("pictures", scan.entries().size());
          one.put("with_labels", scan.found());
          one.put("without_labels", scan.missing());
          one.put("empty", scan.empty());
          one.put("faulty", scan.corrupt());
          one.put("objects", scan.dataSet().objects());
          splits.put(split.toString(), one);
        });
    all.put("data", report.config().file().toString());
    all.put("splits", splits);
    all.put("errors", report.count(Severity.ERROR));
    all.put("warnings", report.count(Severity.WARNING));
    all.put("notes", report.count(Severity.NOTE));
    all.put("faults", report.faults().stream().map(DataCheckVerb::json).toList());
    return all;
  }

  private static Map<String, Object> json(Fault fault) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("severity", Key.lower(fault.kind().severity()));
    one.put("kind", Key.lower(fault.kind()));
    one.put("file", fault.file().toString());
    one.put("line", fault.line());
    one.put("message", fault.message());
    one.put("outcome", fault.kind().outcome());
    return one;
  }
}
