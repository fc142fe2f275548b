package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** The names of classes: of well-known data sets, or from a file. */
public final class ClassNames {
  /** How many classes a description may have without naming them. */
  static final int MOST = 1 << 16;

  private static final List<String> VOC =
      List.of(
          ("aeroplane,bicycle,bird,boat,bottle,bus,car,cat,chair,cow,diningtable,dog,horse,motorbike,person,"
               + "pottedplant,sheep,sofa,train,tvmonitor")
              .split(",", -1));
  private static final List<String> COCO =
      List.of(
          ("person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire"
               + " hydrant,stop sign,parking"
               + " meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports"
               + " ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis"
               + " racket,bottle,wine"
               + " glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot"
               + " dog,pizza,donut,cake,chair,couch,potted plant,bed,dining"
               + " table,toilet,tv,laptop,mouse,remote,keyboard,cell"
               + " phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy"
               + " bear,hair drier,toothbrush")
              .split(",", -1));

  private ClassNames() {}

  /**
   * Names the classes of a model that came without names.
   *
   * @param classes how many
   * @return COCO's names for 80, Pascal VOC's for 20, else {@code class 0} and so on
   */
  public static List<String> defaults(int classes) {
    if (classes == COCO.size()) {
      return COCO;
    }
    if (classes == VOC.size()) {
      return VOC;
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      names.add("class " + i);
    }
    return List.copyOf(names);
  }

  /**
   * Reads a names file. Blank lines at the end are ignored.
   *
   * <p><b>Errors</b> {@link FormatException} when the file cannot be read, names nothing, or has a
   * blank line between names (which would shift the classes after it).
   *
   * <p><b>Cost</b> at most 100 bytes for each of the file.
   *
   * @param file one name a line
   * @return the names by class index
   */
  public static List<String> read(Path file) {
    List<String> lines;
    try {
      lines = TextFile.lines(file);
    } catch (IOException e) {
      throw new FormatException(
          "%s cannot be read (%s); class names were expected there, one a line"
              .formatted(file, TextFile.reason(e)),
          e);
    }
    List<String> names = new ArrayList<>(lines.stream().map(String::strip).toList());
    while (!names.isEmpty() && names.getLast().isEmpty()) {
      names.removeLast();
    }
    if (names.isEmpty()) {
      throw new FormatException(file + " is empty; class names were expected there, one a line");
    }
    int blank = names.indexOf("");
    if (blank >= 0) {
      throw new FormatException(
          "%s:%d: a blank line between class names would shift the classes after it; remove it"
              .formatted(file, blank + 1));
    }
    return List.copyOf(names);
  }

  /** Tells of names that stand for more than one class. */
  static void tellRepeated(Path file, List<String> names, Consumer<Fault> faults) {
    for (int i = 0; i < names.size(); i++) {
      int first = names.indexOf(names.get(i));
      if (first < i) {
        faults.accept(
            new Fault(
                FaultKind.SAME_NAME,
                file,
                0,
                "classes %d and %d are both named '%s'; give each a name of its own"
                    .formatted(first, i, names.get(i))));
      }
    }
  }

  /** The names of Pascal VOC where they cover what was found, else what was found, sorted. */
  static List<String> ofFound(Collection<String> found) {
    return VOC.containsAll(found) ? VOC : found.stream().sorted().distinct().toList();
  }
}
