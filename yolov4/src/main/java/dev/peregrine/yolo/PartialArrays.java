package dev.peregrine.yolo;

import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a file has for a network that it does not wholly fit: arrays of the same name and shape are
 * taken, all others stay as the network has them. So a backbone is taken over, or all but the heads
 * of a network with other classes.
 */
final class PartialArrays {
  private final Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
  private long taken;
  private long all;

  /**
   * Chooses for each array of a network.
   *
   * <p><b>Errors</b> {@link FormatException} where nothing fits.
   *
   * @param where the file, for errors
   * @param model the network's name, for errors
   * @param own the network's arrays
   * @param file those of the file
   */
  PartialArrays(
      String where,
      String model,
      Map<String, Safetensors.Array> own,
      Map<String, Safetensors.Array> file) {
    own.forEach((name, array) -> {
      Safetensors.Array other = file.get(name);
      boolean isWeight = array.isFloating() && !name.contains(".anchor");
      boolean fits =
          isWeight
              && other != null
              && Arrays.equals(array.shape(), other.shape())
              && other.isFloating();
      arrays.put(name, fits && other != null ? other : array);
      if (isWeight) {
        all += size(array);
        taken += fits ? size(array) : 0;
      }
    });
    if (taken == 0) {
      throw new FormatException(
          "%s: no array of %s is there under its name and shape, so nothing can be taken: another network, or names of another program"
              .formatted(where, model));
    }
  }

  private static long size(Safetensors.Array array) {
    return Arrays.stream(array.shape()).asLongStream().reduce(1, (a, b) -> a * b);
  }

  /** The arrays that were chosen, under the network's names. */
  Map<String, Safetensors.Array> arrays() {
    return arrays;
  }

  /** How many numbers came from the file. */
  WeightFiles.Loaded loaded() {
    return new WeightFiles.Loaded(taken, all);
  }
}
