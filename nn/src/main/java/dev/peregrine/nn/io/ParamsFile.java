package dev.peregrine.nn.io;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's numbers in a safetensors file, under their paths, in the order of the outside world.
 *
 * <p>Filters are {@code [KH, KW, C, O]} here and {@code [O, C, KH, KW]} in files, where PyTorch and
 * darknet expect them so.
 */
public final class ParamsFile {
  private ParamsFile() {}

  /**
   * Writes a model's numbers.
   *
   * <p><b>Errors</b> {@link FormatException} if the place cannot be written; a file that was there
   * stays whole.
   *
   * @param params the numbers
   * @param metadata texts to keep with them
   * @param file where to
   */
  public static void write(Params params, Map<String, String> metadata, Path file) {
    write(params, metadata, file, FloatFormat.F32);
  }

  /**
   * Writes a model's numbers, rounded to a smaller format.
   *
   * <p><b>Errors</b> as {@link #write(Params, Map, Path)}.
   *
   * @param params the numbers
   * @param metadata texts to keep with them
   * @param file where to
   * @param format of the numbers in the file
   */
  public static void write(
      Params params, Map<String, String> metadata, Path file, FloatFormat format) {
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
    params.entries().forEach(entry -> arrays.put(entry.path(), encode(entry.value())));
    new Safetensors(arrays, metadata).write(file, format);
  }

  /**
   * Reads a model's numbers.
   *
   * <p><b>Errors</b> {@link FormatException} if an array is missing or of another shape; the model
   * is then as it was.
   *
   * @param params the model, whose arrays exist already; they are replaced
   * @param file where from
   * @return the texts of the file
   */
  public static Map<String, String> read(Params params, Path file) {
    Safetensors content = Safetensors.read(file);
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (Params.Entry entry : params.entries()) {
      values.put(entry.path(), decode(file, content, entry.path(), entry));
    }
    values.forEach(params::set);
    return content.metadata();
  }

  /**
   * Reads the texts of a file without its numbers.
   *
   * <p><b>Errors</b> {@link FormatException} if there is no such file or its header is damaged.
   *
   * @param file a safetensors file
   * @return texts by name
   */
  public static Map<String, String> metadata(Path file) {
    return Safetensors.readMetadata(file);
  }

  /**
   * Brings a tensor into the order of files.
   *
   * <p><b>Shapes</b> {@code [KH, KW, C, O]} becomes {@code [O, C, KH, KW]}; others stay.
   *
   * @param value f32 or f64
   * @return the array
   */
  public static Safetensors.Array encode(Tensor value) {
    Tensor outside =
        value.shape().rank() == 4
            ? Ops.on(value.device(), () -> Arrays.permute(value, 3, 2, 0, 1))
            : value;
    Object numbers = value.dtype() == DType.F64 ? outside.doubles() : outside.floats();
    return new Safetensors.Array(outside.shape().toArray(), numbers);
  }

  /**
   * Brings an array of a file into our order.
   *
   * <p><b>Errors</b> {@link FormatException} if it is missing, of another shape, or not of floating
   * point.
   *
   * @param file for errors
   * @param content the file's content
   * @param name the array's name
   * @param like an entry of the same type and shape
   * @return the tensor, on the device of that entry
   */
  public static Tensor decode(Path file, Safetensors content, String name, Params.Entry like) {
    Safetensors.Array array = content.arrays().get(name);
    if (array == null) {
      throw new FormatException(
          file
              + ": lacks the array '"
              + name
              + "' among its "
              + content.arrays().size()
              + "; it belongs to another model");
    }
    Shape wanted = like.value().shape();
    boolean filters = wanted.rank() == 4;
    Shape outside =
        filters ? Shape.of(wanted.dim(3), wanted.dim(2), wanted.dim(0), wanted.dim(1)) : wanted;
    Shape found = Shape.of(array.shape());
    if (!found.equals(outside)) {
      throw new FormatException(
          file
              + ": array '"
              + name
              + "' has shape "
              + found
              + " but the model takes "
              + outside
              + "; it belongs to another model, class count or width");
    }
    return decode(file, name, array, like.value());
  }

  /**
   * Brings an array of a file into our order, whatever its shape.
   *
   * <p><b>Errors</b> {@link FormatException} if it is not of floating point.
   *
   * @param file for errors
   * @param name the array's name, for errors
   * @param array the array
   * @param like a tensor of the same type
   * @return the tensor, on the device of that tensor
   */
  public static Tensor decode(Path file, String name, Safetensors.Array array, Tensor like) {
    if (!array.isFloating()) {
      throw new FormatException(
          file + ": array '" + name + "' holds whole numbers, which are not weights");
    }
    Shape outside = Shape.of(array.shape());
    Device device = like.isSymbolic() ? Ops.device() : like.device();
    return Ops.on(
        device,
        () -> {
          Tensor tensor = tensor(outside, array, like.dtype());
          return outside.rank() == 4 ? Arrays.permute(tensor, 2, 3, 1, 0) : tensor;
        });
  }

  /** Converts on the host: a file of f64 may be read to a device that does not hold f64. */
  private static Tensor tensor(Shape shape, Safetensors.Array array, DType dtype) {
    if (dtype == DType.F64) {
      return Tensor.of(
          shape, array.values() instanceof double[] doubles ? doubles : widened(array.floats()));
    }
    // What is a float in the file stays the same to the bit.
    return Tensor.of(shape, array.floats());
  }

  private static double[] widened(float[] floats) {
    double[] doubles = new double[floats.length];
    java.util.Arrays.setAll(doubles, i -> floats[i]);
    return doubles;
  }
}
