package dev.peregrine.yolo.darknet;

import java.util.List;

/**
 * The numbers of one layer as they stand in a weights file.
 *
 * <p>The arrays are not copied: who makes the object hands them over.
 */
public final class LayerWeights {
  private final Layer layer;
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
  public LayerWeights(Layer layer) {
    this.layer = layer;
    int filters = layer instanceof Layer.Convolutional conv ? conv.filters() : 0;
    int normalised = layer.storedFloats() > layer.parameters() ? filters : 0;
    this.biases = new float[filters];
    this.scales = new float[normalised];
    this.means = new float[normalised];
    this.variances = new float[normalised];
    this.weights = new float[Math.toIntExact(layer.parameters()) - filters - normalised];
  }

  /**
   * The layer that the numbers belong to.
   *
   * @return the layer of the cfg
   */
  public Layer layer() {
    return layer;
  }

  /**
   * What is added last: the bias, or batch norm's shift.
   *
   * @return one number for each filter; none in a shortcut
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
   * The filters, or the factors of a shortcut's summands.
   *
   * <p><b>Shapes</b> {@code [filters, channels / groups, size, size]}, row-major; of a shortcut one
   * row a summand.
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
    return scales.length > 0
        ? List.of(biases, scales, means, variances, weights)
        : List.of(biases, weights);
  }
}
