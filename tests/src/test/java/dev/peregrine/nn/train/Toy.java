package dev.peregrine.nn.train;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.Regularization;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.data.Source;
import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.Optimizer;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A small regression: pictures of 2 x 2 with three channels, whose sum is to be learnt. */
final class Toy {
  static final int EXAMPLES = 12;

  private Toy() {}

  /**
   * One example.
   *
   * @param pixels twelve numbers
   * @param target their sum
   */
  record Example(float[] pixels, float target) {}

  static final class Examples implements Source<Example> {
    @Override
    public int size() {
      return EXAMPLES;
    }

    @Override
    public Example get(int index, long epoch) {
      SplittableRandom random = new SplittableRandom(1000 * epoch + index);
      float[] pixels = new float[12];
      float sum = 0;
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) random.nextDouble(-1, 1);
        sum += pixels[i];
      }
      return new Example(pixels, sum);
    }
  }

  /** A network of two layers, with whatever makes training depend on more than its weights. */
  static Tensor rich(Params p, Tensor x) {
    Tensor y = Layers.convBn(p.at("a"), x, 8, 1, 1, Unary.Kind.MISH);
    y = Regularization.dropout(p.at("drop"), y, 0.25);
    y = Regularization.dropBlock(p.at("drop"), y, 0.2, 1);
    return Layers.bias(p.at("b"), Layers.conv2d(p.at("b"), y, 1, Window.of(2), 1));
  }

  /** A network whose loss is a plain sum over the examples. */
  static Tensor plain(Params p, Tensor x) {
    Tensor y = Layers.bias(p.at("a"), Layers.conv2d(p.at("a"), x, 8, Window.of(1), 1));
    return Layers.conv2d(p.at("b"), y, 1, Window.of(2), 1);
  }

  static Params params(Model model) {
    Params params = Params.create(4);
    model.run(params, Tensor.of(Shape.of(1, 2, 2, 3), new float[12]));
    return params;
  }

  /** A network of one output. */
  interface Model {
    Tensor run(Params p, Tensor x);
  }

  static Objective<Example> objective(Model model) {
    return (params, tape, batch) -> {
      float[] pixels = new float[12 * batch.size()];
      float[] targets = new float[batch.size()];
      for (int i = 0; i < targets.length; i++) {
        System.arraycopy(batch.get(i).pixels(), 0, pixels, 12 * i, 12);
        targets[i] = batch.get(i).target();
      }
      Tensor x = Tensor.of(Shape.of(targets.length, 2, 2, 3), pixels);
      Tensor wanted = Tensor.of(Shape.of(targets.length, 1, 1, 1), targets);
      Tensor loss =
          tape.record(() -> {
            Tensor difference = model.run(params, x).minus(wanted);
            return Reductions.sum(difference.times(difference));
          });
      Adjoints gradients = tape.backward(loss);
      Map<String, Double> parts = new LinkedHashMap<>();
      parts.put("loss", loss.item());
      return new Objective.Outcome(parts, gradients, batch.size());
    };
  }

  static DataLoader<Example> loader(int batch) {
    return new DataLoader<>(new Examples(), batch, true, 6, 2);
  }

  static Trainer<Example> trainer(
      Params params,
      DataLoader<Example> loader,
      Objective<Example> objective,
      Optimizer optimizer,
      @Nullable Ema ema,
      int nominalBatch,
      Listener... listeners) {
    return new Trainer<>(
        params,
        loader,
        objective,
        optimizer,
        iteration -> StepSize.of(0.05 / (1 + 0.1 * iteration), 0.9),
        ema,
        new Accumulation.Mean(nominalBatch),
        List.of(listeners));
  }

  /** Collects the losses of a run, bit for bit. */
  static final class Losses implements Listener {
    final List<Double> losses = new ArrayList<>();
    final List<Map<String, Double>> means = new ArrayList<>();

    @Override
    public void onBatch(Trainer<?> trainer, Progress progress) {
      losses.add(progress.losses().get("loss"));
    }

    @Override
    public void onEpoch(Trainer<?> trainer, Progress progress) {
      means.add(progress.means());
    }
  }
}
