package dev.peregrine.tensor.plan;

import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Arrays.slice;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * A small network that is a function of a seed: residuals, routes, concatenations, channel groups,
 * upsampling, several outputs, and the odd cases that detectors do not have.
 *
 * <p>Each call makes the same choices on the same weights, whoever interprets it.
 */
final class RandomNet implements Function<List<Tensor>, List<Tensor>> {
  private final long seed;
  private final int nodes;
  private final DType dtype;
  private final Device device;
  private final List<Tensor> weights = new ArrayList<>();
  private Random random;
  private int nextWeight;

  RandomNet(long seed, int nodes, DType dtype, Device device) {
    this.seed = seed;
    this.nodes = nodes;
    this.dtype = dtype;
    this.device = device;
    this.random = new Random(seed);
  }

  List<Spec> inputs() {
    return List.of(new Spec(dtype, Shape.of(2, 8, 4, 6)), new Spec(dtype, Shape.of(2, 4, 2, 4)));
  }

  /** Numbers for the inputs. */
  List<Tensor> arguments() {
    Random numbers = new Random(seed + 1);
    return inputs().stream().map(spec -> uniform(spec.shape(), -1, 1, numbers)).toList();
  }

  @Override
  public List<Tensor> apply(List<Tensor> inputs) {
    random = new Random(seed);
    nextWeight = 0;
    List<Tensor> values = new ArrayList<>(inputs);
    for (int i = 0; i < nodes; i++) {
      values.add(next(values));
    }
    List<Tensor> outputs = new ArrayList<>();
    outputs.add(values.getLast());
    int more = random.nextInt(4);
    for (int i = 0; i < more; i++) {
      outputs.add(pick(values));
    }
    return outputs;
  }

  private Tensor next(List<Tensor> values) {
    Tensor x = pick(values);
    int channels = x.shape().channels();
    return switch (random.nextInt(21)) {
      case 0, 1, 2 -> convolution(x, random.nextBoolean() ? 1 : 3, 1, 1 + random.nextInt(9), 1);
      case 3 -> convolution(x, 3, x.shape().dim(1) > 2 ? 2 : 1, 5, 1);
      case 4 -> channels % 2 == 0 ? convolution(x, 3, 1, channels, 2) : x.negate();
      case 5 -> residual(x);
      case 6, 7, 8 -> concat(-1, parts(x, values));
      case 9 -> concat(-1, x, weight(x.shape(), -1, 1), x);
      case 10, 11 -> slice(x, -1, channels / 2, channels - channels / 2);
      case 12 -> slice(slice(x, -1, 0, (channels + 1) / 2), -1, 0, 1);
      case 13 -> x.shape().dim(1) <= 4 ? Pooling.upsample(x, 2) : Activations.relu(x);
      case 14 -> Pooling.maxPool(x, Window.same(3, 1));
      case 15 -> reshapedAndBack(x);
      case 16 -> x.plus(pickLike(x, values)).times(0.5);
      case 17 -> Activations.apply(kind(), Activations.apply(kind(), x));
      case 18 ->
          Normalization.batchNormTrain(
                  x,
                  weight(Shape.of(channels), 0.5, 1),
                  weight(Shape.of(channels), -1, 1),
                  1e-3,
                  Unary.Kind.RELU)
              .get(0);
      case 19 -> {
        Tensor wide = Activations.tanh(x);
        yield wide.times(slice(wide, -1, channels - 1, 1));
      }
      default -> x.times(weight(Shape.of(channels), -1, 1)).plus(weight(Shape.of(), -1, 1));
    };
  }

  private Tensor pick(List<Tensor> values) {
    // Mostly recent ones, so that nets are deep as well as wide.
    int back = Math.min(values.size(), random.nextInt(4) == 0 ? values.size() : 4);
    return values.get(values.size() - 1 - random.nextInt(back));
  }

  private Tensor pickLike(Tensor x, List<Tensor> values) {
    List<Tensor> alike = values.stream().filter(v -> v.shape().equals(x.shape())).toList();
    return alike.get(random.nextInt(alike.size()));
  }

  private Tensor[] parts(Tensor x, List<Tensor> values) {
    List<Tensor> alike =
        values.stream().filter(v -> v.shape().with(-1, 1).equals(x.shape().with(-1, 1))).toList();
    Tensor[] parts = new Tensor[1 + random.nextInt(3)];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = i == 0 ? x : alike.get(random.nextInt(alike.size()));
    }
    int channels = List.of(parts).stream().mapToInt(part -> part.shape().channels()).sum();
    return channels <= 40 ? parts : new Tensor[] {x};
  }

  private Tensor convolution(Tensor x, int size, int stride, int out, int groups) {
    int in = x.shape().channels();
    int channels = out - out % groups;
    double range = Math.sqrt(2.0 * groups / (size * size * in));
    Tensor w = weight(Shape.of(size, size, in / groups, channels), -range, range);
    Tensor y = Convolutions.conv2d(x, w, Window.same(size, stride), groups);
    Shape c = Shape.of(channels);
    if (random.nextBoolean()) {
      y = y.plus(weight(c, -1, 1));
    }
    if (random.nextInt(3) > 0) {
      y =
          Normalization.batchNorm(
              y, weight(c, 0.5, 1), weight(c, -1, 1), weight(c, -1, 1), weight(c, 1, 2), 1e-5);
    }
    return random.nextInt(3) > 0 ? Activations.apply(kind(), y) : y;
  }

  private Tensor residual(Tensor x) {
    Tensor y = convolution(x, 1, 1, 4, 1);
    Tensor z = convolution(y, 3, 1, x.shape().channels(), 1);
    Tensor sum = random.nextBoolean() ? x.plus(z) : z.plus(x);
    return random.nextBoolean() ? Activations.mish(sum) : sum;
  }

  private Tensor reshapedAndBack(Tensor x) {
    int[] s = x.shape().toArray();
    Tensor flat = x.reshape(s[0], s[1] * s[2] * s[3]);
    Tensor changed = random.nextBoolean() ? flat : flat.negate();
    return changed.reshape(s);
  }

  private Unary.Kind kind() {
    Unary.Kind[] kinds = {
      Unary.Kind.MISH, Unary.Kind.LEAKY_RELU, Unary.Kind.LOGISTIC, Unary.Kind.TANH
    };
    return kinds[random.nextInt(kinds.length)];
  }

  /** The next weight: made at its first use, the same tensor from then on. */
  private Tensor weight(Shape shape, double low, double high) {
    if (nextWeight == weights.size()) {
      weights.add(uniform(shape, low, high, new Random(seed * 1000 + nextWeight)));
    }
    return weights.get(nextWeight++);
  }

  private Tensor uniform(Shape shape, double low, double high, Random numbers) {
    double[] values = numbers.doubles(shape.size(), low, high).toArray();
    return Ops.on(
        device,
        () -> {
          if (dtype == DType.F64) {
            return Tensor.of(shape, values);
          }
          float[] floats = new float[values.length];
          for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
          }
          return Tensor.of(shape, floats);
        });
  }
}
