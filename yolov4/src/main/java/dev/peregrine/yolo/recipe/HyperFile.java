package dev.peregrine.yolo.recipe;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import dev.peregrine.yolo.data.YamlMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A file of hyper-parameters: a line {@code name: number} for each, as the PyTorch programs have
 * them and as a search for better ones leaves it.
 *
 * @param values numbers by the names that they have here
 * @param ignored names of numbers that PyTorch's programs write and that mean nothing here
 */
public record HyperFile(Map<String, String> values, List<String> ignored) {
  /** Names that are written otherwise here. */
  private static final Map<String, String> OTHER_NAMES = Map.of("giou", "box");

  /**
   * Not used by the programs themselves ({@code iou_t}, {@code anchors}), or a matter of {@code
   * warmup=}, which counts mini-batches.
   */
  private static final Set<String> WITHOUT_MEANING =
      Set.of("iou_t", "anchors", "warmup_epochs", "warmup_bias_lr");

  /** Copies both. */
  public HyperFile {
    values = Map.copyOf(values);
    ignored = List.copyOf(ignored);
  }

  /**
   * Reads a file.
   *
   * <p><b>Errors</b> {@link FormatException} where it is missing, no flat YAML, or names a number
   * that no recipe has.
   *
   * @param file such as {@code hyp.scratch.yaml}
   * @return its numbers
   */
  public static HyperFile read(Path file) {
    Set<String> known = known();
    Map<String, String> values = new LinkedHashMap<>();
    List<String> ignored = new ArrayList<>();
    YamlMap.read(file, "hyper-parameters such as 'lr0: 0.01'")
        .forEach((name, value) -> {
          String key = OTHER_NAMES.getOrDefault(String.valueOf(name), String.valueOf(name));
          if (WITHOUT_MEANING.contains(key)) {
            ignored.add(key);
          } else if (!known.contains(key)) {
            throw new FormatException(
                "%s: no recipe has a number '%s'; there are %s"
                    .formatted(file, name, String.join(", ", known)));
          } else if (!(value instanceof Number)) {
            throw new FormatException(
                "%s: %s must be a number, but is '%s'".formatted(file, name, value));
          } else {
            values.put(key, value.toString());
          }
        });
    return new HyperFile(values, ignored);
  }

  private static Set<String> known() {
    Set<String> names = new TreeSet<>();
    for (Hyper hyper : Hyper.values()) {
      names.add(hyper.key());
    }
    for (List<Setting> table :
        List.of(TorchSettings.SETTINGS, DarknetSettings.SETTINGS, Effects.SETTINGS)) {
      table.forEach(row -> names.add(row.key()));
    }
    return names;
  }
}
