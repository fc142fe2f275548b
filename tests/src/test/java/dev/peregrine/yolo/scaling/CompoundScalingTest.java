package dev.peregrine.yolo.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.scaling.CompoundScaling.Answer;
import dev.peregrine.yolo.scaling.CompoundScaling.Proposal;
import dev.peregrine.yolo.scaling.LayerCost.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The search for the largest network within a budget. */
class CompoundScalingTest {
  private static final LayerTimes TIMES = LayerTimes.roofline(100, 20);
  private static final CompoundScaling SEARCH = new CompoundScaling(80);

  /**
   * Parameters and operations of the published networks: the cfg files of P5 and P6; for P7 the
   * yaml, which has 287,575,580 parameters, less the 2 * 4640 of normalisations that only PyTorch's
   * form has.
   */
  @ParameterizedTest
  @CsvSource({
    "896, 5, 1, 70830684, 326.6",
    "1280, 6, 1, 127585200, 717.0",
    "1536, 7, 1.25, 287566300, 1636.7"
  })
  void theFamilyHasThePublishedNetworks(
      int size, int stages, double width, long parameters, double gigaflop) {
    NetworkCost cost = new ScaledNetwork(size, stages, new Scale(width, 1), 80).cost();
    assertThat(cost.parameters()).isEqualTo(parameters);
    assertThat(cost.flops() / 1e9).isCloseTo(gigaflop, within(0.1));
    assertThat(cost.fields()).hasSize(stages - 2);
  }

  /** What the search proposes can be trained under the names of the published networks. */
  @ParameterizedTest
  @CsvSource({"320, 5, yolov4-p5@0.625x0.3333", "320, 6, yolov4-p6@0.375"})
  void networksByNameAreTheSame(int size, int stages, String name) {
    Scale scale = Scale.parse(name.substring(name.indexOf('@') + 1));
    ScaledNetwork network = new ScaledNetwork(size, stages, scale, 7);
    NetworkCost named = NetworkCost.of(Models.named(name, 7), size, size);
    assertThat(network.cost().parameters()).isEqualTo(named.parameters());
    assertThat(network.cost().flops()).isEqualTo(named.flops());
    assertThat(network.cost().fields()).isEqualTo(named.fields());
  }

  /** Section 4.3: with the operations of P5, P6 and P7 as budgets, the search finds them. */
  @ParameterizedTest
  @CsvSource({"330, 896, 5, 1", "720, 1280, 6, 1", "1640, 1536, 7, 1.25"})
  void theSearchFindsThePapersNetworks(double gigaflop, int size, int stages, double width) {
    Answer answer = SEARCH.search(Budget.flops(gigaflop));
    assertThat(answer.best().network())
        .isEqualTo(new ScaledNetwork(size, stages, new Scale(width, 1), 80));
  }

  @ParameterizedTest
  @ValueSource(doubles = {30, 150, 800, 4000})
  void equalTimesGiveEqualAnswersWithinTheBudget(double milliseconds) {
    Budget budget = Budget.latency(milliseconds, TIMES);
    Answer answer = SEARCH.search(budget);
    assertThat(SEARCH.search(Budget.latency(milliseconds, TIMES))).isEqualTo(answer);
    assertThat(answer.best().cost()).isLessThanOrEqualTo(milliseconds);
    for (Proposal proposal : answer.widest()) {
      assertThat(proposal.cost())
          .isLessThanOrEqualTo(milliseconds)
          .isEqualTo(proposal.counts().milliseconds(TIMES));
      ScaledNetwork network = proposal.network();
      Scale wider = new Scale(network.scale().width() + 0.125, 1);
      if (wider.width() <= 2) {
        ScaledNetwork next = new ScaledNetwork(network.size(), network.stages(), wider, 80);
        assertThat(next.cost().milliseconds(TIMES)).isGreaterThan(milliseconds);
      }
    }
  }

  @Test
  void moreTimeNeverGivesASmallerInput() {
    int before = 0;
    for (double milliseconds : List.of(20.0, 100.0, 500.0, 2500.0, 12000.0)) {
      int size = SEARCH.search(Budget.latency(milliseconds, TIMES)).best().network().size();
      assertThat(size).isGreaterThanOrEqualTo(before);
      before = size;
    }
    assertThat(before).isEqualTo(1536);
  }

  @Test
  void smallBudgetsShrinkDepthThenWidth() {
    ScaledNetwork smallest = new ScaledNetwork(256, 5, Scale.ONE, 80);
    double whole = smallest.cost().flops() / 1e9;
    Scale shallow = SEARCH.search(Budget.flops(0.9 * whole)).best().network().scale();
    assertThat(shallow.width()).isEqualTo(1);
    assertThat(shallow.depth()).isLessThan(1);
    Scale narrow = SEARCH.search(Budget.flops(0.1 * whole)).best().network().scale();
    assertThat(narrow.width()).isLessThan(1);
    assertThat(narrow.depth()).isEqualTo(1 / 3.0);
  }

  @Test
  void impossibleBudgetsAreRefused() {
    assertThatThrownBy(() -> SEARCH.search(Budget.latency(0.001, TIMES)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("scaling: no network fits a budget of 0.001000 ms: the smallest")
        .hasMessageContaining("256x256, 5 stages, width 0.125, depth 0.333, costs")
        .hasMessageEndingWith("; allow at least that");
    assertThatThrownBy(() -> Budget.flops(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scaling: a budget of 0.0 GFLOP is wrong: it must be above 0");
    assertThatThrownBy(() -> new ScaledNetwork(896, 4, Scale.ONE, 80))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new ScaledNetwork(900, 5, Scale.ONE, 80))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("a multiple of 32");
  }

  private static LayerCost convolution(int taps, int stride, int pixels, int in, int out) {
    Shape input = Shape.of(1, pixels * stride, stride, in);
    Shape output = Shape.of(1, pixels, 1, out);
    return new LayerCost("%1", Kind.CONVOLUTION, taps, stride, 1, input, output, 1, 1);
  }

  private static MeasuredTimes.Sample sample(LayerCost layer, double nanosecondsEach) {
    return new MeasuredTimes.Sample(layer, layer.multiplyAdds() * nanosecondsEach / 1e6);
  }

  @Test
  void layersTakeTheTimeOfTheirLikes() {
    List<MeasuredTimes.Sample> samples =
        List.of(
            sample(convolution(9, 1, 64, 32, 32), 1),
            sample(convolution(9, 1, 256, 64, 64), 1),
            sample(convolution(9, 2, 64, 32, 32), 2),
            sample(convolution(1, 1, 64, 32, 32), 3));
    MeasuredTimes times = new MeasuredTimes(samples, 1);
    LayerCost three = convolution(9, 1, 100, 48, 48);
    assertThat(times.milliseconds(three)).isCloseTo(three.multiplyAdds() / 1e6, within(1e-12));
    LayerCost half = convolution(9, 2, 100, 48, 48);
    assertThat(times.milliseconds(half)).isCloseTo(2 * half.multiplyAdds() / 1e6, within(1e-12));
    LayerCost one = convolution(1, 1, 100, 48, 48);
    assertThat(times.milliseconds(one)).isCloseTo(3 * one.multiplyAdds() / 1e6, within(1e-12));
    assertThat(new MeasuredTimes(samples, 1.5).milliseconds(one))
        .isCloseTo(4.5 * one.multiplyAdds() / 1e6, within(1e-12));
    // a window that was not measured goes by the convolutions nearest in channels and pixels
    assertThat(times.milliseconds(convolution(25, 1, 64, 32, 32))).isPositive();
    assertThatThrownBy(() -> new MeasuredTimes(List.of(), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void networksThatTurnOutSlowerAreReplaced() {
    MeasuredTimes times =
        new MeasuredTimes(
            List.of(
                sample(convolution(9, 1, 64, 32, 32), 0.01),
                sample(convolution(1, 1, 64, 32, 32), 0.01)),
            1);
    CompoundScaling.Tried honest =
        SEARCH.searchAndRun(500, times, network -> network.cost().milliseconds(times), 3);
    assertThat(honest.confirmed()).isTrue();
    assertThat(honest.trials()).hasSize(1);
    CompoundScaling.Tried slower =
        SEARCH.searchAndRun(500, times, network -> 1.5 * network.cost().milliseconds(times), 3);
    assertThat(slower.confirmed()).isTrue();
    assertThat(slower.trials().getFirst().proposal()).isEqualTo(honest.answer().best());
    assertThat(slower.trials().getFirst().measured()).isGreaterThan(500);
    assertThat(slower.trials().getLast().measured()).isLessThanOrEqualTo(500);
    assertThat(slower.answer().best().counts().flops())
        .isLessThan(honest.answer().best().counts().flops());
    double[] busy = {600, 601};
    int[] runs = {0};
    CompoundScaling.Tried never = SEARCH.searchAndRun(500, times, network -> busy[runs[0]++], 2);
    assertThat(never.confirmed()).isFalse();
    assertThat(runs[0]).isEqualTo(2);
  }

  @Test
  void everyLayerOfACandidateIsMeasured() {
    ScaledNetwork network = new ScaledNetwork(64, 5, new Scale(0.125, 1 / 3.0), 1);
    MeasuredTimes times = MeasuredTimes.measure(Devices.cpu(), List.of(network), 1);
    NetworkCost cost = network.cost();
    assertThat(times.samples()).hasSameSizeAs(cost.layers());
    assertThat(times.samples().stream().mapToLong(sample -> sample.layer().multiplyAdds()).sum())
        .isEqualTo(cost.flops() / 2);
    assertThat(times.overhead()).isGreaterThan(1 - 1e-9); // one, but for rounding
    assertThat(cost.milliseconds(times)).isPositive();
  }
}
