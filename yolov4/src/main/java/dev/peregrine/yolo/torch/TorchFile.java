package dev.peregrine.yolo.torch;

import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A checkpoint of PyTorch: {@code .pt} and {@code .pth}, as a zip archive or in the form before
 * 1.6, holding a state dict, a pickled network, or a dict with either.
 *
 * <p>Such a file is a program in Python's pickle language. Here it is only looked at: nothing that
 * it names is loaded or called.
 *
 * <p><b>Cost</b> the file is mapped, not copied, and the numbers of a tensor are read when they are
 * asked for. Whatever a file claims, unpacking it takes at most 16 times its length, all tensors
 * together at most 16 times, and all that is allocated meanwhile at most 300 times and 256 KiB.
 */
public final class TorchFile {
  private final String name;
  private final Object content;
  private final Map<String, TorchTensor> tensors;

  private TorchFile(String name, MemorySegment bytes) {
    this.name = name;
    this.content = Container.read(name, bytes);
    this.tensors = CheckpointTensors.of(name, content, bytes.byteSize());
  }

  /**
   * Reads a file, which must not change as long as its tensors are in use.
   *
   * <p><b>Errors</b> {@link FormatException} if it is missing, damaged, of another format, or holds
   * no tensors.
   *
   * @param file the checkpoint
   * @return its content
   */
  public static TorchFile read(Path file) {
    if (Files.isDirectory(file)) {
      throw new FormatException(file + ": is a folder, not a PyTorch checkpoint");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      // Unmapped with the last tensor that looks at it.
      MemorySegment bytes =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      return new TorchFile(file.toString(), bytes);
    } catch (NoSuchFileException missing) {
      throw new FormatException(file + ": there is no such file", missing);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  /**
   * Reads the bytes of a file.
   *
   * <p><b>Errors</b> as {@link #read}.
   *
   * @param name for errors
   * @param bytes the whole file, which must not change afterwards
   * @return its content
   */
  public static TorchFile parse(String name, byte[] bytes) {
    return new TorchFile(name, MemorySegment.ofArray(bytes));
  }

  /**
   * Writes a state dict, which {@code torch.load} reads with {@code weights_only=True} too.
   *
   * <p><b>Errors</b> {@link FormatException} if the place cannot be written; a file that was there
   * stays whole.
   *
   * @param tensors by name; their order is kept
   * @param file where to, in a folder that exists
   */
  public static void write(Map<String, TorchTensor> tensors, Path file) {
    try {
      WholeFile.send(file, channel -> write(tensors, stem(file), channel));
    } catch (IOException failure) {
      throw new FormatException(
          file + " cannot be written (" + failure + "): the folder must exist and be writable",
          failure);
    }
  }

  /** A file's name without its ending, which PyTorch calls the folder in the archive. */
  private static String stem(Path file) {
    String last = String.valueOf(file.getFileName());
    int dot = last.lastIndexOf('.');
    return dot > 0 ? last.substring(0, dot) : last;
  }

  private static void write(Map<String, TorchTensor> tensors, String stem, FileChannel channel)
      throws IOException {
    ZipWriter zip = new ZipWriter(channel, stem);
    zip.add("data.pkl", MemorySegment.ofArray(StateDictPickle.of(tensors)));
    // In the order of their keys as texts, where 10 comes before 2.
    Map<String, TorchTensor> byKey = new TreeMap<>();
    for (TorchTensor tensor : tensors.values()) {
      byKey.put(String.valueOf(byKey.size()), tensor);
    }
    for (Map.Entry<String, TorchTensor> entry : byKey.entrySet()) {
      zip.add("data/" + entry.getKey(), entry.getValue().contiguous());
    }
    zip.add("version", MemorySegment.ofArray(new byte[] {'3', '\n'}));
    zip.finish();
  }

  /**
   * Returns the named tensors: those of the moving average where the file has one.
   *
   * @return in the order of the file; buffers such as running means are among them
   */
  public Map<String, TorchTensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * Reads the numbers of all named tensors.
   *
   * <p><b>Errors</b> {@link FormatException} for a tensor that repeats elements.
   *
   * @return extents and numbers by name
   */
  public Map<String, Safetensors.Array> arrays() {
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
    tensors.forEach((path, tensor) -> arrays.put(path, tensor.array()));
    return arrays;
  }

  /**
   * Returns the network whose tensors these are, with its attributes, such as {@code yaml}.
   *
   * @return the outermost module; nothing if the file holds a state dict only
   */
  public Optional<PickledObject> module() {
    return CheckpointTensors.module(content);
  }

  /**
   * Returns all that the file says, which callers must not change.
   *
   * @return a {@code Map} for a dict, a {@code List} for a list or tuple, {@code String}, {@code
   *     Long}, {@code BigInteger}, {@code Double}, {@code Boolean}, {@code byte[]}, {@link
   *     TorchTensor}, {@link PickledName} for a class or None, or {@link PickledObject}; it may
   *     contain itself
   */
  public Object content() {
    return content;
  }

  @Override
  public String toString() {
    return name + ": " + tensors.size() + " tensors";
  }
}
