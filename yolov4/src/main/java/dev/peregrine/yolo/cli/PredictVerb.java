package dev.peregrine.yolo.cli;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.DetectionJson;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.cli.input.Leftovers;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.input.Suppression;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.plot.BoxPainter;
import dev.peregrine.yolo.video.Frame;
import dev.peregrine.yolo.video.FrameSource;
import dev.peregrine.yolo.video.FrameSources;
import dev.peregrine.yolo.video.PictureList;
import dev.peregrine.yolo.video.ReadAhead;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds objects in pictures. */
final class PredictVerb implements Verb {
  private static final Key<String> SOURCE =
      Key.text(
              "source",
              "",
              "a picture, a folder, a glob in quotes, a video, or - for a list on standard input")
          .required();
  private static final Key<Integer> BATCH =
      Key.whole("batch", "1", 1, 4096, "pictures in one run of the network");
  private static final Key<Path> JSON = Key.path("json", "write all detections to this file");
  private static final Key<Boolean> SAVE =
      Key.flag("save", true, "write annotated pictures to the run folder");
  private static final Key<Boolean> SAVE_TXT =
      Key.flag("save_txt", false, "write labels/NAME.txt: class, centre x and y, width, height");
  private static final Key<Boolean> SAVE_CROP =
      Key.flag("save_crop", false, "write every object as a picture of its own to crops/CLASS");

  private static final Key<Boolean> VIDEO =
      Key.flag("video", false, "a folder's pictures are frames of a video, see docs/video.md");

  private static final int NAMED_OBJECTS = 12;

  @Override
  public String name() {
    return "predict";
  }

  @Override
  public String summary() {
    return "finds objects in pictures";
  }

  @Override
  public String example() {
    return "./yolo predict model=yolov4-tiny.cfg weights=yolov4-tiny.weights source=dog.jpg";
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
                SOURCE,
                ModelLoader.IMGSZ,
                ModelLoader.CONF,
                Suppression.IOU,
                Suppression.NMS,
                Suppression.SIGMA,
                Suppression.MAX_DET,
                Suppression.AGNOSTIC,
                ModelLoader.RESIZE,
                BATCH,
                ModelLoader.AUGMENT,
                ModelLoader.LEVELS,
                ModelLoader.TRUNCATE,
                JSON,
                SAVE,
                SAVE_TXT,
                SAVE_CROP,
                VIDEO,
                Call.PRECISION));
    keys.addAll(RunFolder.KEYS);
    return keys;
  }

  @Override
  public int run(Call call) {
    ShippedModel.tell(call);
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    Device device = call.device();
    PredictionFiles files =
        new PredictionFiles(
            RunFolder.of(call, Map.of("lanes", device.description())),
            call.get(SAVE),
            call.get(SAVE_TXT),
            call.get(SAVE_CROP),
            isVideo(call));
    List<Frame> first = new ArrayList<>();
    boolean prepared = false;
    List<Map<String, Object>> json = new ArrayList<>();
    int faults = 0;
    int batch = call.get(BATCH);
    if (call.get(SAVE)) {
      Thread.ofPlatform().daemon().start(BoxPainter::prepare);
    }
    try (FrameSource frames = new ReadAhead(frames(call))) {
      Detector detector = ModelLoader.detector(call, device);
      while (frames.hasNext()) {
        Optional<Frame> read = read(call, frames);
        faults += read.isEmpty() ? 1 : 0;
        read.ifPresent(first::add);
        if (first.size() == batch || (!first.isEmpty() && !frames.hasNext())) {
          if (!prepared) {
            Leftovers.preloaded(detector, first.size());
            call.print("device: " + device.description());
            prepared = true;
          }
          json.addAll(detect(call, detector, first, files));
          first.clear();
        }
      }
    }
    if (!json.isEmpty()) {
      call.find(JSON).ifPresent(file -> Json.write(file, json));
    }
    files.where().ifPresent(folder -> call.print("results: " + folder));
    return faults == 0 ? Failure.NONE : Failure.WRONG_CALL;
  }

  private static boolean isVideo(Call call) {
    return call.get(VIDEO) || FrameSources.looksLikeVideo(call.get(SOURCE));
  }

  private static FrameSource frames(Call call) {
    return isVideo(call)
        ? FrameSources.open(call.get(SOURCE))
        : PictureList.of(call.get(SOURCE), call.console().in());
  }

  /** Reads a picture; one that is damaged is told and left out, so that the others get done. */
  private static Optional<Frame> read(Call call, FrameSource frames) {
    try {
      return Optional.of(frames.next());
    } catch (FormatException fault) {
      Failure.tell(fault, call.get(Call.VERBOSE), call.console().err());
      return Optional.empty();
    }
  }

  private static List<Map<String, Object>> detect(
      Call call, Detector detector, List<Frame> batch, PredictionFiles files) {
    long start = System.nanoTime();
    List<List<Detection>> found = detector.detect(batch.stream().map(Frame::image).toList());
    double milliseconds = (System.nanoTime() - start) / 1e6 / batch.size();
    List<Map<String, Object>> json = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Frame read = batch.get(i);
      List<Detection> detections = found.get(i);
      call.print(line(read, detections, milliseconds));
      files.write(read, detections, 1000 / milliseconds);
      json.add(DetectionJson.of(read.name(), read.image(), detections));
    }
    return json;
  }

  private static String line(Frame read, List<Detection> detections, double milliseconds) {
    String objects =
        detections.stream()
            .limit(NAMED_OBJECTS)
            .map(d -> String.format(Locale.ROOT, "%s %.2f", d.name(), d.score()))
            .collect(Collectors.joining(", "));
    int more = detections.size() - NAMED_OBJECTS;
    return String.format(
        Locale.ROOT,
        "%s %dx%d: %s%s (%.1f ms)",
        read.name(),
        read.image().width(),
        read.image().height(),
        detections.isEmpty() ? "nothing found" : objects,
        more > 0 ? " and " + more + " more" : "",
        milliseconds);
  }
}
