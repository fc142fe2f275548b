package dev.peregrine.yolo.box;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BoxTest {
  @Test
  void extents() {
    Box box = new Box(-10, 5, 30, 45);
    assertThat(box.width()).isEqualTo(40);
    assertThat(box.height()).isEqualTo(40);
    assertThat(box.area()).isEqualTo(1600);
    assertThat(box.clip(20, 100)).isEqualTo(new Box(0, 5, 20, 45));
    assertThat(new Box(3, 3, 1, 1).area()).isZero();
    assertThat(Box.ofCenter(10, 20, 4, 6)).isEqualTo(new Box(8, 17, 12, 23));
  }

  @Test
  void detectionReadsAsOneLine() {
    Detection dog = new Detection(16, "dog", 0.934f, new Box(130.6f, 218.2f, 309.5f, 541));
    assertThat(dog).hasToString("dog 0.93 [131, 218, 310, 541] px");
  }
}
