package dev.peregrine.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Mish with libtorch, as fast as it can be had.
 *
 * <p>DJL's own takes another logarithm. Libtorch's operator, which DJL does not reach, is called
 * through a TorchScript program of one line: it alone has a derivative of its own, so training
 * takes it. Without derivatives a handful of operations in place is faster.
 */
final class LibtorchMish implements AutoCloseable {
  private static final String PROGRAM =
      """
      class Mish(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def forward(self: __torch__.Mish,
          x: Tensor) -> Tensor:
          return torch.mish(x)
      """;

  private final PtSymbolBlock program;
  private final ParameterStore none;

  LibtorchMish(NDManager manager) {
    try {
      Path file = Files.createTempFile("peregrine-", ".pt");
      write(file);
      String[] names = {};
      program = JniUtils.loadModule((PtNDManager) manager, file, false, names, names, false);
      Files.delete(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    none = new ParameterStore(manager, false);
  }

  /** A TorchScript archive: an object without fields, its class, and no constants. */
  private static void write(Path file) throws IOException {
    ByteArrayOutputStream object = new ByteArrayOutputStream();
    object.writeBytes(new byte[] {(byte) 0x80, 2});
    object.writeBytes(bytes("c__torch__\nMish\n)"));
    object.write(0x81);
    object.writeBytes(bytes("}(X"));
    object.writeBytes(new byte[] {8, 0, 0, 0});
    object.writeBytes(bytes("training"));
    object.write(0x89);
    object.writeBytes(bytes("ub."));
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      entry(zip, "data.pkl", object.toByteArray());
      entry(zip, "code/__torch__.py", bytes(PROGRAM));
      entry(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      entry(zip, "version", bytes("3\n"));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(content);
    ZipEntry entry = new ZipEntry("mish/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /** With a derivative. */
  NDArray differentiable(NDArray x) {
    return program.forward(none, new NDList(x), true).singletonOrThrow();
  }

  /** Without one: {@code x (1 - q) / (1 + q)}, {@code q = sigmoid(-x)^2}. */
  static NDArray fast(NDArray x) {
    try (NDArray negative = x.neg();
        NDArray q = Activation.sigmoid(negative)) {
      q.muli(q);
      NDArray result = q.neg();
      result.addi(1);
      q.addi(1);
      result.divi(q);
      return result.muli(x);
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
