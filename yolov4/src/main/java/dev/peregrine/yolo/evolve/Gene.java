package dev.peregrine.yolo.evolve;

import java.util.List;

/**
 * A number that is bred.
 *
 * @param name of the hyper-parameter
 * @param gain how strongly it is changed; 0 leaves it as it is
 * @param low the least value it may take
 * @param high the greatest value it may take
 */
public record Gene(String name, double gain, double low, double high) {
  /** Checks the limits. */
  public Gene {
    if (name.isBlank() || !(gain >= 0) || !(low <= high)) {
      throw new IllegalArgumentException(
          "a gene needs a name, a gain of 0 or more and limits in order, got '%s', %s, %s and %s"
              .formatted(name, gain, low, high));
    }
  }

  /**
   * The hyper-parameters of family P that are bred, under its own names, but for {@code box}, which
   * it calls {@code giou}.
   *
   * <p><b>Source</b> ScaledYOLOv4 {@code train.py}.
   *
   * @return genes in the order of its tables
   */
  public static List<Gene> scaled() {
    return List.of(
        new Gene("lr0", 1, 1e-5, 0.1),
        new Gene("momentum", 0.1, 0.6, 0.98),
        new Gene("weight_decay", 1, 0, 0.001),
        new Gene("box", 1, 0.02, 0.2),
        new Gene("cls", 1, 0.2, 4),
        new Gene("cls_pw", 1, 0.5, 2),
        new Gene("obj", 1, 0.2, 4),
        new Gene("obj_pw", 1, 0.5, 2),
        new Gene("iou_t", 0, 0.1, 0.7),
        new Gene("anchor_t", 1, 2, 8),
        new Gene("fl_gamma", 0, 0, 2),
        new Gene("hsv_h", 1, 0, 0.1),
        new Gene("hsv_s", 1, 0, 0.9),
        new Gene("hsv_v", 1, 0, 0.9),
        new Gene("degrees", 1, 0, 45),
        new Gene("translate", 1, 0, 0.9),
        new Gene("scale", 1, 0, 0.9),
        new Gene("shear", 1, 0, 10),
        new Gene("perspective", 1, 0, 0.001),
        new Gene("flipud", 0, 0, 1),
        new Gene("fliplr", 1, 0, 1),
        new Gene("mixup", 1, 0, 1));
  }

  /**
   * The hyper-parameters of family D that are bred, in the manner of the other family's.
   *
   * @return genes
   */
  public static List<Gene> darknet() {
    return List.of(
        new Gene("lr0", 1, 1e-5, 0.1),
        new Gene("momentum", 0.1, 0.6, 0.98),
        new Gene("weight_decay", 1, 0, 0.001),
        new Gene("jitter", 1, 0, 0.45),
        new Gene("hue", 1, 0, 0.5),
        new Gene("saturation", 0.3, 1, 3),
        new Gene("exposure", 0.3, 1, 3),
        new Gene("mosaic", 1, 0, 1));
  }
}
