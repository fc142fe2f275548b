package dev.peregrine.bench;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The layers of the networks that the benchmarks run: {@code layers.txt}. */
final class Layers {
  private Layers() {}

  /**
   * Reads the file.
   *
   * @return the distinct layers of all networks, in the order of each network
   */
  static List<Layer> all() {
    try (InputStream in = Layers.class.getResourceAsStream("layers.txt")) {
      if (in == null) {
        throw new FormatException("layers.txt: is missing beside the classes of bench");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(Layer::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("layers.txt: cannot be read", e);
    }
  }

  /**
   * Chooses the layers of one network.
   *
   * <p><b>Errors</b> {@link FormatException} if there is no such network.
   *
   * @param net its name, with or without the size: {@code csp} or {@code csp@512}
   * @return its layers
   */
  static List<Layer> of(String net) {
    List<Layer> all = all();
    List<Layer> found =
        all.stream()
            .filter(layer -> layer.net().equals(net) || layer.net().startsWith(net + "@"))
            .toList();
    if (found.isEmpty()) {
      throw new FormatException(
          "layers.txt: has no network '"
              + net
              + "'; it has "
              + all.stream().map(Layer::net).distinct().toList());
    }
    return found;
  }
}
