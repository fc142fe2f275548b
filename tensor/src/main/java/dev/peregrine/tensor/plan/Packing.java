package dev.peregrine.tensor.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives pieces of memory offsets such that no two that are alive at the same time overlap.
 *
 * <p>Each piece goes into the smallest gap that fits among those placed before it. Three orders are
 * tried (largest first, longest alive first, oldest first) and the smallest arena is taken: none of
 * them is the best for all networks, and all together take milliseconds.
 */
final class Packing {
  private static final List<Comparator<Lifetime>> ORDERS =
      List.of(
          Comparator.comparingLong(life -> -life.elements),
          Comparator.comparingLong(life -> -life.elements * (life.last - life.first + 1L)),
          Comparator.comparingInt(life -> life.first));

  private record Place(Lifetime lifetime, long offset) {
    long end() {
      return offset + lifetime.elements;
    }
  }

  private Packing() {}

  /**
   * Packs the pieces of one arena.
   *
   * @param lifetimes the pieces
   * @param alignment what every offset is a multiple of
   * @param offsets where the results are put
   * @return the size of the arena
   */
  static long pack(List<Lifetime> lifetimes, int alignment, Map<Lifetime, Long> offsets) {
    long smallest = Long.MAX_VALUE;
    Map<Lifetime, Long> best = new HashMap<>();
    for (Comparator<Lifetime> order : ORDERS) {
      Map<Lifetime, Long> tried = new HashMap<>();
      long size = pack(lifetimes.stream().sorted(order).toList(), tried, alignment);
      if (size < smallest) {
        smallest = size;
        best = tried;
      }
    }
    offsets.putAll(best);
    return smallest;
  }

  private static long pack(List<Lifetime> sorted, Map<Lifetime, Long> offsets, int alignment) {
    List<Place> placed = new ArrayList<>();
    long size = 0;
    for (Lifetime lifetime : sorted) {
      long offset = bestGap(lifetime, placed, alignment);
      int position = 0;
      while (position < placed.size() && placed.get(position).offset() <= offset) {
        position++;
      }
      placed.add(position, new Place(lifetime, offset));
      offsets.put(lifetime, offset);
      size = Math.max(size, offset + lifetime.elements);
    }
    return size;
  }

  /** Finds the smallest gap that fits; the places are in ascending order of offset. */
  private static long bestGap(Lifetime lifetime, List<Place> placed, int alignment) {
    long best = -1;
    long smallest = Long.MAX_VALUE;
    long free = 0;
    for (Place place : placed) {
      if (!place.lifetime().overlaps(lifetime)) {
        continue;
      }
      long gap = place.offset() - free;
      if (gap >= lifetime.elements && gap < smallest) {
        smallest = gap;
        best = free;
      }
      free = Math.max(free, align(place.end(), alignment));
    }
    return best >= 0 ? best : free;
  }

  private static long align(long offset, int alignment) {
    return (offset + alignment - 1) / alignment * alignment;
  }
}
