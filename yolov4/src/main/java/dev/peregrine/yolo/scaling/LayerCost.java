package dev.peregrine.yolo.scaling;

import dev.peregrine.tensor.shape.Shape;

/**
 * One layer of a traced network that moves or computes pixels, with what it costs.
 *
 * @param value the name of its result in the text of the graph
 * @param kind what it does
 * @param taps pixels of its window
 * @param stride rows from one output to the next; for upsampling, how often a row is repeated
 * @param groups of a convolution, else 1
 * @param input {@code [N, H, W, C]}
 * @param output {@code [N, H, W, C]}
 * @param step rows of the network's input from one of its rows to the next
 * @param field rows of the network's input that one of its values depends on
 */
public record LayerCost(
    String value,
    Kind kind,
    int taps,
    int stride,
    int groups,
    Shape input,
    Shape output,
    double step,
    double field) {

  /** What a layer does. */
  public enum Kind {
    /** Convolves. */
    CONVOLUTION,
    /** Takes the largest or the mean of a window. */
    POOL,
    /** Repeats pixels. */
    UPSAMPLE
  }

  /**
   * Counts the multiply-adds.
   *
   * @return those of a convolution, else 0
   */
  public long multiplyAdds() {
    return kind == Kind.CONVOLUTION ? (long) output.rows() * weights() : 0;
  }

  /**
   * Counts the learned numbers of its window.
   *
   * @return {@code taps * Cin / groups * Cout} of a convolution, else 0
   */
  public long weights() {
    return kind == Kind.CONVOLUTION
        ? (long) taps * (input.channels() / groups) * output.channels()
        : 0;
  }

  /**
   * Counts what is read and written once, the memory access cost.
   *
   * <p><b>Formula</b> at stride 1 {@code h*w*(Cin + Cout) + K*Cin*Cout}.
   *
   * @return elements of the input, the output and the weights
   */
  public long memoryAccess() {
    return (long) input.size() + output.size() + weights();
  }

  /**
   * Counts the elements that come in and go out, the convolutional input and output.
   *
   * @return elements of input and output; 0 for upsampling, which is not counted
   */
  public long cio() {
    return kind == Kind.UPSAMPLE ? 0 : (long) input.size() + output.size();
  }

  /**
   * The least memory access of a convolution at stride 1 with as many multiply-adds a tap.
   *
   * <p><b>Formula</b> with {@code B = h*w*Cin*Cout}: {@code 2*sqrt(h*w*B) + K*B/(h*w)}, reached
   * where Cin = Cout.
   *
   * @param pixels of the map, {@code h*w}
   * @param in input channels
   * @param out output channels
   * @param taps pixels of the window
   * @return elements
   */
  public static double leastMemoryAccess(long pixels, long in, long out, int taps) {
    double work = (double) pixels * in * out;
    return 2 * Math.sqrt(pixels * work) + taps * work / pixels;
  }
}
