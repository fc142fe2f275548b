package dev.peregrine.testkit;

import java.util.List;

/**
 * The table of cases: every operation of the vocabulary, on sizes that are awkward on purpose.
 *
 * <p>Extents lie below, at and above the widths of vectors and tiles; maps are as small as one
 * pixel; windows stand at, over and beyond the border.
 */
public final class Cases {
  private static final List<OpCase> ALL = collect();

  private Cases() {}

  /**
   * Returns the awkward cases of all operations.
   *
   * @return the cases; their names are unique
   */
  public static List<OpCase> all() {
    return ALL;
  }

  /**
   * Returns the layers of YOLOv4-tiny, fused as in a plan, as rows of a benchmark.
   *
   * @param size height and width of the picture, a multiple of 32
   * @return the distinct convolutions, poolings and the upsampling, in the order of the network
   */
  public static List<OpCase> yoloV4Tiny(int size) {
    return TinyCases.at(size);
  }

  private static List<OpCase> collect() {
    CaseList list = new CaseList();
    PointwiseCases.add(list);
    ReductionCases.add(list);
    MovementCases.add(list);
    ConvolutionCases.add(list);
    PoolingCases.add(list);
    NormalizationCases.add(list);
    GeneratorCases.add(list);
    return list.toList();
  }
}
