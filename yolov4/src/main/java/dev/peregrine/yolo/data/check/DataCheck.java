package dev.peregrine.yolo.data.check;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.Entry;
import dev.peregrine.yolo.data.Fault;
import dev.peregrine.yolo.data.FaultKind;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Finds everything that is wrong with a data set, each fault with its place.
 *
 * <p>All labels are read and all pictures decoded; nothing is changed.
 */
public final class DataCheck {
  private static final Split[] SPLITS = Split.values();

  private final Optional<AnchorRule> anchors;
  private final Progress progress;
  private final List<Fault> faults = new ArrayList<>();

  /** Is told how far a check is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Some pictures were looked at; called from many threads.
     *
     * @param done how many so far
     * @param total of how many
     */
    void at(int done, int total);
  }

  private DataCheck(Optional<AnchorRule> anchors, Progress progress) {
    this.anchors = anchors;
    this.progress = progress;
  }

  /**
   * Checks a data set.
   *
   * <p><b>Errors</b> {@link FormatException} when there is no data set at the place, or its
   * description cannot be read at all; everything else becomes a fault.
   *
   * @param place a description, a file or a folder; see {@link DataConfig#read(Path)}
   * @param anchors which boxes a network can learn; empty leaves that question out
   * @param progress is told after each picture
   * @return what was found
   */
  public static DataReport run(Path place, Optional<AnchorRule> anchors, Progress progress) {
    return new DataCheck(anchors, progress).run(place);
  }

  private DataReport run(Path place) {
    DataConfig config = DataConfig.read(place, faults::add);
    Map<Split, DataScan> scans = new EnumMap<>(Split.class);
    for (Split split : SPLITS) {
      if (config.sources().containsKey(split)) {
        try {
          scans.put(split, DataScan.of(config, split, false));
        } catch (FormatException e) {
          faults.add(
              new Fault(FaultKind.DESCRIPTION, config.file(), 0, split + ": " + e.getMessage()));
        }
      }
    }
    scans.values().forEach(scan -> faults.addAll(scan.all()));
    classes(config, scans);
    List<Entry> all = scans.values().stream().flatMap(scan -> scan.entries().stream()).toList();
    sharedLabels(all);
    faults.addAll(new StrayFiles(config, all).faults());
    Map<Path, PictureLook> looks = look(all);
    looks.values().forEach(look -> faults.addAll(look.faults()));
    copies(config, scans, looks);
    anchors.ifPresent(rule -> boxes(all, looks, rule));
    return new DataReport(config, scans, distinct());
  }

  /** A picture of two splits, or one that was looked at twice, is told once. */
  private List<Fault> distinct() {
    Map<String, Fault> byText = new LinkedHashMap<>();
    for (Fault fault : faults) {
      boolean picture = fault.kind() == FaultKind.PICTURE_DAMAGED;
      byText.putIfAbsent(picture ? "damaged " + fault.file() : fault.toString(), fault);
    }
    return List.copyOf(byText.values());
  }

  private void classes(DataConfig config, Map<Split, DataScan> scans) {
    long[] counts = new long[config.names().size()];
    scans.values().stream()
        .flatMap(scan -> scan.entries().stream())
        .flatMap(entry -> entry.sample().labels().stream())
        .forEach(label -> counts[label.classIndex()]++);
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] == 0 && !scans.isEmpty()) {
        faults.add(
            new Fault(
                FaultKind.UNUSED_CLASS,
                config.file(),
                0,
                "class %d '%s' has no object in any split; is the number of classes right?"
                    .formatted(c, config.names().get(c))));
      }
    }
    String beyond = "class %d is out of range".formatted(counts.length);
    if (counts.length > 0
        && counts[0] == 0
        && faults.stream().anyMatch(fault -> fault.message().startsWith(beyond))) {
      faults.add(
          new Fault(
              FaultKind.COUNTED_FROM_ONE,
              config.file(),
              0,
              "no label has class 0 but some have class %d: they seem to count from 1; subtract 1 everywhere"
                  .formatted(counts.length)));
    }
  }

  private void sharedLabels(List<Entry> entries) {
    Map<Path, Set<Path>> images = new LinkedHashMap<>();
    for (Entry entry : entries) {
      entry
          .source()
          .filter(source -> !source.toString().endsWith(".json"))
          .ifPresent(source ->
              images
                  .computeIfAbsent(source, _ -> new LinkedHashSet<>())
                  .add(entry.sample().image()));
    }
    images.forEach((source, of) -> {
      if (of.size() > 1) {
        faults.add(
            new Fault(
                FaultKind.SHARED_LABELS,
                source,
                0,
                "holds the labels of %s; pictures need names that differ in more than the ending"
                    .formatted(of.stream().map(Path::toString).collect(Collectors.joining(", ")))));
      }
    });
  }

  private Map<Path, PictureLook> look(List<Entry> entries) {
    List<Path> images =
        entries.stream()
            .map(entry -> entry.sample().image())
            .distinct()
            .filter(Files::isRegularFile)
            .toList();
    AtomicInteger done = new AtomicInteger();
    List<PictureLook> looks =
        images.parallelStream()
            .map(image -> {
              PictureLook look = PictureLook.at(image);
              progress.at(done.incrementAndGet(), images.size());
              return look;
            })
            .toList();
    Map<Path, PictureLook> byImage = new LinkedHashMap<>();
    looks.forEach(look -> byImage.put(look.image(), look));
    return byImage;
  }

  private void copies(DataConfig config, Map<Split, DataScan> scans, Map<Path, PictureLook> looks) {
    for (int i = 0; i < SPLITS.length; i++) {
      DataScan first = scans.get(SPLITS[i]);
      if (first == null) {
        continue;
      }
      faults.addAll(Copies.within(first.entries(), looks));
      for (int j = i + 1; j < SPLITS.length; j++) {
        DataScan second = scans.get(SPLITS[j]);
        if (second == null) {
          continue;
        }
        if (new HashSet<>(config.sources(SPLITS[i]))
            .equals(new HashSet<>(config.sources(SPLITS[j])))) {
          faults.add(
              new Fault(
                  FaultKind.SAME_SPLITS,
                  config.file(),
                  0,
                  "'%s' and '%s' name the same pictures: scores measure memory"
                      .formatted(SPLITS[i], SPLITS[j])));
          continue;
        }
        faults.addAll(
            Copies.between(first.entries(), SPLITS[i], second.entries(), SPLITS[j], looks));
      }
    }
  }

  private void boxes(List<Entry> entries, Map<Path, PictureLook> looks, AnchorRule rule) {
    Map<String, Boolean> told = new HashMap<>();
    for (Entry entry : entries) {
      PictureLook look = looks.get(entry.sample().image());
      if (look == null || look.width() == 0) {
        continue;
      }
      List<Label> labels = entry.sample().labels();
      for (int i = 0; i < labels.size(); i++) {
        int line = entry.lines().get(i);
        Path file = entry.source().orElse(entry.sample().image());
        rule.complaint(labels.get(i), look.width(), look.height())
            .filter(message -> told.put(file + ":" + line + message, true) == null)
            .ifPresent(
                message -> faults.add(new Fault(FaultKind.UNSERVED_BOX, file, line, message)));
      }
    }
  }
}
