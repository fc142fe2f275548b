package dev.peregrine.tensor.cpu.reference;

import static dev.peregrine.tensor.cpu.reference.OnReference.indices;
import static dev.peregrine.tensor.cpu.reference.OnReference.run;
import static dev.peregrine.tensor.cpu.reference.OnReference.x;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Broadcast;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Gather;
import dev.peregrine.tensor.op.Pad;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.ScatterAdd;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceMovementTest {
  private static final Tensor SIX = x("2 3", 1, 2, 3, 4, 5, 6);

  @Test
  void permuteReordersAxes() {
    assertThat(run(new Permute(List.of(1, 0)), SIX)).containsExactly(1, 4, 2, 5, 3, 6);
    // Channels first to channels last: two planes of 1x2 become two pixels of two channels.
    assertThat(run(new Permute(List.of(0, 2, 3, 1)), x("1 2 1 2", 1, 2, 10, 20)))
        .containsExactly(1, 10, 2, 20);
  }

  @Test
  void reshapeKeepsTheOrder() {
    assertThat(run(new Reshape(Shape.of(3, 2)), SIX)).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void broadcastRepeats() {
    assertThat(run(new Broadcast(Shape.of(2, 2)), x("2", 1, 2))).containsExactly(1, 2, 1, 2);
    assertThat(run(new Broadcast(Shape.of(2, 2)), x("2 1", 1, 2))).containsExactly(1, 1, 2, 2);
    assertThat(run(new Broadcast(Shape.of(2, 2)), x("", 3))).containsExactly(3, 3, 3, 3);
  }

  @Test
  void sliceTakesABoxInSteps() {
    assertThat(run(Slice.along(SIX.shape(), 1, 1, 2), SIX)).containsExactly(2, 3, 5, 6);
    assertThat(run(Slice.along(SIX.shape(), 0, 1, 1), SIX)).containsExactly(4, 5, 6);
    assertThat(run(new Slice(List.of(0, 0), List.of(2, 2), List.of(1, 2)), SIX))
        .containsExactly(1, 3, 4, 6);
  }

  @Test
  void padSurroundsAndSpreads() {
    assertThat(run(new Pad(List.of(0, 1), List.of(1, 0), List.of(1, 1), 9), SIX))
        .containsExactly(9, 1, 2, 3, 9, 4, 5, 6, 9, 9, 9, 9);
    assertThat(run(new Pad(List.of(0), List.of(1), List.of(2), 0), x("3", 1, 2, 3)))
        .containsExactly(1, 0, 2, 0, 3, 0);
  }

  @Test
  void flipReverses() {
    assertThat(run(new Flip(List.of(1)), SIX)).containsExactly(3, 2, 1, 6, 5, 4);
    assertThat(run(new Flip(List.of(0, 1)), SIX)).containsExactly(6, 5, 4, 3, 2, 1);
  }

  @Test
  void concatPutsOneAfterAnother() {
    assertThat(run(new Concat(1), SIX, x("2 1", 10, 20))).containsExactly(1, 2, 3, 10, 4, 5, 6, 20);
    assertThat(run(new Concat(0), x("1 2", 1, 2), x("2 2", 3, 4, 5, 6), x("1 2", 7, 8)))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void gatherPicksRowsAndScatterAddReturnsThem() {
    assertThat(run(new Gather(), SIX, indices(1, 0, 1))).containsExactly(4, 5, 6, 1, 2, 3, 4, 5, 6);
    assertThat(run(new ScatterAdd(3), SIX, indices(2, 2)))
        .containsExactly(0, 0, 0, 0, 0, 0, 5, 7, 9);
    assertThat(run(new Gather(), SIX, indices())).isEmpty();
  }

  @Test
  void anIndexBeyondTheRowsIsAnError() {
    assertThatThrownBy(() -> run(new Gather(), SIX, indices(0, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("gather: index 2 at position 1 does not name a row; there are rows 0 to 1");
    assertThatThrownBy(() -> run(new ScatterAdd(3), SIX, indices(-1, 0)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "scatter_add: index -1 at position 0 does not name a row; there are rows 0 to 2");
  }
}
