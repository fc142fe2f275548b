package dev.peregrine.yolo.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.head.HeadSpec;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trained network without its coarser heads. */
class SubNetworkTest {
  /** The kept heads give the same bits, for less work. */
  @ParameterizedTest
  @CsvSource({
    "yolov4-p6@0.0625x0.1, 64",
    "yolov4-p7-yaml@0.0625x0.1, 128",
    "yolov4-tiny@0.25, 64",
  })
  void keptHeadsGiveTheSameBits(String name, int side) {
    DetectionModel whole = Models.named(name, 2).withInputSize(InputSize.square(side));
    Params params = Models.initialize(whole, 5);
    float[] image = new float[side * side * 3];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < image.length; i++) {
      image[i] = random.nextFloat();
    }
    Result all = run(whole, params, image);
    double flops = all.flops();
    for (int levels = whole.heads().size() - 1; levels >= 1; levels--) {
      DetectionModel part = new SubNetwork(whole, levels);
      Result kept = run(part, params, image);
      List<HeadSpec> heads = part.heads();
      assertThat(heads).hasSize(levels);
      for (int h = 0; h < levels; h++) {
        int same = whole.heads().indexOf(heads.get(h));
        assertThat(kept.heads().get(h)).isEqualTo(all.heads().get(same));
      }
      int most = kept.heads().stream().mapToInt(h -> h.length).max().orElseThrow();
      assertThat(all.heads()).allMatch(h -> h.length <= most);
      assertThat(kept.flops()).isLessThan(flops);
      flops = kept.flops();
      assertThat(part.maxStride()).isEqualTo(whole.maxStride());
      assertThat(part.describe()).isEqualTo(whole.describe());
      assertThat(Models.blank(part).count()).isEqualTo(Models.blank(whole).count());
    }
  }

  /**
   * Cutting off is what the whole network computes when the convolutions before the enlarging give
   * nothing, which they do without scale and bias.
   */
  @ParameterizedTest
  @CsvSource({
    "yolov4-p6-yaml@0.0625x0.1, 64, 24 19 14",
    "yolov4-p7-yaml@0.0625x0.1, 128, 31 26 21 16"
  })
  void theCoarserStagesMayBeCutOff(String name, int side, String enlarged) {
    DetectionModel whole = Models.named(name, 2).withInputSize(InputSize.square(2 * side));
    float[] image = new float[4 * side * side * 3];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < image.length; i++) {
      image[i] = random.nextFloat();
    }
    int all = whole.heads().size();
    Params params = Models.initialize(whole, 5);
    for (int levels = all - 1; levels >= 1; levels--) {
      DetectionModel cut = SubNetwork.truncated(whole, levels);
      Result truncated = run(cut, params, image);
      Result kept = run(new SubNetwork(whole, levels), params, image);
      assertThat(cut.heads()).isEqualTo(new SubNetwork(whole, levels).heads());
      assertThat(cut.maxStride()).isEqualTo(whole.maxStride());
      assertThat(truncated.flops()).isLessThan(kept.flops());
      assertThat(Models.blank(cut).count()).isEqualTo(Models.blank(whole).count());
      assertThat(smallestMap(cut)).isEqualTo(2 << (all - levels));

      Params silent = Models.initialize(whole, 5);
      String room = "model." + enlarged.split(" ", -1)[levels - 1] + ".bn.";
      for (String path : List.of(room + "gamma", room + "beta")) {
        Tensor old = silent.entry(path).value();
        silent.set(path, Tensor.full(old.spec(), 0));
      }
      Result expected = run(new SubNetwork(whole, levels), silent, image);
      for (int h = 0; h < levels; h++) {
        assertThat(Arrays.equals(truncated.heads().get(h), expected.heads().get(h)))
            .as("head %d of %d", h, levels)
            .isTrue();
      }
    }
  }

  /** Rows of the smallest map that is still computed. */
  private static int smallestMap(DetectionModel model) {
    return Detector.of(model, Models.initialize(model, 5)).prepare(1).graph().nodes().stream()
        .map(node -> node.output().spec().shape())
        .filter(shape -> shape.rank() == 4)
        .mapToInt(shape -> shape.dim(1))
        .min()
        .orElseThrow();
  }

  private record Result(List<float[]> heads, double flops) {}

  private static Result run(DetectionModel model, Params params, float[] image) {
    Plan plan = Detector.of(model, params).prepare(1);
    plan.write(0, image);
    plan.run();
    List<float[]> heads =
        IntStream.range(0, model.heads().size())
            .mapToObj(h -> {
              float[] head = new float[plan.graph().outputs().get(h).spec().shape().size()];
              plan.read(h, head);
              return head;
            })
            .toList();
    return new Result(heads, plan.graph().flops());
  }

  @Test
  void anotherSizeKeepsTheSameHeads() {
    DetectionModel part = new SubNetwork(Models.named("yolov4-tiny@0.25", 2), 1);
    assertThat(part.withInputSize(new InputSize(64, 96)).heads()).isEqualTo(part.heads());
    assertThat(part.withInputSize(new InputSize(64, 96)).inputSize())
        .isEqualTo(new InputSize(64, 96));
    assertThat(part.heads().getFirst().mask()).as("the finer head").contains(1).doesNotContain(5);
  }

  @Test
  void thereMustBeSoManyHeads() {
    DetectionModel whole = Models.named("yolov4-tiny@0.25", 2);
    for (int levels : new int[] {0, 3}) {
      assertThatThrownBy(() -> new SubNetwork(whole, levels))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("1 to 2 of them can be kept, but " + levels);
    }
  }
}
