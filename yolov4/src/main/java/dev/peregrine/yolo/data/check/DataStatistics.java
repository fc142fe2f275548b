package dev.peregrine.yolo.data.check;

import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.image.PictureHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The numbers of a split: objects of each class, sizes of boxes and of pictures.
 *
 * <p><b>Units</b> pixels of the original pictures; areas as COCO divides them: small below 32 x 32,
 * large from 96 x 96.
 *
 * @param pictures how many
 * @param background how many of them show no object
 * @param objects how many
 * @param ignored crowds and difficult objects
 * @param classes one row a class, by index
 * @param boxWidth widths of boxes
 * @param boxHeight heights of boxes
 * @param pictureSizes how many pictures of each size, the commonest first
 * @param objectsInPicture objects of pictures that show any
 */
public record DataStatistics(
    int pictures,
    int background,
    long objects,
    long ignored,
    List<ClassRow> classes,
    Spread boxWidth,
    Spread boxHeight,
    Map<String, Integer> pictureSizes,
    Spread objectsInPicture) {
  private static final double SMALL = 32 * 32;
  private static final double LARGE = 96 * 96;

  /**
   * One class.
   *
   * @param name its name
   * @param objects how many
   * @param pictures how many show it
   * @param small objects of a small area
   * @param medium objects between
   * @param large objects of a large area
   * @param width widths of its boxes
   * @param height heights of its boxes
   */
  public record ClassRow(
      String name,
      long objects,
      long pictures,
      long small,
      long medium,
      long large,
      Spread width,
      Spread height) {}

  /**
   * How numbers are spread.
   *
   * @param least the least, 0 when there are none
   * @param tenth a tenth of them are below
   * @param median half of them are below
   * @param ninetieth nine tenths of them are below
   * @param most the largest
   */
  public record Spread(double least, double tenth, double median, double ninetieth, double most) {
    static Spread of(List<Double> numbers) {
      double[] sorted = numbers.stream().mapToDouble(Double::doubleValue).toArray();
      if (sorted.length == 0) {
        return new Spread(0, 0, 0, 0, 0);
      }
      Arrays.sort(sorted);
      int last = sorted.length - 1;
      return new Spread(
          sorted[0],
          sorted[(int) Math.round(last * 0.1)],
          sorted[(int) Math.round(last * 0.5)],
          sorted[(int) Math.round(last * 0.9)],
          sorted[last]);
    }
  }

  /** Collects one class. */
  private static final class Count {
    private final List<Double> widths = new ArrayList<>();
    private final List<Double> heights = new ArrayList<>();
    private long pictures;
    private final long[] bySize = new long[3];
  }

  /**
   * Counts.
   *
   * <p><b>Cost</b> the header of every picture is read.
   *
   * @param data a split
   * @return its numbers
   */
  public static DataStatistics of(DataSet data) {
    List<Count> counts = data.names().stream().map(_ -> new Count()).toList();
    List<Optional<PictureHeader>> headers =
        data.samples().parallelStream().map(s -> PictureHeader.find(s.image())).toList();
    Map<String, Integer> sizes = new TreeMap<>();
    List<Double> crowding = new ArrayList<>();
    long ignored = 0;
    for (int i = 0; i < data.size(); i++) {
      Sample sample = data.samples().get(i);
      ignored += sample.ignored().size();
      headers.get(i).ifPresent(h -> sizes.merge(h.width() + "x" + h.height(), 1, Integer::sum));
      if (!sample.labels().isEmpty()) {
        crowding.add((double) sample.labels().size());
      }
      headers.get(i).ifPresent(header -> count(sample, header, counts));
      sample.labels().stream()
          .map(Label::classIndex)
          .distinct()
          .forEach(c -> counts.get(c).pictures++);
    }
    List<ClassRow> rows = new ArrayList<>();
    for (int c = 0; c < counts.size(); c++) {
      Count n = counts.get(c);
      rows.add(
          new ClassRow(
              data.names().get(c),
              n.widths.size(),
              n.pictures,
              n.bySize[0],
              n.bySize[1],
              n.bySize[2],
              Spread.of(n.widths),
              Spread.of(n.heights)));
    }
    Map<String, Integer> commonest = new LinkedHashMap<>();
    sizes.entrySet().stream()
        .sorted(Comparator.comparing((Map.Entry<String, Integer> e) -> -e.getValue()))
        .forEach(e -> commonest.put(e.getKey(), e.getValue()));
    return new DataStatistics(
        data.size(),
        data.size() - crowding.size(),
        data.objects(),
        ignored,
        rows,
        Spread.of(counts.stream().flatMap(n -> n.widths.stream()).toList()),
        Spread.of(counts.stream().flatMap(n -> n.heights.stream()).toList()),
        commonest,
        Spread.of(crowding));
  }

  private static void count(Sample sample, PictureHeader header, List<Count> counts) {
    for (Label label : sample.labels()) {
      Count count = counts.get(label.classIndex());
      double width = label.width() * header.width();
      double height = label.height() * header.height();
      count.widths.add(width);
      count.heights.add(height);
      double area = sample.area(label, header.width(), header.height());
      count.bySize[area < SMALL ? 0 : area < LARGE ? 1 : 2]++;
    }
  }
}
