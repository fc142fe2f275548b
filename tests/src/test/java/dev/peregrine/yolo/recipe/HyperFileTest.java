package dev.peregrine.yolo.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HyperFileTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("hyp.yaml"), text);
  }

  @Test
  void namesOfThePyTorchProgramsAreUnderstood() throws IOException {
    HyperFile file =
        HyperFile.read(
            file("# a comment\nlr0: 0.012  # rate\ngiou: 0.05\niou_t: 0.2\nhsv_h: 0\nmixup: 1\n"));
    assertThat(file.values())
        .isEqualTo(Map.of("lr0", "0.012", "box", "0.05", "hsv_h", "0", "mixup", "1"));
    assertThat(file.ignored()).containsExactly("iou_t");
  }

  @ParameterizedTest
  @CsvSource({
    "'learning: 1', no recipe has a number 'learning'",
    "'lr0: fast', lr0 must be a number",
    "'- 1', does not describe hyper-parameters",
    "'lr0: [', not valid YAML"
  })
  void faultsAreTold(String text, String message) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> HyperFile.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("hyp.yaml")
        .hasMessageContaining(message);
  }

  @Test
  void aMissingFileIsTold() {
    Path file = folder.resolve("none.yaml");
    assertThatThrownBy(() -> HyperFile.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("none.yaml cannot be read");
  }
}
