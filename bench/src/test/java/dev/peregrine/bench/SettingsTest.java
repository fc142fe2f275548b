package dev.peregrine.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.shape.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the main classes understand, and how they refuse the rest. */
class SettingsTest {
  private static Settings of(String... arguments) {
    return Settings.of(arguments, "net=tiny batch=1 only=");
  }

  @Test
  void argumentsReplaceDefaults() {
    Settings settings = of("batch=12", "only=a=b");
    assertThat(settings.number("batch")).isEqualTo(12);
    assertThat(settings.text("net")).isEqualTo("tiny");
    assertThat(settings.text("only")).isEqualTo("a=b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "two", "1.5", "9999999999"})
  void aNumberIsWholeAndPositive(String text) {
    assertThatThrownBy(() -> of("batch=" + text).number("batch"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("batch=" + text + " is wrong");
  }

  @ParameterizedTest
  @ValueSource(strings = {"=", "batch", "bath=1", ""})
  void whatIsNoSettingIsRefused(String argument) {
    assertThatThrownBy(() -> of(argument))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("there are, with their defaults");
  }

  @Test
  void aSweepOfNothingIsRefused() {
    assertThatThrownBy(() -> Sweep.main(new String[] {"only=none such"}))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no such layer");
  }

  /** In a sentence of its own, not by the failure of a process that measures. */
  @ParameterizedTest
  @ValueSource(strings = {"net=none", "kind=none", "batch=0", "rounds=0"})
  void aChoiceOfNothingIsRefused(String argument) {
    assertThatThrownBy(() -> KernelChoice.main(new String[] {argument}))
        .isInstanceOfAny(FormatException.class, ShapeException.class)
        .hasMessageContaining(argument.substring(argument.indexOf('=') + 1));
  }
}
