package dev.peregrine.tensor.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShapeTest {
  private static final Shape MAP = Shape.of(2, 5, 7, 3);

  @Test
  void shapesCompareByValue() {
    assertThat(Shape.of(2, 5, 7, 3))
        .isEqualTo(MAP)
        .hasSameHashCodeAs(MAP)
        .hasToString("[2, 5, 7, 3]");
    assertThat(Shape.of(List.of(2, 5, 7, 3))).isEqualTo(MAP);
    assertThat(Shape.of(2, 5, 7)).isNotEqualTo(MAP);
    assertThat(Shape.of(1)).isNotEqualTo(Shape.of());
    assertThat(Spec.f32(2, 3))
        .isEqualTo(new Spec(DType.F32, Shape.of(2, 3)))
        .hasToString("f32[2, 3]");
  }

  @Test
  void aShapeKeepsItsOwnExtents() {
    int[] extents = {2, 3};
    Shape shape = Shape.of(extents);
    extents[0] = 9;
    shape.toArray()[1] = 9;
    assertThat(shape).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void rowsTimesChannelsIsTheSize() {
    assertThat(MAP.rank()).isEqualTo(4);
    assertThat(MAP.size()).isEqualTo(210);
    assertThat(MAP.rows()).isEqualTo(70);
    assertThat(MAP.channels()).isEqualTo(3);
    assertThat(Shape.of().size()).isEqualTo(1);
    assertThat(Shape.of().rows()).isEqualTo(1);
    assertThat(Shape.of().channels()).isEqualTo(1);
    assertThat(Shape.of(9).rows()).isEqualTo(1);
    assertThat(Shape.of(4, 0).size()).isZero();
    assertThat(new Spec(DType.F64, MAP).bytes()).isEqualTo(1680);
  }

  @Test
  void axesCountFromBothEnds() {
    assertThat(MAP.dim(0)).isEqualTo(2);
    assertThat(MAP.dim(-1)).isEqualTo(3);
    assertThat(MAP.axis(-4)).isZero();
    assertThat(MAP.with(-2, 9)).isEqualTo(Shape.of(2, 5, 9, 3));
    assertThat(MAP.strides()).containsExactly(105, 21, 3, 1);
    assertThatThrownBy(() -> MAP.dim(4))
        .isInstanceOf(ShapeException.class)
        .hasMessage("shape: axis 4 of [2, 5, 7, 3] does not exist; its axes are 0 to 3");
    assertThatThrownBy(() -> MAP.axis(-5)).isInstanceOf(ShapeException.class);
  }

  @Test
  void extentsAreNotNegativeAndTheSizeFitsAnInt() {
    assertThatThrownBy(() -> Shape.of(2, -1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("shape: extent -1 in [2, -1] is negative; every extent is 0 or more");
    assertThatThrownBy(() -> Shape.of(65536, 65536))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "shape: [65536, 65536] has more than 2^31 - 1 elements, the most one tensor holds");
    assertThat(Shape.of(Integer.MAX_VALUE).size()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void broadcastingAlignsAtTheLastAxis() {
    assertThat(Shape.broadcast(MAP, Shape.of(3))).isEqualTo(MAP);
    assertThat(Shape.broadcast(Shape.of(), MAP)).isEqualTo(MAP);
    assertThat(Shape.broadcast(Shape.of(5, 1, 3), Shape.of(2, 1, 7, 1))).isEqualTo(MAP);
    assertThat(Shape.broadcast(Shape.of(1), Shape.of(0))).isEqualTo(Shape.of(0));
    assertThatThrownBy(() -> Shape.broadcast(MAP, Shape.of(7, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "broadcast: [2, 5, 7, 3] and [7, 2] differ at axis -1 (3 against 2); aligned at the"
                + " last axis, extents are equal or one of them is 1");
  }
}
