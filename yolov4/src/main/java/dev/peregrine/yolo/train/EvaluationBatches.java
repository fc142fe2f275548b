package dev.peregrine.yolo.train;

import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the pictures of an evaluation go through the network: which together, and at what size.
 *
 * @param batches one after the other
 */
public record EvaluationBatches(List<Batch> batches) {
  /**
   * Pictures that go together.
   *
   * @param size of the network's input
   * @param pictures their places in the data set
   */
  public record Batch(InputSize size, List<Integer> pictures) {
    /** Copies the places. */
    public Batch {
      pictures = List.copyOf(pictures);
    }
  }

  /** Copies the list. */
  public EvaluationBatches {
    batches = List.copyOf(batches);
  }

  /**
   * Pictures as they come, all at one size.
   *
   * @param data the pictures
   * @param batch how many go together
   * @param size of the network's input
   * @return the batches
   */
  public static EvaluationBatches plain(DataSet data, int batch, InputSize size) {
    return of(IntStream.range(0, data.size()).boxed().toList(), batch, _ -> size);
  }

  /**
   * Pictures by their proportions, each batch at the smallest size that holds them at the scale of
   * the whole input: less to compute where pictures are not square.
   *
   * <p><b>Cost</b> reads each picture once.
   *
   * <p><b>Source</b> Scaled-YOLOv4's loader ({@code rect}), without its border of half a stride.
   *
   * @param data the pictures
   * @param batch how many go together
   * @param size of the network's input, its long side for every picture
   * @param stride sizes are multiples of it
   * @return the batches
   */
  public static EvaluationBatches rectangular(DataSet data, int batch, InputSize size, int stride) {
    double[] tall = new double[data.size()];
    for (int i = 0; i < tall.length; i++) {
      ByteImage image = Images.readBytes(data.samples().get(i).image());
      tall[i] = (double) image.height() / image.width();
    }
    List<Integer> sorted =
        IntStream.range(0, tall.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> tall[i]))
            .toList();
    int side = Math.max(size.height(), size.width());
    return of(
        sorted,
        batch,
        group -> {
          double flattest = tall[group.getFirst()];
          double tallest = tall[group.getLast()];
          double height = tallest < 1 ? tallest : 1;
          double width = flattest > 1 ? 1 / flattest : 1;
          return new InputSize(multiple(height * side, stride), multiple(width * side, stride));
        });
  }

  private static int multiple(double side, int stride) {
    return Math.max(1, (int) Math.ceil(side / stride - 1e-9)) * stride;
  }

  /** Chooses the size of a group. */
  private interface Sizes {
    InputSize of(List<Integer> group);
  }

  private static EvaluationBatches of(List<Integer> order, int batch, Sizes sizes) {
    List<Batch> batches = new ArrayList<>();
    for (int first = 0; first < order.size(); first += batch) {
      List<Integer> group = order.subList(first, Math.min(order.size(), first + batch));
      batches.add(new Batch(sizes.of(group), group));
    }
    return new EvaluationBatches(batches);
  }
}
