package dev.peregrine.yolo.data.check;

import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.Fault;
import dev.peregrine.yolo.data.FaultKind;
import dev.peregrine.yolo.data.FaultKind.Severity;
import dev.peregrine.yolo.data.Split;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a check of a data set found.
 *
 * @param config what was checked
 * @param scans what each split holds
 * @param faults everything that is wrong, or at least worth telling
 */
public record DataReport(DataConfig config, Map<Split, DataScan> scans, List<Fault> faults) {
  /**
   * Keeps unchangeable copies.
   *
   * @param config what was checked
   * @param scans what each split holds
   * @param faults everything that is wrong
   */
  public DataReport {
    Map<Split, DataScan> ordered = new EnumMap<>(Split.class);
    ordered.putAll(scans);
    scans = java.util.Collections.unmodifiableMap(ordered);
    faults = List.copyOf(faults);
  }

  /**
   * The faults by kind, errors first.
   *
   * @return kinds that occur, each with its faults
   */
  public Map<FaultKind, List<Fault>> byKind() {
    Map<FaultKind, List<Fault>> kinds = new EnumMap<>(FaultKind.class);
    faults.forEach(f -> kinds.computeIfAbsent(f.kind(), _ -> new ArrayList<>()).add(f));
    return kinds;
  }

  /**
   * How many faults are of a severity.
   *
   * @param severity which
   * @return their number
   */
  public long count(Severity severity) {
    return faults.stream().filter(fault -> fault.kind().severity() == severity).count();
  }

  /**
   * The report for people: each split, then each kind of fault with its places, what is done about
   * it, and a sum.
   *
   * @param most faults of one kind that are listed
   * @return lines
   */
  public List<String> toLines(int most) {
    List<String> lines = new ArrayList<>();
    scans.forEach((split, scan) -> lines.add(split + ": " + scan));
    for (Map.Entry<FaultKind, List<Fault>> entry : byKind().entrySet()) {
      FaultKind kind = entry.getKey();
      List<Fault> these = entry.getValue();
      lines.add(
          String.format(
              Locale.ROOT,
              "%-8s%s (%,d): %s",
              kind.severity().name().toLowerCase(Locale.ROOT),
              kind.title(),
              these.size(),
              kind.outcome()));
      these.stream().limit(most).forEach(fault -> lines.add("  " + fault));
      if (these.size() > most) {
        lines.add("  ... and %,d more".formatted(these.size() - most));
      }
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "%,d errors, %,d warnings, %,d notes",
            count(Severity.ERROR),
            count(Severity.WARNING),
            count(Severity.NOTE)));
    return lines;
  }
}
