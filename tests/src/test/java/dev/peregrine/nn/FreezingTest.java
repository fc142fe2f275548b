package dev.peregrine.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FreezingTest {
  private final Params params = Params.create(0);

  FreezingTest() {
    Tensor x = Tensor.full(Spec.f32(1, 2, 2, 3), 1);
    for (String room : List.of("stem", "csp.0", "csp.1", "head")) {
      Layers.convBn(params.at(room), x, 4, 1, 1, Unary.Kind.MISH);
    }
  }

  private List<String> frozen() {
    return params.entries().stream()
        .filter(Params.Entry::frozen)
        .map(entry -> entry.path().replaceFirst("\\.[a-z]+$", ""))
        .distinct()
        .toList();
  }

  @Test
  void theFirstLayers() {
    assertThat(Freezing.apply(params, "0")).isZero();
    assertThat(Freezing.apply(params, "2")).isEqualTo(10);
    assertThat(frozen()).containsExactly("stem", "csp.0");
    assertThatThrownBy(() -> Freezing.apply(params, "99"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("'99' freezes every layer");
  }

  @Test
  void byTheBeginningOfThePath() {
    assertThat(Freezing.apply(params, "csp., head.")).isEqualTo(15);
    assertThat(frozen()).containsExactly("csp.0", "csp.1", "head");
    for (String wrong : List.of("neck.", "csp.,", "-1")) {
      assertThatThrownBy(() -> Freezing.apply(params, wrong))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("no array's path begins with")
          .hasMessageContaining("stem.weight");
    }
  }

  /** A file says how layers normalise where it matters for running, and nothing else. */
  @ParameterizedTest
  @EnumSource(LayerStyle.Kind.class)
  void stylesInTexts(LayerStyle.Kind kind) {
    LayerStyle style = new LayerStyle(kind, 8, 4, 0.1, 5, 0.1, 0.1, true);
    LayerStyle read = LayerStyle.parse(style.describe());
    assertThat(style.describe().isEmpty()).isEqualTo(kind.runsAsBatch());
    assertThat(read.normalization()).isEqualTo(kind.runsAsBatch() ? LayerStyle.Kind.BATCH : kind);
    assertThat(read.groups()).isEqualTo(kind.runsAsBatch() ? 32 : 8);
    assertThat(read.dropPath()).isZero();
    assertThatThrownBy(() -> LayerStyle.parse(Map.of("normalization", "loud")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("'loud'");
    assertThatThrownBy(() -> LayerStyle.PLAIN.droppingPaths(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dropPath is 1.0");
  }
}
