package dev.peregrine.yolo;

import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Picture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was found in a picture, in the form that JSON files and the server's answers have. */
public final class DetectionJson {
  private DetectionJson() {}

  /**
   * One picture.
   *
   * <p><b>Units</b> boxes are {@code [x1, y1, x2, y2]} in pixels of the upright picture.
   *
   * @param image what the picture is called
   * @param picture its extents are told
   * @param detections highest score first
   * @return maps, lists, texts and numbers, in the order in which they are written
   */
  public static Map<String, Object> of(String image, Picture picture, List<Detection> detections) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Detection d : detections) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("class", d.classIndex());
      one.put("name", d.name());
      one.put("score", d.score());
      one.put("box", List.of(d.box().x1(), d.box().y1(), d.box().x2(), d.box().y2()));
      list.add(one);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("image", image);
    all.put("width", picture.width());
    all.put("height", picture.height());
    all.put("detections", list);
    return all;
  }
}
