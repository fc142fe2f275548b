package dev.peregrine.yolo.yaml;

import java.util.List;

/** The order in which PyTorch's modules were registered, which is that of a state dict. */
final class ModuleOrder {
  /** Children and tensors of all modules; a block's own normalisation comes before its cv7. */
  private static final List<String> NAMES =
      List.of(
          "conv",
          "cv1",
          "cv2",
          "cv3",
          "cv4",
          "cv5",
          "cv6",
          "bn",
          "cv7",
          "m",
          "weight",
          "gamma",
          "bias",
          "beta",
          "mean",
          "variance");

  private ModuleOrder() {}

  static int compare(String a, String b) {
    String[] left = a.split("\\.", -1);
    String[] right = b.split("\\.", -1);
    for (int i = 0; i < Math.min(left.length, right.length); i++) {
      int order = Integer.compare(rank(left[i]), rank(right[i]));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(left.length, right.length);
  }

  private static int rank(String word) {
    return Character.isDigit(word.charAt(0)) ? Integer.parseInt(word) : NAMES.indexOf(word);
  }
}
