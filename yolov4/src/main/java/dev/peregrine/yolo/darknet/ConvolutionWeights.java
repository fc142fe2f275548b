package dev.peregrine.yolo.darknet;

import java.util.List;

/**
 * The numbers of one convolution as they stand in a weights file.
 *
 * <p>The arrays are not copied: who makes the object hands them over.
 */
public final class ConvolutionWeights {
  private final Layer.Convolutional layer;
  private final float[] biases;
  private final float[] scales;
  private final float[] means;
  private final float[] variances;
  private final float[] weights;

  /**
   * Zeros for a layer.
   *
   * @param layer the layer that the numbers belong to
   */
  public ConvolutionWeights(Layer.Convolutional layer) {
    this.layer = layer;
    int normalised = layer.batchNormalize() ? layer.filters() : 0;
    this.biases = new float[layer.filters()];
    this.scales = new float[normalised];
    this.means = new float[normalised];
    this.variances = new float[normalised];
    this.weights = new float[layer.weightCount()];
  }

  /**
   * The layer that the numbers belong to.
   *
   * @return the layer of the cfg
   */
  public Layer.Convolutional layer() {
    return layer;
  }

  /**
   * What is added last: the bias, or batch norm's shift.
   *
   * @return one number for each filter
   */
  public float[] biases() {
    return biases;
  }

  /**
   * Batch norm's scale.
   *
   * @return one number for each filter; none without batch norm
   */
  public float[] scales() {
    return scales;
  }

  /**
   * Batch norm's running mean.
   *
   * @return one number for each filter; none without batch norm
   */
  public float[] means() {
    return means;
  }

  /**
   * Batch norm's running variance.
   *
   * @return one number for each filter; none without batch norm
   */
  public float[] variances() {
    return variances;
  }

  /**
   * The filters.
   *
   * <p><b>Shapes</b> {@code [filters, channels / groups, size, size]}, row-major.
   *
   * @return all weights
   */
  public float[] weights() {
    return weights;
  }

  /**
   * All arrays in the order of a weights file.
   *
   * @return biases, then with batch norm scales, means and variances, then weights
   */
  public List<float[]> inFileOrder() {
    return layer.batchNormalize()
        ? List.of(biases, scales, means, variances, weights)
        : List.of(biases, weights);
  }
}
