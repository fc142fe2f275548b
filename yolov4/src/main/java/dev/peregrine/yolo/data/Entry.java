package dev.peregrine.yolo.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A picture of a split as it was found, sound or not.
 *
 * @param sample the picture and those of its labels that could be read
 * @param source the file that its labels come from; empty when there is none
 * @param lines for each label of the sample, its line in that file
 * @param faults all that is wrong with it, of every severity
 */
public record Entry(Sample sample, Optional<Path> source, List<Integer> lines, List<Fault> faults) {
  /**
   * Keeps unchangeable copies.
   *
   * @param sample the picture and its labels
   * @param source the file that its labels come from
   * @param lines the labels' lines
   * @param faults all that is wrong
   */
  public Entry {
    lines = List.copyOf(lines);
    faults = List.copyOf(faults);
  }

  /**
   * Whether training may use it.
   *
   * @return false when one of the faults is an error
   */
  public boolean sound() {
    return faults.stream().noneMatch(Fault::isError);
  }

  /** The same entry with further faults. */
  Entry with(List<Fault> more) {
    if (more.isEmpty()) {
      return this;
    }
    List<Fault> all = new java.util.ArrayList<>(faults);
    all.addAll(more);
    return new Entry(sample, source, lines, all);
  }
}
