package dev.peregrine.yolo.serve;

import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.plot.Palette;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** {@code GET /model}: what the page, or any client, wants to know of the network. */
final class ModelCard {
  private ModelCard() {}

  /** The card as it is sent. */
  static Answer answer(Detector detector, ServerSettings.Limits limits) {
    Detector.Settings settings = detector.settings();
    List<Map<String, Object>> classes = new ArrayList<>();
    for (int i = 0; i < detector.names().size(); i++) {
      Color colour = Palette.of(i);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", detector.names().get(i));
      one.put("color", hex(colour));
      one.put("text", hex(Palette.textOn(colour)));
      classes.add(one);
    }
    Map<String, Object> card = new LinkedHashMap<>();
    card.put("model", detector.model().name());
    card.put("input", List.of(settings.size().height(), settings.size().width()));
    card.put("conf", (double) Math.round(settings.confidence() * 1e6) / 1e6);
    card.put("iou", settings.suppression().threshold());
    card.put("max_bytes", limits.bytes());
    card.put("max_pixels", limits.pixels());
    card.put("classes", classes);
    return Answer.json(200, JsonMapper.shared().writeValueAsString(card) + "\n");
  }

  private static String hex(Color colour) {
    return String.format(Locale.ROOT, "#%06x", colour.getRGB() & 0xffffff);
  }
}
