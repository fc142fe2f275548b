package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.CocoFile.CocoBox;
import dev.peregrine.yolo.data.CocoFile.CocoPicture;
import dev.peregrine.yolo.data.PictureList.Named;
import dev.peregrine.yolo.data.VocFile.VocObject;
import dev.peregrine.yolo.image.PictureHeader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the pictures of a split and reads their labels, from whichever of the formats. */
final class SplitReader {
  private final DataConfig config;
  private final List<Fault> faults = new ArrayList<>();
  private final MisnamedLabels misnamed = new MisnamedLabels();

  /** What was found: the pictures, and faults that belong to none of them. */
  record Found(List<Entry> entries, List<Fault> faults) {}

  private SplitReader(DataConfig config) {
    this.config = config;
  }

  /**
   * Reads the sources of a split, in their order.
   *
   * <p><b>Errors</b> {@link FormatException} for a source that cannot be read at all.
   */
  static Found read(DataConfig config, List<Path> sources) {
    SplitReader reader = new SplitReader(config);
    List<Entry> entries = new ArrayList<>();
    for (Path source : sources) {
      if (!Files.exists(source)) {
        throw new FormatException(
            "%s cannot be read (it does not exist); %s names it, and a list of pictures, one a line, or a folder was expected there"
                .formatted(source, config.place(sources)));
      }
      entries.addAll(reader.entries(source));
    }
    return new Found(entries, List.copyOf(reader.faults));
  }

  private List<Entry> entries(Path source) {
    if (TextFile.ending(source).equals("json")) {
      return coco(source);
    }
    if (!Files.isDirectory(source)) {
      return listed(source);
    }
    List<Path> files = PictureList.inFolder(source, PictureList::isPicture);
    List<Path> notes = PictureList.directly(source, PictureList::isXml);
    // Files of VOC beside their pictures are found from these.
    return (files.isEmpty() ? notes : files).parallelStream().map(this::entry).toList();
  }

  private Entry entry(Path file) {
    return PictureList.isXml(file) ? voc(file, Optional.empty()) : picture(file);
  }

  /** What a list names; what is wrong with a line of it is told there. */
  private List<Entry> listed(Path list) {
    Map<Path, Integer> first = new HashMap<>();
    List<Named> named = PictureList.inList(list, config.root());
    named.forEach(one -> first.putIfAbsent(one.file(), one.line()));
    return named.parallelStream()
        .map(one -> {
          Path file = one.file();
          if (!Files.isRegularFile(file)) {
            Fault fault =
                new Fault(
                    FaultKind.PICTURE_MISSING,
                    list,
                    one.line(),
                    "names " + file + ", which does not exist");
            return new Entry(
                new Sample(file, List.of()), Optional.empty(), List.of(), List.of(fault));
          }
          int before = first.getOrDefault(file, one.line());
          return before == one.line()
              ? entry(file)
              : entry(file)
                  .with(
                      List.of(
                          new Fault(
                              FaultKind.LISTED_TWICE,
                              list,
                              one.line(),
                              "names %s again, as line %d does; remove one line"
                                  .formatted(file, before))));
        })
        .toList();
  }

  private Entry picture(Path image) {
    Optional<Path> text = LabelFile.find(image);
    Optional<Path> xml = text.isPresent() ? Optional.empty() : xmlOf(image);
    if (xml.isPresent()) {
      return voc(xml.get(), Optional.of(image));
    }
    if (text.isEmpty()) {
      return new Entry(
          new Sample(image, List.of()), Optional.empty(), List.of(), List.of(unlabelled(image)));
    }
    LabelFile labels = LabelFile.read(text.get(), config.names().size());
    List<Fault> all = new ArrayList<>(labels.faults());
    LabelFile.candidates(image).stream()
        .filter(other -> !other.equals(text.get()) && Files.isRegularFile(other))
        .forEach(other ->
            all.add(
                new Fault(
                    FaultKind.TWO_LABEL_FILES,
                    other,
                    0,
                    "is not read, because %s goes before it; remove one".formatted(text.get()))));
    return new Entry(new Sample(image, labels.labels()), text, labels.lines(), all);
  }

  /** Background only where no other file seems to be meant. */
  private Fault unlabelled(Path image) {
    String tried =
        LabelFile.candidates(image).stream().map(Path::toString).collect(Collectors.joining(", "));
    return misnamed
        .of(image)
        .map(file ->
            new Fault(
                FaultKind.LABELS_MISNAMED,
                file,
                0,
                "seems to hold the labels of %s but has another name: rename it to %s"
                    .formatted(image, LabelFile.candidates(image).getFirst().getFileName())))
        .orElseGet(() ->
            new Fault(
                FaultKind.LABELS_MISSING,
                image,
                0,
                "has no label file (looked for %s): taken as background; make an empty one if it is"
                    .formatted(tried)));
  }

  // Pascal VOC

  private static Optional<Path> xmlOf(Path image) {
    Path whole = image.toAbsolutePath();
    String name = TextFile.stem(image) + ".xml";
    Path folder = whole.getParent();
    Path above = folder == null ? null : folder.getParent();
    List<Path> places = new ArrayList<>();
    for (String annotations : List.of("Annotations", "annotations")) {
      if (above != null) {
        places.add(above.resolve(annotations).resolve(name));
        if (above.getParent() != null && folder != null) {
          // images/train/a.jpg and annotations/train/a.xml
          places.add(above.resolveSibling(annotations).resolve(folder.getFileName()).resolve(name));
        }
      }
    }
    places.add(whole.resolveSibling(name));
    return places.stream().filter(Files::isRegularFile).findFirst();
  }

  private Entry voc(Path xml, Optional<Path> known) {
    VocFile content;
    try {
      content = VocFile.read(xml);
    } catch (FormatException e) {
      Path image = known.orElseGet(() -> pictureOf(xml, ""));
      return broken(new Sample(image, List.of()), xml, e);
    }
    Path image = known.orElseGet(() -> pictureOf(xml, content.fileName()));
    PixelBoxes boxes =
        new PixelBoxes(xml, 0, image, content.width(), content.height(), PictureHeader.find(image));
    if (content.objects().isEmpty()) {
      boxes.fault(FaultKind.LABELS_EMPTY, 0, "has no <object>: the picture is background");
    }
    for (VocObject object : content.objects()) {
      int index = config.names().indexOf(object.name());
      if (index < 0) {
        boxes.fault(
            FaultKind.CLASS_UNKNOWN,
            object.line(),
            "object '%s' is of no class of the data set, whose classes are %s"
                .formatted(TextFile.shown(object.name()), TextFile.few(config.names())));
        continue;
      }
      double[] edges = object.edges().stream().mapToDouble(SplitReader::number).toArray();
      boxes.add(
          object.line(),
          "object '" + TextFile.shown(object.name()) + "'",
          index,
          edges,
          Double.NaN,
          object.difficult());
    }
    return boxes.entry();
  }

  private static Entry broken(Sample sample, Path source, FormatException e) {
    String told = String.valueOf(e.getMessage());
    int line = 0;
    String rest = told.startsWith(source + ":") ? told.substring((source + ":").length()) : told;
    int colon = rest.indexOf(':');
    if (colon > 0 && rest.substring(0, colon).matches("[0-9]{1,9}")) {
      line = Integer.parseInt(rest.substring(0, colon));
      rest = rest.substring(colon + 1);
    }
    Fault fault = new Fault(FaultKind.LABELS_UNREADABLE, source, line, rest.strip());
    return new Entry(sample, Optional.of(source), List.of(), List.of(fault));
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException _) {
      return Double.NaN; // told as an edge that is no number
    }
  }

  /** The picture of a file of VOC: by the stated name, or by its own, in the usual folders. */
  private static Path pictureOf(Path xml, String stated) {
    Path folder = TextFile.folder(xml);
    Path above = folder.getParent() == null ? folder : folder.getParent();
    List<Path> folders =
        List.of(folder, above.resolve("JPEGImages"), above.resolve("images"), above);
    String name = stated.replace('\\', '/');
    name = TextFile.path(xml, name.substring(name.lastIndexOf('/') + 1)).toString();
    Set<String> names = new LinkedHashSet<>();
    if (!name.isEmpty()) {
      names.add(name);
    }
    String stem = TextFile.stem(xml);
    Stream.of(".jpg", ".jpeg", ".png", ".JPG", ".bmp", ".webp").forEach(e -> names.add(stem + e));
    for (String candidate : names) {
      for (Path place : folders) {
        Path file = place.resolve(candidate).normalize();
        if (Files.isRegularFile(file)) {
          return file;
        }
      }
    }
    return folders.get(1).resolve(names.iterator().next()).normalize();
  }

  // COCO

  private List<Entry> coco(Path json) {
    CocoFile content = CocoFile.read(json);
    Map<Long, List<CocoBox>> boxes = new HashMap<>();
    content.boxes().forEach(b -> boxes.computeIfAbsent(b.picture(), _ -> new ArrayList<>()).add(b));
    List<Integer> ids = List.copyOf(content.categories().keySet());
    Map<Integer, Integer> classes = new HashMap<>();
    for (int id : ids) {
      classes.put(id, config.names().indexOf(content.categories().get(id)));
    }
    Set<Long> seen = new LinkedHashSet<>();
    for (CocoPicture picture : content.pictures()) {
      if (!seen.add(picture.id())) {
        faults.add(
            new Fault(
                FaultKind.DESCRIPTION,
                json,
                picture.line(),
                "picture id %d is taken already; each picture has an id of its own"
                    .formatted(picture.id())));
      }
    }
    for (CocoBox box : content.boxes()) {
      if (!seen.contains(box.picture())) {
        faults.add(
            new Fault(
                FaultKind.LABEL_WITHOUT_PICTURE,
                json,
                box.line(),
                "annotation %d belongs to picture %d, which is not in the list"
                    .formatted(box.id(), box.picture())));
      }
    }
    List<Path> folders = folders(json, content);
    return content.pictures().parallelStream()
        .map(p -> entry(json, p, boxes.getOrDefault(p.id(), List.of()), classes, folders))
        .toList();
  }

  private static Entry entry(
      Path json,
      CocoPicture picture,
      List<CocoBox> boxes,
      Map<Integer, Integer> classes,
      List<Path> folders) {
    Path image = locate(TextFile.path(json, picture.fileName().replace('\\', '/')), folders);
    PixelBoxes all =
        new PixelBoxes(
            json,
            picture.line(),
            image,
            picture.width(),
            picture.height(),
            PictureHeader.find(image));
    for (CocoBox box : boxes) {
      int index = classes.getOrDefault(box.category(), -1);
      String who = "annotation " + box.id();
      if (index < 0) {
        all.fault(
            FaultKind.CLASS_UNKNOWN,
            box.line(),
            "%s has category %d, which is no class of the data set (ids %s)"
                .formatted(who, box.category(), TextFile.few(new TreeSet<>(classes.keySet()))));
      } else {
        all.add(box.line(), who, index, box.edges(), box.area(), box.crowd());
      }
    }
    return all.entry();
  }

  private static Path locate(Path name, List<Path> folders) {
    for (Path folder : folders) {
      Path file = folder.resolve(name).normalize();
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    return folders.getFirst().resolve(name).normalize();
  }

  /** Where pictures of a COCO file may lie, the folder that has the first one first. */
  private static List<Path> folders(Path json, CocoFile content) {
    Path folder = TextFile.folder(json);
    Path above = folder.getParent() == null ? folder : folder.getParent();
    String split = TextFile.stem(json).replaceFirst("^.*_", ""); // instances_train2017
    List<Path> folders =
        new ArrayList<>(
            List.of(
                folder,
                above.resolve(split),
                above.resolve("images").resolve(split),
                above.resolve("images"),
                folder.resolve("images"),
                folder.resolve("images").resolve(split),
                above));
    Path first = TextFile.path(json, content.pictures().getFirst().fileName().replace('\\', '/'));
    folders.stream()
        .filter(place -> Files.isRegularFile(place.resolve(first)))
        .findFirst()
        .ifPresent(place -> {
          folders.remove(place);
          folders.addFirst(place);
        });
    return List.copyOf(folders);
  }
}
