package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Moment;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of a cfg that change training alone. */
class CfgTrainingKeysTest {
  private final Tensor image = Arrays.uniform(Spec.f32(2, 32, 64, 3), 1);

  private Params params(CfgModel model) {
    Params params = Params.create(3);
    model.forward(params, image);
    return params;
  }

  private static Layer.Dropout dropout(String keys) {
    CfgFile cfg = SmallCfg.with("probability=.25", "probability=.25\n" + keys);
    return (Layer.Dropout) cfg.layers().get(7);
  }

  @Test
  void dropblockHasASize() {
    assertThat(dropout("").blockSize()).isZero();
    assertThat(dropout("dropblock=0\ndropblock_size_abs=5").blockSize()).isZero();
    assertThat(dropout("dropblock=1").blockSize()).isEqualTo(7);
    assertThat(dropout("dropblock=1\ndropblock_size_abs=3").blockSize()).isEqualTo(3);
    assertThat(dropout("dropblock=1\ndropblock_size_rel=.25").blockSize()).isEqualTo(4);
    assertThatThrownBy(() -> dropout("dropblock=1\ndropblock_size_rel=1.5"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("dropblock_size_rel=1.5 must be between 0 and 1");
  }

  /** What is cleared grows over the run, in squares of at most the size. */
  @Test
  void dropblockClearsSquaresWhileTraining() {
    CfgModel model =
        new CfgModel(
            SmallCfg.with("probability=.25", "probability=.9\ndropblock=1\ndropblock_size_abs=4"));
    Params params = params(model);
    params.training(true);
    int[] cleared = new int[2];
    for (int i = 0; i < 2; i++) {
      params.moment(new Moment(1, 0, true, i));
      List<Tensor> outputs = model.layers(params, image);
      float[] before = outputs.get(6).floats();
      float[] after = outputs.get(7).floats();
      for (int k = 0; k < after.length; k++) {
        cleared[i] += after[k] == 0 && before[k] != 0 ? 1 : 0;
      }
    }
    assertThat(cleared[0]).isZero();
    // Two pictures of eight channels, at most sixteen values in each.
    assertThat(cleared[1]).isBetween(16, 256);
  }

  /** Both ways to ask for it normalise the second mini-batch of a step by the first one too. */
  @ParameterizedTest
  @ValueSource(strings = {"batch_normalize=2", "batch_normalize=1\ncbn=1"})
  void statisticsOfAllMiniBatches(String keys) {
    CfgFile cfg = SmallCfg.with("batch_normalize=1\nactivation=leaky", keys + "\nactivation=leaky");
    assertThat(((Layer.Convolutional) cfg.layers().get(0)).crossMiniBatch()).isTrue();
    assertThat(((Layer.Convolutional) cfg.layers().get(5)).crossMiniBatch()).isFalse();
    CfgModel model = new CfgModel(cfg);
    CfgModel plain = new CfgModel(SmallCfg.cfg());
    Params params = params(model).training(true);
    params.moment(new Moment(0, 0, true, 1));
    model.forward(params, image);
    params.commit();
    params.moment(new Moment(0, 1, false, 1));
    Tensor other = image.times(3);
    float[] together = model.layers(params, other).getFirst().floats();
    assertThat(plain.layers(params, other).getFirst().floats()).isNotEqualTo(together);
    LayerStyle style = LayerStyle.PLAIN.normalizing(LayerStyle.Kind.CROSS_MINI_BATCH);
    assertThat(plain.layers(params.with(style), other).getFirst().floats()).isEqualTo(together);
  }

  /** A number above 1 holds until that iteration. */
  @ParameterizedTest
  @CsvSource({"0, 4, true", "1, 4, false", "1, 5, false", "5, 4, false", "5, 5, true"})
  void noGradientGoesBackBeyondAStop(int until, int step, boolean passes) {
    CfgModel model =
        new CfgModel(SmallCfg.with("filters=14\n", "filters=14\nstopbackward=" + until + "\n"));
    Params params = params(model).training(true).step(0, step);
    try (Tape tape = Tape.watching(params)) {
      List<Tensor> heads = tape.record(() -> model.forward(params, image));
      List<Tensor> seeds = heads.stream().map(h -> Tensor.full(h.spec(), 1)).toList();
      Adjoints adjoints = tape.backward(heads, seeds);
      assertThat(adjoints.reaches(params.entry("layer.8.weight").value())).isTrue();
      assertThat(adjoints.reaches(params.entry("layer.5.weight").value())).isEqualTo(passes);
    }
  }
}
