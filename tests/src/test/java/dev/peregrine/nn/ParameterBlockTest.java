package dev.peregrine.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Blend;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParameterBlockTest {
  private final Params params = Params.create(3);

  ParameterBlockTest() {
    params.get("a.weight", Params.Kind.WEIGHT, Shape.of(3, 5), Initializer.constant(1));
    params.get("a.mean", Params.Kind.STATISTIC, Shape.of(2), Initializer.constant(2));
    params.get("b.bias", Params.Kind.BIAS, Shape.of(7), Initializer.constant(3));
    params.get("b.weight", Params.Kind.WEIGHT, Shape.of(33), Initializer.constant(4));
  }

  @Test
  void arraysOfAKindAreNeighbours() {
    ParameterBlock block = params.pack();
    assertThat(block.paths()).containsExactly("a.weight", "b.weight", "b.bias", "a.mean");
    assertThat(block.ranges(path -> !path.equals("a.mean")))
        .containsExactly(
            new ParameterBlock.Range(Params.Kind.WEIGHT, 0, 16 + 48),
            new ParameterBlock.Range(Params.Kind.BIAS, 64, 80));
    assertThat(block.ranges(path -> path.startsWith("b")))
        .as("without the first weight")
        .containsExactly(
            new ParameterBlock.Range(Params.Kind.WEIGHT, 16, 64),
            new ParameterBlock.Range(Params.Kind.BIAS, 64, 80));
    assertThat(block.range(12, 18).floats()).as("gaps are 0").containsExactly(1, 1, 1, 0, 4, 4);
  }

  @Test
  void packedArraysStayTheSameTensors() {
    ParameterBlock block = params.pack();
    Tensor weight = params.entry("a.weight").value();
    assertThat(params.pack()).isSameAs(block);
    assertThat(params.entry("a.weight").value()).isSameAs(weight).isSameAs(block.get("a.weight"));
    Tensor before = block.copies("a.weight"::equals).get("a.weight");
    Tensor all = block.range(0, block.size());
    ParameterBlock.overwrite(new Blend(), List.of(all, all, block.numbers(1, 9)), List.of(all));
    assertThat(weight.floats()).containsOnly(10);
    assertThat(params.entry("a.mean").value().floats()).containsOnly(20);
    assertThat(before).isNotNull();
    assertThat(before.floats()).containsOnly(1);
  }

  @Test
  void whatIsSetOrAddedIsPackedAgain() {
    ParameterBlock block = params.pack();
    Tensor other = Tensor.of(Shape.of(2), 5, 6);
    params.set("a.mean", other);
    assertThat(params.pack()).isSameAs(block);
    assertThat(params.entry("a.mean").value()).isNotSameAs(other);
    assertThat(params.entry("a.mean").value().floats()).containsExactly(5, 6);

    params.get("c.weight", Params.Kind.WEIGHT, Shape.of(4), Initializer.constant(8));
    ParameterBlock larger = params.pack();
    assertThat(larger.isLike(block)).isFalse();
    assertThat(larger.isLike(larger.like())).isTrue();
    assertThat(params.entry("a.mean").value().floats()).containsExactly(5, 6);
    assertThat(larger.get("c.weight").floats()).containsOnly(8);
    assertThat(larger.like().get("c.weight").floats()).containsOnly(0);
  }

  @Test
  void arraysOfOneShapeMayChangePlaces() {
    Params two = Params.create(1);
    two.get("first", Params.Kind.WEIGHT, Shape.of(2), Initializer.constant(1));
    two.get("second", Params.Kind.WEIGHT, Shape.of(2), Initializer.constant(2));
    two.pack();
    Tensor first = two.entry("first").value();
    two.set("first", two.entry("second").value());
    two.set("second", first);
    two.pack();
    assertThat(two.entry("first").value().floats()).containsOnly(2);
    assertThat(two.entry("second").value().floats()).containsOnly(1);
  }

  @Test
  void refusesUnknownArraysAndOtherShapes() {
    ParameterBlock block = params.pack();
    assertThatThrownBy(() -> block.get("none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no none");
    // A single number and another type too, which operations would spread and convert.
    for (Tensor other :
        List.of(
            Tensor.of(Shape.of(3), 1, 2, 3),
            Tensor.of(Shape.of(1), 1),
            Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(2), new double[2])))) {
      assertThatThrownBy(() -> block.put("a.mean", other))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("a.mean is");
    }
  }
}
