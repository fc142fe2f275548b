package dev.peregrine.nn;

import dev.peregrine.tensor.FormatException;
import java.util.List;

/**
 * Chooses layers that training leaves as they are: weights, and the running statistics of their
 * normalisation too, by which they normalise then.
 */
public final class Freezing {
  private Freezing() {}

  /**
   * Freezes the first layers of a network, or those whose paths begin in one of several ways.
   *
   * <p><b>Errors</b> {@link FormatException} for a beginning that no path has, and where nothing is
   * left to learn.
   *
   * @param params the network's numbers, which exist already
   * @param choice a number of layers, or beginnings of paths with commas between them, such as
   *     {@code backbone.,neck.up}
   * @return how many arrays are frozen now
   */
  public static int apply(Params params, String choice) {
    String text = choice.strip();
    if (text.matches("[0-9]{1,9}")) {
      first(params, Integer.parseInt(text));
    } else {
      for (String start : text.split(",", -1)) {
        String beginning = start.strip();
        if (beginning.isEmpty()
            || params.entries().stream().noneMatch(e -> e.path().startsWith(beginning))) {
          throw new FormatException(
              "freeze: no array's path begins with '"
                  + beginning
                  + "'; they are such as "
                  + params.entries().getFirst().path()
                  + " and "
                  + params.entries().getLast().path());
        }
        params.freeze(beginning, true);
      }
    }
    if (params.entries().stream().noneMatch(Params.Entry::isTrained)) {
      throw new FormatException(
          "freeze: '" + text + "' freezes every layer, so nothing would be learned; name fewer");
    }
    return (int) params.entries().stream().filter(Params.Entry::frozen).count();
  }

  private static void first(Params params, int count) {
    List<String> rooms =
        params.entries().stream()
            .map(entry -> entry.path().substring(0, entry.path().lastIndexOf('.') + 1))
            .distinct()
            .toList();
    for (String room : rooms.subList(0, Math.min(count, rooms.size()))) {
      params.freeze(room, true);
    }
  }
}
