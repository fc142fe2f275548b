package dev.peregrine.bench;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.loss.DarknetLoss;
import dev.peregrine.yolo.loss.DetectionLoss;
import dev.peregrine.yolo.loss.LossResult;
import dev.peregrine.yolo.loss.ScaledLoss;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The loss of a batch and its gradients by the heads, of YOLOv4-tiny with 80 classes.
 *
 * <p>The floor is memory: the numbers of the heads are read and as many gradients written, 8 bytes
 * for each of them, 1.7 MB a picture at 416.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LossBenchmark {
  /** Whose loss: darknet, or scaled as PyTorch's code has it. */
  @Param({"darknet", "scaled"})
  public String recipe = "";

  /** How many pictures. */
  @Param("4")
  public int batch;

  /** Side of the network's input. */
  @Param("416")
  public int side;

  /** Objects in a picture. */
  @Param("8")
  public int objects;

  private final List<Tensor> outputs = new ArrayList<>();
  private final List<List<Label>> truths = new ArrayList<>();
  private DetectionLoss loss = new DarknetLoss(List.of(), DarknetLoss.Form.EXACT);

  /** Draws outputs of the heads and objects. */
  @Setup
  public void prepare() {
    SplittableRandom random = new SplittableRandom(1);
    YoloV4Tiny model = new YoloV4Tiny(80);
    List<HeadSpec> heads = model.heads();
    loss =
        recipe.equals("darknet")
            ? new DarknetLoss(heads, DarknetLoss.Form.EXACT)
            : new ScaledLoss(heads, ScaledLoss.Settings.PUBLISHED);
    int stride = model.maxStride();
    for (HeadSpec head : heads) {
      int cells = side / stride;
      stride /= 2;
      Shape shape = Shape.of(batch, cells, cells, head.channels());
      float[] numbers = new float[shape.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) random.nextGaussian();
      }
      outputs.add(Ops.on(Devices.open("cpu:1"), () -> Tensor.of(shape, numbers)));
    }
    for (int i = 0; i < batch; i++) {
      truths.add(random.ints(objects, 0, 80).mapToObj(kind -> label(kind, random)).toList());
    }
  }

  private static Label label(int kind, SplittableRandom random) {
    double size = 0.05 + 0.4 * random.nextDouble();
    return new Label(kind, random.nextDouble(), random.nextDouble(), size, 0.8 * size);
  }

  /**
   * Computes the loss once.
   *
   * @return loss and gradients
   */
  @Benchmark
  public LossResult loss() {
    return loss.compute(outputs, truths, side, side);
  }
}
