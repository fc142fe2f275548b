package dev.peregrine.yolo.diagram;

import java.util.List;

/**
 * One layer as it is drawn.
 *
 * @param label what stands in its box
 * @param extents of its output
 * @param detail what is shown when the pointer rests on it
 * @param look its colour
 * @param rows of its output, by which it finds its column
 * @param sources the layers that it reads; -1 is the picture
 */
public record DrawnLayer(
    String label, String extents, String detail, Look look, int rows, List<Integer> sources) {
  /** Copies the sources. */
  public DrawnLayer {
    sources = List.copyOf(sources);
  }

  /** What a layer does, in colours. */
  public enum Look {
    /** The input. */
    PICTURE("#ffffff"),
    /** One convolution. */
    CONVOLUTION("#d6e6f8"),
    /** A block of several convolutions. */
    BLOCK("#c9d8f5"),
    /** Maps one beside another, or a part of one. */
    JOIN("#fbe8c0"),
    /** A sum or a product of maps. */
    SUM("#d5edcf"),
    /** A pool. */
    POOL("#e6d9f2"),
    /** An enlargement. */
    UPSAMPLE("#cdecec"),
    /** An end of the network. */
    HEAD("#f8cfc9"),
    /** Anything else. */
    OTHER("#e8e8e8");

    private final String fill;

    Look(String fill) {
      this.fill = fill;
    }

    String fill() {
      return fill;
    }
  }
}
