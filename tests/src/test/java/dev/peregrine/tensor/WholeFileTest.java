package dev.peregrine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.architecture.Sources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @TempDir Path folder;

  @Test
  void aFileIsReplacedAtOnce() throws IOException {
    Path file = folder.resolve("a.txt");
    WholeFile.write(file, "old");
    Files.writeString(WholeFile.beside(file), "left by a killed program, and longer");
    WholeFile.send(
        file,
        channel -> {
          channel.write(ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8)));
          assertThat(file).hasContent("old");
        });
    assertThat(file).hasContent("new");
    assertThat(WholeFile.beside(file)).doesNotExist();
  }

  @Test
  void aFailureLeavesWhatWas() throws IOException {
    Path file = folder.resolve("a.txt");
    WholeFile.write(file, "old");
    assertThatThrownBy(() ->
            WholeFile.make(
                file,
                beside -> {
                  Files.writeString(beside, "half");
                  throw new IOException("the disk is full");
                }))
        .isInstanceOf(IOException.class)
        .hasMessage("the disk is full");
    assertThatThrownBy(() ->
            WholeFile.send(
                file,
                _ -> {
                  throw new IllegalStateException("a fault");
                }))
        .hasMessage("a fault");
    assertThat(file).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
    Path occupied = Files.createDirectories(folder.resolve("b/c")).getParent();
    assertThatThrownBy(() -> WholeFile.write(occupied, "text")).isInstanceOf(IOException.class);
    assertThat(WholeFile.beside(occupied)).doesNotExist();
  }

  /** Nobody else renames in a way of its own. */
  @Test
  void thereIsOneWay() throws IOException {
    try (Stream<Path> files = Files.walk(Sources.root())) {
      assertThat(
              files
                  .filter(file -> file.toString().contains("/src/main/java/"))
                  .filter(file -> file.toString().endsWith(".java"))
                  .filter(file -> read(file).contains("ATOMIC_MOVE")))
          .singleElement()
          .asString()
          .endsWith("WholeFile.java");
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }
}
