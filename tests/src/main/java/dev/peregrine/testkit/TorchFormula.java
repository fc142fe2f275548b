package dev.peregrine.testkit;

import dev.peregrine.testkit.FormulaWeights.Congruential;
import dev.peregrine.testkit.FormulaWeights.SplitMix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;

/**
 * Weights made by a formula for networks of PyTorch: one stream of SplitMix64 over the floats of a
 * state dict, as a table of its tensors says.
 *
 * <p><b>Formula</b> with {@code r} in [-1, 1): {@code convX}: {@code r sqrt(3 X / fan_in)}; {@code
 * bias} and {@code mean}: {@code 0.1 r}; {@code var}: {@code 1 + 0.25 (r + 1)}; {@code scaleB}:
 * {@code B (1 + 0.1 r)}; {@code kept} tensors take nothing.
 */
public final class TorchFormula {
  private TorchFormula() {}

  /**
   * One tensor.
   *
   * @param name its name in the state dict
   * @param shape its extents, outermost first
   * @param fill how it is filled
   */
  public record Row(String name, List<Integer> shape, String fill) {}

  /**
   * Reads a table.
   *
   * @param file columns of which the first two are key and shape and one is named fill
   * @return one row a tensor
   */
  public static List<Row> read(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      int fill = List.of(lines.getFirst().split("\t", -1)).indexOf("fill");
      return lines.stream()
          .skip(1)
          .map(line -> line.split("\t", -1))
          .map(fields -> new Row(fields[0], shape(fields[1]), fields[fill]))
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<Integer> shape(String text) {
    return text.equals("scalar")
        ? List.of()
        : Arrays.stream(text.split("x", -1)).map(Integer::valueOf).toList();
  }

  /**
   * Another stream, of which each array has its own.
   *
   * @param array the array's number, from 0
   * @return numbers in [-1, 1)
   */
  public static DoubleSupplier congruential(int array) {
    return new Congruential(array)::next;
  }

  /**
   * Makes the numbers.
   *
   * @param rows the table
   * @param seed of the stream
   * @param half whether they are rounded to half precision
   * @param sink receives each filled tensor's name and numbers
   */
  public static void fill(
      List<Row> rows, long seed, boolean half, BiConsumer<String, float[]> sink) {
    SplitMix random = new SplitMix(seed);
    for (Row row : rows) {
      if (!row.fill().equals("kept")) {
        float[] values =
            new float[row.shape().stream().mapToInt(i -> i).reduce(1, Math::multiplyExact)];
        DoubleSupplier next = next(row, random);
        for (int i = 0; i < values.length; i++) {
          float value = (float) next.getAsDouble();
          values[i] = half ? Float.float16ToFloat(Float.floatToFloat16(value)) : value;
        }
        sink.accept(row.name(), values);
      }
    }
  }

  private static DoubleSupplier next(Row row, SplitMix random) {
    String kind = row.fill().replaceAll("[0-9.]", "");
    String number = row.fill().replaceAll("[a-z]", "");
    double factor = number.isEmpty() ? 0 : Double.parseDouble(number);
    return switch (kind) {
      case "conv" -> {
        List<Integer> shape = row.shape();
        double amplitude = Math.sqrt(3 * factor / (shape.get(1) * shape.get(2) * shape.get(3)));
        yield () -> amplitude * random.signed();
      }
      case "bias", "mean" -> () -> 0.1 * random.signed();
      case "var" -> () -> 1 + 0.25 * (random.signed() + 1);
      case "scale" -> () -> factor * (1 + 0.1 * random.signed());
      default -> throw new IllegalArgumentException("no such fill: " + row.fill());
    };
  }
}
