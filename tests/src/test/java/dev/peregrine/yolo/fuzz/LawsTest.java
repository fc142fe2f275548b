package dev.peregrine.yolo.fuzz;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import org.junit.jupiter.api.Test;

/** The laws catch who breaks them. */
class LawsTest {
  @Test
  void aRefusalIsASentence() {
    assertThatCode(() -> hold(() -> refuse("evil: is none"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> hold(() -> refuse("x".repeat(10_001))))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("10001 characters");
    assertThatThrownBy(() -> hold(() -> refuse(" "))).isInstanceOf(AssertionError.class);
  }

  @Test
  void nothingElseIsThrown() {
    assertThatThrownBy(() -> hold(() -> Integer.parseInt("x")))
        .isInstanceOf(NumberFormatException.class);
  }

  @Test
  void whatIsAllocatedIsBounded() {
    byte[][] kept = new byte[1][];
    assertThatCode(() -> hold(() -> kept[0] = new byte[100_000])).doesNotThrowAnyException();
    assertThatThrownBy(() -> hold(() -> kept[0] = new byte[8_000_000]))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("for a file of 10, where");
  }

  @Test
  void aLoadedClassIsSeen() {
    try {
      assertThatThrownBy(() -> hold(() -> System.setProperty(Laws.SPRUNG, "yes")))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("a class that the file names");
    } finally {
      System.clearProperty(Laws.SPRUNG);
    }
  }

  private static void hold(Runnable reading) {
    Laws.hold(10, 1000, 1 << 18, reading);
  }

  private static void refuse(String message) {
    throw new FormatException(message);
  }
}
