package dev.peregrine.yolo.data.check;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.Entry;
import dev.peregrine.yolo.data.Fault;
import dev.peregrine.yolo.data.FaultKind;
import dev.peregrine.yolo.data.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds pictures that are there more than once, by their content and not by their names. */
public final class Copies {
  private Copies() {}

  /**
   * Finds the pictures of one split that another has too, byte for byte or as the same file.
   *
   * <p><b>Cost</b> only files of equal length are read, so this suits the start of a training.
   *
   * @param first the split to learn from
   * @param firstName what it is called
   * @param second the split to measure on
   * @param secondName what it is called
   * @return a fault for each picture of the second that the first has
   */
  public static List<Fault> leaked(
      DataScan first, Split firstName, DataScan second, Split secondName) {
    Map<Long, List<Path>> bySize = new HashMap<>();
    for (Path image : images(first)) {
      bySize.computeIfAbsent(size(image), _ -> new ArrayList<>()).add(image);
    }
    List<Fault> faults = new ArrayList<>();
    for (Path image : images(second)) {
      for (Path other : bySize.getOrDefault(size(image), List.of())) {
        if (same(image, other)) {
          faults.add(leak(image, secondName, other, firstName));
          break;
        }
      }
    }
    return faults;
  }

  /** The fault of a picture that two splits have. */
  static Fault leak(Path image, Split split, Path other, Split otherSplit) {
    return new Fault(
        FaultKind.LEAKED,
        image,
        0,
        "the picture of '%s' is in '%s' too, as %s: what was learned by heart would be measured; remove one"
            .formatted(split, otherSplit, other));
  }

  private static List<Path> images(DataScan scan) {
    return scan.entries().stream()
        .filter(Entry::sound)
        .map(entry -> entry.sample().image())
        .distinct()
        .toList();
  }

  private static long size(Path image) {
    try {
      return Files.size(image);
    } catch (IOException e) {
      throw new FormatException("%s cannot be read (%s)".formatted(image, e), e);
    }
  }

  private static boolean same(Path a, Path b) {
    try {
      return a.equals(b) || Files.mismatch(a, b) < 0;
    } catch (IOException e) {
      throw new FormatException("%s cannot be compared with %s (%s)".formatted(a, b, e), e);
    }
  }

  /** Copies within one split. */
  static List<Fault> within(List<Entry> entries, Map<Path, PictureLook> looks) {
    List<Fault> faults = new ArrayList<>();
    Set<Path> seen = new HashSet<>();
    Map<String, Entry> byDigest = new HashMap<>();
    for (Entry entry : entries) {
      Path image = entry.sample().image();
      if (!seen.add(image)) {
        if (entry.faults().stream().noneMatch(f -> f.kind() == FaultKind.LISTED_TWICE)) {
          faults.add(
              new Fault(
                  FaultKind.LISTED_TWICE,
                  image,
                  0,
                  "is named by two sources of one split; remove one"));
        }
        continue;
      }
      PictureLook look = looks.get(image);
      if (look == null || look.digest().isEmpty()) {
        continue;
      }
      Entry first = byDigest.putIfAbsent(look.digest(), entry);
      if (first != null) {
        boolean labels = first.sample().labels().equals(entry.sample().labels());
        faults.add(
            new Fault(
                FaultKind.SAME_PICTURE,
                image,
                0,
                "has the same pixels as %s%s; remove one"
                    .formatted(first.sample().image(), labels ? "" : ", and their labels differ")));
      }
    }
    return faults;
  }

  /** Copies between two splits, by pixels and by likeness. */
  static List<Fault> between(
      List<Entry> first,
      Split firstName,
      List<Entry> second,
      Split secondName,
      Map<Path, PictureLook> looks) {
    Map<String, Path> byDigest = new HashMap<>();
    List<PictureLook> known = new ArrayList<>();
    for (Entry entry : first) {
      PictureLook look = looks.get(entry.sample().image());
      if (look != null && !look.digest().isEmpty()) {
        byDigest.putIfAbsent(look.digest(), look.image());
        known.add(look);
      }
    }
    List<Fault> faults = new ArrayList<>();
    for (Path image : second.stream().map(entry -> entry.sample().image()).distinct().toList()) {
      PictureLook look = looks.get(image);
      if (look == null || look.digest().isEmpty()) {
        continue;
      }
      Path same = byDigest.get(look.digest());
      if (same != null) {
        faults.add(leak(image, secondName, same, firstName));
        continue;
      }
      for (PictureLook other : known) {
        if (look.alike(other)) {
          faults.add(
              new Fault(
                  FaultKind.ALIKE,
                  image,
                  0,
                  "of '%s' looks like %s of '%s' in another encoding or size; remove one if it is"
                      .formatted(secondName, other.image(), firstName)));
          break;
        }
      }
    }
    return faults;
  }
}
