package dev.peregrine.bench;

import dev.peregrine.yolo.augment.Augmentation;
import dev.peregrine.yolo.augment.DarknetAugmentation;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.augment.PictureSource;
import dev.peregrine.yolo.augment.PlainAugmentation;
import dev.peregrine.yolo.augment.TorchAugmentation;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.augment.TrainingSampler;
import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Resize;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * One training picture on one thread, from decoded pictures of 640 x 480.
 *
 * <p>A training step must never wait for its pictures: what counts is this time times the batch,
 * against the step on the threads that are left.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class AugmentationBenchmark {
  private static final int PICTURES = 32;

  /** A recipe, or one key of {@link Effects} alone at its most. */
  @Param({
    "plain",
    "darknet tiny",
    "darknet mosaic",
    "scaled scratch",
    "scaled csp",
    "scaled tilted"
  })
  public String recipe = "";

  /** Side of the network's input. */
  @Param("416")
  public int side;

  private TrainingSampler sampler =
      new TrainingSampler(source(), new PlainAugmentation(Resize.STRETCH), 1);
  private int next;

  /** Chooses the recipe. */
  @Setup
  public void prepare() {
    sampler = new TrainingSampler(sampler.source(), augmentation(), 1);
  }

  private Augmentation augmentation() {
    return switch (recipe) {
      case "plain" -> new PlainAugmentation(Resize.STRETCH);
      case "darknet tiny" -> new DarknetAugmentation(DarknetSettings.TINY);
      case "darknet mosaic" -> new DarknetAugmentation(DarknetSettings.TINY.with("mosaic", 1));
      case "scaled scratch" -> new TorchAugmentation(TorchSettings.SCRATCH);
      case "scaled csp" -> new TorchAugmentation(TorchSettings.CSP);
      case "scaled tilted" ->
          new TorchAugmentation(
              TorchSettings.CSP.with("degrees", 10).with("perspective", 0.0005).with("mixup", 1));
      default -> new TorchAugmentation(TorchSettings.NONE.with(recipe, 1));
    };
  }

  private static PictureSource source() {
    SplittableRandom random = new SplittableRandom(1);
    List<ByteImage> pictures =
        IntStream.range(0, PICTURES)
            .mapToObj(i -> {
              byte[] rgb = new byte[640 * 480 * 3];
              random.nextBytes(rgb);
              return new ByteImage(640, 480, rgb);
            })
            .toList();
    List<Label> labels = List.of(new Label(0, .3, .4, .2, .3), new Label(1, .7, .6, .5, .4));
    return new PictureSource() {
      @Override
      public int size() {
        return pictures.size();
      }

      @Override
      public ByteImage picture(int index) {
        return pictures.get(index);
      }

      @Override
      public List<Label> labels(int index) {
        return labels;
      }
    };
  }

  /**
   * Makes the next picture.
   *
   * @return picture and labels
   */
  @Benchmark
  public LabelledImage picture() {
    int number = next++;
    return sampler.sample(number / PICTURES, number % PICTURES, side, side);
  }
}
