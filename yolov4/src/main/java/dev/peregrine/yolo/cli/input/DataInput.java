package dev.peregrine.yolo.cli.input;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Entry;
import dev.peregrine.yolo.data.Fault;
import dev.peregrine.yolo.data.FaultKind;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.data.check.Copies;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The data sets of verbs that train or measure: what is wrong is refused, what is odd is told.
 *
 * @param train what is learned from
 * @param val what is measured on, if any
 */
public record DataInput(DataSet train, Optional<DataSet> val) {
  public static final Key<Path> DATA =
      Key.path(
          "data",
          "the data set: a data.yaml, a darknet .data file, a COCO .json, or a folder that holds"
              + " one of these, VOC's Annotations or YOLO's images and labels");
  public static final Key<Double> FAULTY =
      Key.number("faulty", "0", 0, 1, "part of the pictures that may be faulty: they are left out");

  /**
   * Loads one split.
   *
   * <p><b>Errors</b> {@link FormatException} that lists the faults, when there are more than {@code
   * faulty=} allows.
   */
  public static DataSet load(Call call, Split split) {
    DataConfig config = DataConfig.read(call.get(DATA));
    DataScan scan = DataScan.of(config, split, false);
    scan.requireSound(call.get(FAULTY));
    tell(call, split, scan);
    return scan.dataSet();
  }

  /**
   * Loads what is learned from and what is measured on; see {@link #load(Call, Split)}. A picture
   * of both is a fault too, and so are training pictures of which none has an object.
   */
  public static DataInput forTraining(Call call) {
    DataConfig config = DataConfig.read(call.get(DATA));
    DataScan train = DataScan.of(config, Split.TRAIN, false);
    if (!config.sources().containsKey(Split.VAL)) {
      train.requireSound(call.get(FAULTY));
      tell(call, Split.TRAIN, train);
      return learnable(call, new DataInput(train.dataSet(), Optional.empty()));
    }
    boolean same =
        new HashSet<>(config.sources(Split.TRAIN)).equals(new HashSet<>(config.sources(Split.VAL)));
    DataScan val = same ? train : DataScan.of(config, Split.VAL, false);
    List<Fault> leaked = same ? List.of() : Copies.leaked(train, Split.TRAIN, val, Split.VAL);
    requireSound(call, train, val, leaked);
    if (same) {
      call.warn("'train' and 'val' name the same pictures: scores measure memory");
    }
    tell(call, Split.TRAIN, train);
    if (!same) {
      tell(call, Split.VAL, val);
    }
    return learnable(
        call, new DataInput(train.dataSet(), Optional.of(without(val.dataSet(), leaked))));
  }

  /** Without an object there is nothing to learn; without one to measure there are no scores. */
  private static DataInput learnable(Call call, DataInput data) {
    if (data.train().objects() == 0) {
      throw new FormatException(
          "%s: none of the %d pictures of 'train' has an object, so there is nothing to learn; './yolo data check' says where labels were looked for"
              .formatted(call.get(DATA), data.train().size()));
    }
    if (data.val().isPresent() && data.val().get().objects() == 0) {
      call.warn(
          "none of the pictures of 'val' has an object: scores will be -1, which means"
              + " that there are none");
    }
    return data;
  }

  private static void requireSound(Call call, DataScan train, DataScan val, List<Fault> leaked) {
    double tolerated = call.get(FAULTY);
    Map<String, Fault> faults = new LinkedHashMap<>();
    if (tooMany(train, 0, tolerated) || tooMany(val, leaked.size(), tolerated)) {
      List<Fault> all = new ArrayList<>(train.faults());
      all.addAll(val.faults());
      all.addAll(leaked);
      all.forEach(fault -> faults.putIfAbsent(fault.toString(), fault));
    }
    DataScan.complain(List.copyOf(faults.values()));
  }

  private static boolean tooMany(DataScan scan, int more, double tolerated) {
    return scan.general().stream().anyMatch(Fault::isError)
        || scan.corrupt() + more > tolerated * scan.entries().size();
  }

  private static DataSet without(DataSet data, List<Fault> leaked) {
    Set<Path> out = leaked.stream().map(Fault::file).collect(Collectors.toSet());
    return new DataSet(
        data.names(),
        data.samples().stream().filter(sample -> !out.contains(sample.image())).toList());
  }

  /** One line about what is odd, and one about what is left out. */
  private static void tell(Call call, Split split, DataScan scan) {
    Map<FaultKind, Integer> kinds = new EnumMap<>(FaultKind.class);
    scan.all().stream()
        .filter(fault -> fault.kind().severity() == FaultKind.Severity.WARNING)
        .forEach(fault -> kinds.merge(fault.kind(), 1, Integer::sum));
    String where = "; './yolo data check data=" + call.get(DATA) + "' lists them";
    if (!kinds.isEmpty()) {
      call.warn(
          split
              + " has "
              + kinds.entrySet().stream()
                  .map(e ->
                      "%s (%,d: %s)"
                          .formatted(e.getKey().title(), e.getValue(), e.getKey().outcome()))
                  .collect(Collectors.joining(", "))
              + where);
    }
    long out = scan.entries().stream().filter(entry -> !entry.sound()).map(Entry::sample).count();
    if (out > 0) {
      call.warn(
          "%,d of %,d pictures of '%s' are faulty and left out%s"
              .formatted(out, scan.entries().size(), split, where));
    }
  }
}
