package dev.peregrine.testkit;

import dev.peregrine.nn.Params;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.DarknetWeights;
import dev.peregrine.yolo.darknet.Layer;
import dev.peregrine.yolo.darknet.LayerWeights;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Weights and pictures made by a formula, so that whole networks can be compared with numbers of
 * other programs without any file.
 *
 * <p>Two recipes exist; both fill the arrays in the order of a weights file, layer by layer.
 */
public enum FormulaWeights {
  /**
   * One stream of SplitMix64 with seed 42 over the whole file; filters are scaled so that signals
   * keep their size through any depth.
   *
   * <p><b>Formula</b> with {@code u} in [0, 1) and {@code r = 2 u - 1}: biases {@code 0.1 r}; with
   * batch norm scales {@code B (1 + 0.1 r)}, B = 0.3 before a shortcut and 1 elsewhere, means
   * {@code 0.1 r}, variances {@code 1 + 0.5 u}; weights {@code r sqrt(3 G / fan_in)}, where G
   * depends on the activation.
   */
  SPLIT_MIX {
    @Override
    public void fill(CfgFile cfg, Consumer<LayerWeights> sink) {
      SplitMix random = new SplitMix(42);
      for (Layer.Convolutional layer : cfg.convolutions()) {
        LayerWeights into = new LayerWeights(layer);
        double scale = beforeShortcut(cfg, layer) ? 0.3 : 1;
        double amplitude = Math.sqrt(3 * gain(layer) / fanIn(layer));
        set(into.biases(), () -> 0.1 * random.signed());
        set(into.scales(), () -> scale * (1 + 0.1 * random.signed()));
        set(into.means(), () -> 0.1 * random.signed());
        set(into.variances(), () -> 1 + 0.5 * random.unit());
        set(into.weights(), () -> amplitude * random.signed());
        sink.accept(into);
      }
    }

    @Override
    public float[] picture(int height, int width, int channels) {
      float[] picture = new float[height * width * channels];
      int next = 0;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          for (int c = 0; c < channels; c++) {
            picture[next++] = (float) (((x * x + 3 * y * y + x * y + 31 * c) % 256) / 255.0);
          }
        }
      }
      return picture;
    }
  },

  /**
   * A linear congruential stream of its own for each array.
   *
   * <p><b>Formula</b> with {@code u} in [-1, 1): biases {@code 0.1 u}; with batch norm scales
   * {@code 1 + 0.1 u}, means {@code 0.05 u}, variances {@code 1 + 0.3 u}; weights {@code u sqrt(2 /
   * fan_in)}.
   */
  CONGRUENTIAL {
    @Override
    public void fill(CfgFile cfg, Consumer<LayerWeights> sink) {
      int array = 0;
      for (Layer.Convolutional layer : cfg.convolutions()) {
        LayerWeights into = new LayerWeights(layer);
        double amplitude = Math.sqrt(2 / fanIn(layer));
        Congruential biases = new Congruential(array++);
        set(into.biases(), () -> 0.1 * biases.next());
        if (layer.batchNormalize()) {
          Congruential scales = new Congruential(array++);
          set(into.scales(), () -> 1 + 0.1 * scales.next());
          Congruential means = new Congruential(array++);
          set(into.means(), () -> 0.05 * means.next());
          Congruential variances = new Congruential(array++);
          set(into.variances(), () -> 1 + 0.3 * variances.next());
        }
        Congruential weights = new Congruential(array++);
        set(into.weights(), () -> amplitude * weights.next());
        sink.accept(into);
      }
    }

    @Override
    public float[] picture(int height, int width, int channels) {
      Congruential random = new Congruential(999);
      float[] picture = new float[height * width * channels];
      for (int c = 0; c < channels; c++) {
        for (int cell = 0; cell < height * width; cell++) {
          picture[cell * channels + c] = (float) ((random.next() + 1) / 2);
        }
      }
      return picture;
    }
  };

  /**
   * Makes the weights of a network.
   *
   * @param cfg the network
   * @param sink receives the layers in their order
   */
  public abstract void fill(CfgFile cfg, Consumer<LayerWeights> sink);

  /**
   * Makes the parameters of a network.
   *
   * @param cfg the network
   * @return its parameters on the current device, for {@code CfgModel}
   */
  public Params params(CfgFile cfg) {
    Params params = Params.create(0);
    fill(cfg, weights -> DarknetWeights.put(params, weights));
    return params;
  }

  /**
   * Makes the picture that belongs to the recipe.
   *
   * @param height rows
   * @param width columns
   * @param channels channels
   * @return values in [0, 1], channels last
   */
  public abstract float[] picture(int height, int width, int channels);

  private static double fanIn(Layer.Convolutional layer) {
    return (double) layer.filterChannels() * layer.size() * layer.size();
  }

  private static double gain(Layer.Convolutional layer) {
    return switch (layer.activation()) {
      case LEAKY, MISH, RELU -> 2.5;
      case SWISH -> 2.9;
      case LINEAR, LOGISTIC -> layer.batchNormalize() ? 1.25 : 1;
    };
  }

  private static boolean beforeShortcut(CfgFile cfg, Layer layer) {
    int next = layer.index() + 1;
    return next < cfg.layers().size() && cfg.layers().get(next) instanceof Layer.Shortcut;
  }

  private static void set(float[] array, DoubleSupplier value) {
    for (int i = 0; i < array.length; i++) {
      array[i] = (float) value.getAsDouble();
    }
  }

  /** SplitMix64. */
  static final class SplitMix {
    private long state;

    SplitMix(long seed) {
      state = seed;
    }

    double unit() {
      state += 0x9E3779B97F4A7C15L;
      long z = state;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      return (z >>> 40) * 0x1p-24;
    }

    double signed() {
      return 2 * unit() - 1;
    }
  }

  /** A linear congruential generator modulo 2^31. */
  static final class Congruential {
    private long state;

    Congruential(int array) {
      state = (array + 1) * 7919L & 0x7FFFFFFF;
    }

    double next() {
      state = 1103515245L * state + 12345 & 0x7FFFFFFF;
      return state * 0x1p-30 - 1;
    }
  }
}
