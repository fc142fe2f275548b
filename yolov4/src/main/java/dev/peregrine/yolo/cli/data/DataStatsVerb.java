package dev.peregrine.yolo.cli.data;

import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Json;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.data.check.DataStatistics;
import dev.peregrine.yolo.data.check.DataStatistics.ClassRow;
import dev.peregrine.yolo.data.check.DataStatistics.Spread;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.plot.ContactSheet;
import dev.peregrine.yolo.plot.LabelsPlot;
import dev.peregrine.yolo.plot.Mark;
import dev.peregrine.yolo.train.LoaderSpeed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts and draws what a data set holds, and measures how fast it can be loaded. */
public final class DataStatsVerb implements Verb {
  private static final Key<Path> DATA = DataInput.DATA.required();
  private static final Key<Boolean> SAVE =
      Key.flag("save", true, "draw labels and pictures into the run's folder");
  private static final Key<Boolean> SPEED =
      Key.flag("speed", false, "measure how many training pictures a second are made ready");
  private static final Key<InputSize> IMGSZ =
      Key.size(ModelLoader.IMGSZ.name(), "speed=true: size of the training pictures")
          .withFallback("416");
  private static final Key<Path> TO =
      Key.path("to", "the folder to draw into: out= by the word that data convert has for it");
  private static final Key<Path> JSON = Key.path("json", "also write the numbers to this file");
  private static final int SHEET = 16;
  private static final int TILE = 320;
  private static final int SIZES_SHOWN = 5;

  @Override
  public String name() {
    return "data stats";
  }

  @Override
  public String summary() {
    return "counts classes, boxes and pictures of a data set, and draws them";
  }

  @Override
  public String example() {
    return "./yolo data stats data=data.yaml";
  }

  @Override
  public List<Key<?>> keys() {
    List<Key<?>> keys =
        new ArrayList<>(List.of(DATA, DataInput.FAULTY, SAVE, SPEED, IMGSZ, TO, JSON));
    keys.addAll(RunFolder.KEYS);
    return keys;
  }

  @Override
  public int run(Call given) {
    if (given.has(TO) && given.has(RunFolder.OUT)) {
      throw new UsageException("to= and out= mean the same folder; give one of them");
    }
    Call call =
        given
            .find(TO)
            .map(to -> given.withDefaults(Map.of(RunFolder.OUT.name(), to.toString())))
            .orElse(given);
    call.find(JSON).ifPresent(TextFiles::requireWritable);
    DataConfig config = DataConfig.read(call.get(DATA));
    RunFolder folder = RunFolder.of(call, Map.of());
    Map<String, Object> json = new LinkedHashMap<>();
    for (Split split : Split.values()) {
      if (!config.sources().containsKey(split)) {
        continue;
      }
      DataScan scan = DataScan.of(config, split, false);
      scan.requireSound(call.get(DataInput.FAULTY));
      DataSet data = scan.dataSet();
      DataStatistics numbers = DataStatistics.of(data);
      lines(split, numbers).forEach(call::print);
      json.put(split.toString(), numbers);
      if (call.get(SAVE)) {
        draw(folder.path(), split, data);
      }
      if (call.get(SPEED) && !json.containsKey("loader")) {
        LoaderSpeed speed =
            LoaderSpeed.measure(
                data,
                call.get(IMGSZ),
                call.find(Call.THREADS).orElse(Runtime.getRuntime().availableProcessors()));
        call.print(speed.toString());
        json.put("loader", speed);
      }
    }
    call.find(JSON).ifPresent(file -> Json.write(file, json));
    if (folder.exists()) {
      call.print("pictures: " + folder.path());
    }
    return Failure.NONE;
  }

  private static List<String> lines(Split split, DataStatistics n) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s: %,d pictures, %,d of them background; %,d objects, %,d ignored",
            split,
            n.pictures(),
            n.background(),
            n.objects(),
            n.ignored()));
    lines.add(
        "  picture sizes: "
            + n.pictureSizes().entrySet().stream()
                .limit(SIZES_SHOWN)
                .map(size -> size.getKey() + " (" + size.getValue() + ")")
                .collect(Collectors.joining(", "))
            + (n.pictureSizes().size() > SIZES_SHOWN
                ? " and %,d more".formatted(n.pictureSizes().size() - SIZES_SHOWN)
                : ""));
    lines.add("  box widths: " + spread(n.boxWidth()) + "; heights: " + spread(n.boxHeight()));
    lines.add("  objects in a picture: " + spread(n.objectsInPicture()));
    int width = n.classes().stream().mapToInt(row -> row.name().length()).max().orElse(5);
    String format = "  %-" + Math.clamp(width, 5, 24) + "s %9s %9s %9s %9s %9s %15s";
    lines.add(
        String.format(
            Locale.ROOT,
            format,
            "class",
            "objects",
            "pictures",
            "small",
            "medium",
            "large",
            "median box"));
    for (ClassRow row : n.classes()) {
      lines.add(
          String.format(
              Locale.ROOT,
              format,
              row.name(),
              row.objects(),
              row.pictures(),
              row.small(),
              row.medium(),
              row.large(),
              String.format(
                  Locale.ROOT, "%.0f x %.0f", row.width().median(), row.height().median())));
    }
    return lines;
  }

  private static String spread(Spread s) {
    return String.format(
        Locale.ROOT,
        "%.0f to %.0f, half below %.0f, a tenth below %.0f, nine tenths below %.0f",
        s.least(),
        s.most(),
        s.median(),
        s.tenth(),
        s.ninetieth());
  }

  private static void draw(Path folder, Split split, DataSet data) {
    List<Label> labels = data.samples().stream().flatMap(s -> s.labels().stream()).toList();
    LabelsPlot.draw(labels, data.names(), folder.resolve(split + "_labels.png"));
    List<ContactSheet.Tile> tiles = new ArrayList<>();
    for (Sample sample : data.samples().subList(0, Math.min(SHEET, data.size()))) {
      Image image = Images.read(sample.image());
      List<Mark> marks =
          sample.labels().stream()
              .map(l -> Mark.of(l, data.names().get(l.classIndex()), image.width(), image.height()))
              .toList();
      tiles.add(new ContactSheet.Tile(String.valueOf(sample.image().getFileName()), image, marks));
    }
    if (!tiles.isEmpty()) {
      Images.write(folder.resolve(split + "_pictures.jpg"), ContactSheet.of(tiles, SHEET, TILE));
    }
  }
}
