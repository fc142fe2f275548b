package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The names of classes: of well-known data sets, or from a file. */
public final class ClassNames {
  private static final List<String> VOC =
      List.of(
          ("aeroplane,bicycle,bird,boat,bottle,bus,car,cat,chair,cow,diningtable,dog,horse,motorbike,person,"
               + "pottedplant,sheep,sofa,train,tvmonitor")
              .split(","));
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
              .split(","));

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
   * Reads a file of names, one a line; empty lines at the end do not count.
   *
   * <p><b>Errors</b> {@link FormatException} if the file cannot be read or is empty.
   *
   * @param file the file
   * @return the names by class index
   */
  public static List<String> read(Path file) {
    try {
      List<String> names =
          new ArrayList<>(Files.readAllLines(file).stream().map(String::strip).toList());
      while (!names.isEmpty() && names.get(names.size() - 1).isEmpty()) {
        names.remove(names.size() - 1);
      }
      if (names.isEmpty()) {
        throw new FormatException(file + ": has no class names; write one name a line");
      }
      return List.copyOf(names);
    } catch (IOException failure) {
      throw new FormatException(file + ": class names cannot be read: " + failure, failure);
    }
  }
}
