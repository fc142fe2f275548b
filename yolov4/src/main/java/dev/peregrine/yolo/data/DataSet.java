package dev.peregrine.yolo.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Classes and labelled pictures.
 *
 * @param names the classes' names by index
 * @param samples the pictures, in the order of their list
 */
public record DataSet(List<String> names, List<Sample> samples) {
  /**
   * Keeps unchangeable copies.
   *
   * @param names the classes' names by index
   * @param samples the pictures
   */
  public DataSet {
    names = List.copyOf(names);
    samples = List.copyOf(samples);
  }

  /**
   * Loads a split and refuses it when anything is wrong with it.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} that lists the faults as {@code
   * file:line: what}.
   *
   * @param description a {@code data.yaml}, a darknet {@code .data} file, a COCO {@code .json} or a
   *     folder; see {@link DataConfig#read(Path)}
   * @param split which part
   * @return the data set
   */
  public static DataSet load(Path description, Split split) {
    return load(DataConfig.read(description), split);
  }

  /**
   * Loads a split and refuses it when anything is wrong with it; see {@link #load(Path, Split)}.
   *
   * @param config what a description says
   * @param split which part
   * @return the data set
   */
  public static DataSet load(DataConfig config, Split split) {
    DataScan scan = DataScan.of(config, split, false);
    scan.requireSound();
    return scan.dataSet();
  }

  /**
   * The same pictures where classes are counted in another order, such as a network's.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} if the names are not the same ones.
   *
   * @param order all names of this data set
   * @return the data set with these names, and labels that count by them
   */
  public DataSet inOrder(List<String> order) {
    if (order.equals(names)) {
      return this;
    }
    int[] to = names.stream().mapToInt(order::indexOf).toArray();
    if (!names.containsAll(order)
        || Arrays.stream(to).filter(i -> i >= 0).distinct().count() != to.length) {
      throw new IllegalArgumentException(
          "classes %s cannot be counted in the order of %s".formatted(names, order));
    }
    return new DataSet(
        order,
        samples.stream().map(sample -> sample.renumbered(label -> label.renumbered(to))).toList());
  }

  /**
   * Number of pictures.
   *
   * @return size of {@link #samples}
   */
  public int size() {
    return samples.size();
  }

  /**
   * Number of marked objects in all pictures.
   *
   * @return sum over the samples
   */
  public long objects() {
    return samples.stream().mapToLong(sample -> sample.labels().size()).sum();
  }
}
