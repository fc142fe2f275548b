package dev.peregrine.yolo.cli.data;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** Compares a data set with itself in another form. */
final class DataDifference {
  private DataDifference() {}

  /**
   * The largest difference of an edge, in fractions of the picture.
   *
   * <p><b>Errors</b> {@link FormatException} when pictures, objects or classes are not the same.
   *
   * @param one as it was
   * @param other in its new form
   * @param names of the pictures there, in the order of the first
   */
  static double of(DataSet one, DataSet other, List<String> names) {
    require(one.names().equals(other.names()), "class names", one.names(), other.names());
    require(one.size() == other.size(), "pictures", one.size(), other.size());
    require(one.objects() == other.objects(), "objects", one.objects(), other.objects());
    // A folder is read in the order of its names, a list in its own.
    Map<String, Sample> byName = new HashMap<>();
    other.samples().forEach(s -> byName.put(String.valueOf(s.image().getFileName()), s));
    double worst = 0;
    for (int i = 0; i < one.size(); i++) {
      Sample sample = one.samples().get(i);
      Sample again = byName.get(names.get(i));
      if (again == null) {
        throw new FormatException(
            "the written data set has no picture %s, which stands for %s"
                .formatted(names.get(i), sample.image()));
      }
      List<Label> left = sample.labels();
      List<Label> right = again.labels();
      require(left.size() == right.size(), "objects", sample.image(), again.image());
      for (int j = 0; j < left.size(); j++) {
        Label x = left.get(j);
        Label y = right.get(j);
        require(x.classIndex() == y.classIndex(), "classes", sample.image(), again.image());
        worst =
            DoubleStream.of(
                    worst,
                    Math.abs(x.left() - y.left()),
                    Math.abs(x.top() - y.top()),
                    Math.abs(x.right() - y.right()),
                    Math.abs(x.bottom() - y.bottom()))
                .max()
                .orElse(worst);
      }
    }
    return worst;
  }

  private static void require(boolean same, String what, Object one, Object other) {
    if (!same) {
      throw new FormatException(
          "the written data set has other %s than the one before: %s and %s"
              .formatted(what, one, other));
    }
  }
}
